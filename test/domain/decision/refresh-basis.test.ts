import { describe, expect, it } from "vitest";
import { decideDifferent } from "../../../src/domain/decision/decide-different.ts";
import { decideSame } from "../../../src/domain/decision/decide-same.ts";
import { refreshBasis } from "../../../src/domain/decision/refresh-basis.ts";
import { mergePatients } from "../../../src/domain/merge/merge-patients.ts";
import { openTestIndex, type TestIndex } from "../../support/test-index.ts";

const decided = async () => {
  const index = await openTestIndex();
  const a = await index.add({ name: "Hale, Nora", birthDate: "1980-01-02", identifiers: [{ value: "A-1" }] });
  const b = await index.add({
    name: "Hale, Nora",
    birthDate: "1980-01-03",
    contacts: [{ value: "202-555-0101" }],
  });
  await index.act((tx) =>
    decideDifferent(tx, { a, b, origin: "review", reason: "twins", thirds: "release" }),
  );
  return { index, a, b };
};

const pairs = ({ sql }: TestIndex) =>
  sql`select state, kind, decided_by from patient_match_scores order by id`;

const stands = { state: "rejected", kind: "duplicate", decided_by: "steward" };
const returns = { state: "rejected", kind: "basis_changed", decided_by: "steward" };

describe("section 5: a decision keeps a fingerprint of the values it was based on", () => {
  it.each<[string, (index: TestIndex, a: string, b: string) => Promise<unknown>]>([
    ["a name", ({ sql }, a) => sql`update patient_names set family = 'Hill' where patient_id = ${a}`],
    [
      "a further name",
      ({ sql }, a) => sql`insert into patient_names (patient_id, family) values (${a}, 'Hill')`,
    ],
    ["a suffix", ({ sql }, a) => sql`update patient_names set suffix = '{Jr}' where patient_id = ${a}`],
    [
      "the birth date",
      ({ sql }, _a, b) => sql`update patients set birth_date = '1980-01-02' where id = ${b}`,
    ],
    [
      "the birth date's precision",
      ({ sql }, a) => sql`update patients set birth_date_precision = 'year' where id = ${a}`,
    ],
    ["the gender", ({ sql }, a) => sql`update patients set gender = 'male' where id = ${a}`],
    [
      "an identifier",
      ({ sql }, a) => sql`update patient_identifiers set value = 'A-2' where patient_id = ${a}`,
    ],
    [
      "an identifier that is gone",
      ({ sql }, a) => sql`delete from patient_identifiers where patient_id = ${a}`,
    ],
  ])("%s that changed brings the pair back, and the decision stands", async (_title, change) => {
    const { index, a, b } = await decided();
    await change(index, a, b);
    expect(await index.act((tx) => refreshBasis(tx, [a, b]))).toBe(1);
    expect(await pairs(index)).toEqual([returns]);
  });

  it.each<[string, (index: TestIndex, a: string, b: string) => Promise<unknown>]>([
    [
      "case, accents and punctuation",
      ({ sql }, a) => sql`update patient_names set family = 'HÁLE.' where patient_id = ${a}`,
    ],
    [
      "the spelling of an identifier",
      ({ sql }, a) => sql`update patient_identifiers set value = 'a 1' where patient_id = ${a}`,
    ],
    [
      "a telephone",
      ({ sql }, _a, b) => sql`update patient_contacts set value = '202-555-0199' where patient_id = ${b}`,
    ],
    [
      "a move of house",
      ({ sql }, a) => sql`insert into patient_addresses (patient_id, city) values (${a}, 'Troy')`,
    ],
    ["marriage", ({ sql }, a) => sql`update patients set marital_status = 'M' where id = ${a}`],
    ["nothing", () => Promise.resolve()],
  ])("%s does not", async (_title, change) => {
    const { index, a, b } = await decided();
    await change(index, a, b);
    expect(await index.act((tx) => refreshBasis(tx, [a, b]))).toBe(0);
    expect(await pairs(index)).toEqual([stands]);
  });

  it("is right again when the values are again what they were", async () => {
    const { index, a } = await decided();
    await index.sql`update patients set gender = 'male' where id = ${a}`;
    await index.act((tx) => refreshBasis(tx, [a]));
    await index.sql`update patients set gender = null where id = ${a}`;
    await index.act((tx) => refreshBasis(tx, [a]));
    expect(await pairs(index)).toEqual([stands]);
  });

  it("is not called into question by what a merge brings", async () => {
    const { index, a } = await decided();
    const c = await index.add({ name: "Hale, Eleanora", identifiers: [{ value: "C-1" }] });
    await index.act((tx) => mergePatients(tx, { sources: [c], survivor: a, reason: null }));
    expect(await index.sql`select kind from patient_match_scores where state = 'rejected'`).toEqual([
      { kind: "duplicate" },
    ]);
  });

  it("is taken anew when the decision is made again", async () => {
    const { index, a, b } = await decided();
    await index.sql`update patients set gender = 'male' where id = ${a}`;
    await index.act((tx) => refreshBasis(tx, [a]));
    await index.act((tx) =>
      decideDifferent(tx, { a, b, origin: "review", reason: "still twins", thirds: "release" }),
    );
    expect(await pairs(index)).toEqual([stands]);
    expect(await index.act((tx) => refreshBasis(tx, [a]))).toBe(0);
  });

  it("tells nothing about other pairs with the same values", async () => {
    const index = await openTestIndex();
    const same = { name: "Hale, Nora", birthDate: "1980-01-02" };
    const ids = [];
    for (let number = 0; number < 4; number += 1) ids.push(await index.add(same));
    const [a, b, c, d] = ids as [string, string, string, string];
    await index.act((tx) => decideSame(tx, { a, b, origin: "review", reason: null }));
    await index.act((tx) => decideSame(tx, { a: c, b: d, origin: "review", reason: null }));
    const prints = await index.sql`select distinct basis_fingerprint from patient_match_scores`;
    expect(prints).toHaveLength(2);
    expect(prints[0]!["basis_fingerprint"]).toMatch(/^[0-9a-f]{64}$/);
  });
});
