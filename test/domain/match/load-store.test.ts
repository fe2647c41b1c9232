import { describe, expect, it } from "vitest";
import { withCopyConnection } from "../../../src/db/copy.ts";
import { loadDomainFacts, loadStore } from "../../../src/domain/match/load-store.ts";
import { toMatchRecord } from "../../../src/domain/match/to-match-record.ts";
import { getPatientRecord } from "../../../src/domain/patient/get-patient-record.ts";
import { defaultModel } from "../../../src/matching/model/default-model.ts";
import { normaliseRecord } from "../../../src/matching/normal-record.ts";
import type { MatchRecord } from "../../../src/matching/record.ts";
import { encodeRecords } from "../../../src/matching/store/encode-records.ts";
import { oddRecord } from "../../support/odd-records.ts";
import { readContent } from "../../support/store-content.ts";
import { openTestIndex, type Invented } from "../../support/test-index.ts";
import { fc } from "../../support/properties.ts";

const signal = new AbortController().signal;
const formerly = (current: boolean) => (current ? null : "old");

/** An odd record as somebody would add it. */
function inventOdd(record: Omit<MatchRecord, "id">, number: number): Invented {
  return {
    gender: record.gender,
    multipleBirth: record.birthOrder === null ? record.multipleBirth : true,
    birthOrder: record.birthOrder,
    motherName: record.motherName,
    motherIdentifier: record.motherIdentifier,
    ...(record.birthDate === null ? {} : { birthDate: record.birthDate }),
    names: record.names.map(({ family, given, suffix, current }) => ({
      family,
      given,
      suffix,
      use: formerly(current),
    })),
    identifiers: record.identifiers.map(({ type, system, value, current }) => ({
      type,
      system,
      value,
      use: formerly(current),
    })),
    addresses: record.addresses.map(({ line1, line2, city, postalCode, current }) => ({
      line1,
      line2,
      city,
      postalCode,
      use: formerly(current),
    })),
    contacts: record.contacts.map(({ system, value, current }) => ({
      system,
      value,
      use: formerly(current),
    })),
    source: { system: record.sourceSystem ?? "clinic", id: String(number) },
  };
}

describe("loading the records of an index", () => {
  it("gives what reading them one by one gives, in order of id, and leaves deleted ones out", async () => {
    const index = await openTestIndex();
    const stored: string[] = [];
    for (const [number, record] of fc.sample(oddRecord, { numRuns: 60, seed: 11 }).entries()) {
      // Some of it is nothing a database takes: empty values, an identifier twice.
      const id = await index.add(inventOdd(record, number)).catch(() => null);
      if (id !== null) stored.push(id);
    }
    expect(stored.length).toBeGreaterThan(20);
    const [deleted, ...kept] = stored;
    await index.act(
      (tx) => tx.execute(`update patients set deleted_at = now(), deleted_by = 'x' where id = '${deleted!}'`),
      { operation: "PATIENT_DELETE" },
    );
    const ids = kept.toSorted();
    const { database, db } = index;
    const loaded = await loadStore(db, database.target, defaultModel, signal);
    const domains = await loadDomainFacts(db);
    const national = new Set(defaultModel.nationalIdentifierTypes);
    const records = await index.act((tx) => Promise.all(ids.map((id) => getPatientRecord(tx, id))));
    const expected = records.map((record) => normaliseRecord(toMatchRecord(record, domains), national));
    expect(ids.map((_, row) => loaded.ids.get(row))).toEqual(ids);
    expect(readContent(loaded.store)).toEqual(readContent(encodeRecords(expected)));
  }, 60_000);

  it("fails with the server's error, and leaves the connection fit for the next statement", async () => {
    const { database } = await openTestIndex();
    await withCopyConnection(database.target, async (connection) => {
      const copy = (statement: string, visit: () => void) => connection.copyRows(statement, 1, visit);
      const rows = "copy (select i from generate_series(1, 50000) i) to stdout (format binary)";
      await expect(copy("copy (select 1 / 0) to stdout (format binary)", () => undefined)).rejects.toThrow();
      const late = "copy (select 1 / (40000 - i) from generate_series(1, 50000) i) to stdout (format binary)";
      await expect(copy(late, () => undefined)).rejects.toThrow();
      const failing = () => {
        throw new TypeError("A visitor failed.");
      };
      await expect(copy(rows, failing)).rejects.toThrow("A visitor failed.");
      expect(await copy(rows, () => undefined)).toBe(50_000);
      expect(await connection.query("select 1 as one")).toEqual([{ one: 1 }]);
    });
  });
});
