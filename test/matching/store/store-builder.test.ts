import { describe, expect, it } from "vitest";
import { normaliseRecord } from "../../../src/matching/normal-record.ts";
import { extendPlaceholders } from "../../../src/matching/normalise/placeholders.ts";
import type { MatchRecord } from "../../../src/matching/record.ts";
import { builtInPlaceholders } from "../../../src/matching/reference/placeholders.ts";
import { encodeRecords } from "../../../src/matching/store/encode-records.ts";
import { aMatchRecord, aName } from "../../support/match-records.ts";
import { oddRecord } from "../../support/odd-records.ts";
import { buildStore, readContent } from "../../support/store-content.ts";
import { fc } from "../../support/properties.ts";

const nationalTypes = new Set(["SSN", "NHS"]);
const facts: Readonly<Record<string, { isAuthoritative: boolean; isSingleValued: boolean }>> = {
  "urn:a": { isAuthoritative: true, isSingleValued: true },
  "urn:ü": { isAuthoritative: false, isSingleValued: true },
};
const domainOf = (system: string) => facts[system] ?? { isAuthoritative: false, isSingleValued: false };
const options = { nationalTypes, domainOf };
const siteList = extendPlaceholders(builtInPlaceholders, {
  version: "site",
  names: ["Anna Maria", "J Q"],
  fullNames: ["Mary Ann Smith"],
  identifiers: ["A-123456"],
  phones: ["212-555-0123"],
  emails: ["Anna@Example.org"],
  addresses: ["12 Main Street", "Springfield"],
});

const idOf = (number: number) => `${number.toString(16).padStart(8, "0")}-0000-4000-8000-0000000000ff`;

/** Records with distinct ids, in no order. */
const records = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 0xffff_ffff }), oddRecord), { minLength: 1, maxLength: 12 })
  .map((list) => [...new Map(list.map(([id, record]) => [id, { ...record, id: idOf(id) }])).values()]);

function withFacts(record: MatchRecord): MatchRecord {
  const identifiers = record.identifiers.map((each) => {
    const { isAuthoritative, isSingleValued } = domainOf(each.system);
    return { ...each, authoritative: isAuthoritative, unique: isSingleValued };
  });
  return { ...record, identifiers };
}

const inOrder = (list: readonly MatchRecord[]) => [...list].sort((a, b) => (a.id < b.id ? -1 : 1));

describe("building a store from bytes", () => {
  it.each([
    ["the built-in placeholders", builtInPlaceholders],
    ["a site's placeholders", siteList],
  ])("holds what the functions for strings say, record by record, with %s", (_, placeholders) => {
    fc.assert(
      fc.property(records, (list) => {
        const normal = inOrder(list).map((record) =>
          normaliseRecord(withFacts(record), nationalTypes, placeholders),
        );
        const built = buildStore(list, { ...options, placeholders });
        expect(readContent(built.store)).toEqual(readContent(encodeRecords(normal)));
        expect(inOrder(list).map(({ id }) => built.ids.find(id))).toEqual(list.map((__, row) => row));
        expect(list.map((__, row) => built.ids.get(row))).toEqual(inOrder(list).map(({ id }) => id));
      }),
      { numRuns: 500 },
    );
  });

  it("gives what it is given back as text where a byte order mark stands in front", () => {
    const record = aMatchRecord({ sourceSystem: "\u{feff}clinic" });
    expect(readContent(buildStore([record], options).store)).toMatchObject([{ source: "\u{feff}clinic" }]);
  });

  it("takes a value longer than any buffer", () => {
    const long = "Anna".repeat(500);
    const record = aMatchRecord({
      names: [aName(long, long)],
      identifiers: [
        {
          type: "MRN",
          system: "urn:a",
          value: "9a".repeat(400),
          current: true,
          authoritative: true,
          unique: true,
        },
      ],
      contacts: [{ system: "email", value: `${long}@example.org`, current: true }],
      addresses: [
        {
          line1: `12 ${long}`,
          line2: null,
          city: long,
          state: null,
          postalCode: null,
          country: null,
          current: true,
        },
      ],
    });
    const expected = encodeRecords([normaliseRecord(record, nationalTypes)]);
    expect(readContent(buildStore([record], options).store)).toEqual(readContent(expected));
  });
});
