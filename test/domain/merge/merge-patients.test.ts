import { describe, expect, it } from "vitest";
import { decideDifferent } from "../../../src/domain/decision/decide-different.ts";
import { decideSame } from "../../../src/domain/decision/decide-same.ts";
import { linkPatients } from "../../../src/domain/link/link-patients.ts";
import { applyToSurvivor } from "../../../src/domain/merge/apply-to-survivor.ts";
import { mergePatients, type MergeResult } from "../../../src/domain/merge/merge-patients.ts";
import type { MergeRequest } from "../../../src/domain/merge/merge-one.ts";
import { parseRecordReference, resolveRecord } from "../../../src/domain/patient/resolve-record.ts";
import { inventContent, openTestIndex, type TestIndex } from "../../support/test-index.ts";
import { listValues, takeSnapshot } from "./snapshot.ts";

type Options = Partial<Omit<MergeRequest, "sources" | "survivor">> & {
  readonly dryRun?: boolean;
  readonly user?: string;
};

const merge = (
  index: TestIndex,
  sources: string | readonly string[],
  survivor: string,
  { dryRun = false, user = "steward", ...more }: Options = {},
): Promise<MergeResult> =>
  index.act(
    (tx) =>
      mergePatients(tx, {
        sources: typeof sources === "string" ? [sources] : sources,
        survivor,
        reason: "same person",
        ...more,
      }),
    { dryRun, user, operation: "MERGE", reason: "same person" },
  );

const different = (index: TestIndex, a: string, b: string) =>
  index.act((tx) => decideDifferent(tx, { a, b, origin: "review", reason: "twins", thirds: "release" }));

const conflict = (reason: string) => ({ code: "conflict", details: { reason } });

describe("M1: each side resolves to exactly one record", () => {
  it("names a record by id, by identifier or by a unique prefix; none is not found, several are ambiguous", async () => {
    const index = await openTestIndex();
    await index.sql`insert into identifier_domains (code, system, name) values ('MRN', 'urn:test:mrn', 'Number')`;
    const a = await index.add({ identifiers: [{ value: "77" }] });
    const b = await index.add({ identifiers: [{ value: "78" }] });
    await index.add({ identifiers: [{ value: "78" }] });
    const resolve = (text: string) => resolveRecord(index.db, parseRecordReference(text));
    expect(await resolve(a)).toBe(a);
    expect(await resolve(a.slice(0, 13))).toBe(a);
    expect(await resolve("MRN:77")).toBe(a);
    await expect(resolve("MRN:79")).rejects.toMatchObject({ code: "not-found" });
    await expect(resolve("MRN:78")).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(b) as string,
    });
    await index.sql`
      insert into patients (id) values ('abcdef00-0000-4000-8000-000000000001'), ('abcdef00-0000-4000-8000-000000000002')`;
    await expect(resolve("abcdef00")).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("abcdef00-0000-4000-8000-000000000002") as string,
    });
    await expect(resolve("abcdef01")).rejects.toMatchObject({ code: "not-found" });
    const nobody = "00000000-0000-4000-8000-000000000000";
    await expect(merge(index, nobody, b)).rejects.toMatchObject({ code: "not-found" });
    await expect(merge(index, b, nobody)).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("M2: a record is never merged into itself", () => {
  it("refuses, also where it is one of several", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add(), await index.add()];
    await expect(merge(index, a, a)).rejects.toMatchObject({
      code: "usage",
      details: { reason: "same-record" },
    });
    await expect(merge(index, [b, a], a)).rejects.toMatchObject({
      code: "usage",
      details: { reason: "same-record" },
    });
    await expect(merge(index, [b, b], a)).rejects.toMatchObject({ code: "usage" });
    expect(await index.sql`select 1 from patient_merges`).toHaveLength(0);
  });
});

describe("M3: the survivor is in use, and the source was not retired before", () => {
  it("refuses a survivor that is inactive, deleted or replaced", async () => {
    const index = await openTestIndex();
    const [a, inactive, deleted, replaced, c] = await Promise.all([1, 2, 3, 4, 5].map(() => index.add()));
    await index.sql`update patients set active = false where id = ${inactive!}`;
    await index.sql`update patients set deleted_at = now() where id = ${deleted!}`;
    await merge(index, replaced!, c!);
    await expect(merge(index, a!, inactive!)).rejects.toMatchObject(conflict("inactive"));
    await expect(merge(index, a!, deleted!)).rejects.toMatchObject(conflict("deleted"));
    await expect(merge(index, a!, replaced!)).rejects.toMatchObject({
      ...conflict("retired"),
      hint: expect.stringContaining(c!) as string,
    });
  });

  it("refuses a source that is deleted, or merged into another", async () => {
    const index = await openTestIndex();
    const [a, b, c, deleted] = await Promise.all([1, 2, 3, 4].map(() => index.add()));
    await index.sql`update patients set deleted_at = now() where id = ${deleted!}`;
    await merge(index, a!, b!);
    await expect(merge(index, deleted!, b!)).rejects.toMatchObject(conflict("deleted"));
    await expect(merge(index, a!, c!)).rejects.toMatchObject(conflict("retired"));
  });

  it("takes a source that its hospital no longer uses", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add(), await index.add()];
    await index.sql`update patients set active = false where id = ${a}`;
    expect((await merge(index, a, b)).merges).toHaveLength(1);
  });
});

describe("M4: one transaction does everything, or nothing happened", () => {
  it("retires the source, writes both links, moves rows by id, closes the pair, joins the persons, and audits", async () => {
    const index = await openTestIndex();
    const a = await index.add({ name: "Hale, Nora", contacts: [{ value: "202-555-0101" }] });
    const b = await index.add({ name: "Hale, Nora", contacts: [{ value: "202-555-0102" }] });
    const [moved] =
      await index.sql`select id, created_at::text from patient_contacts where patient_id = ${a}`;
    const [first, second] = [a, b].sort();
    await index.sql`insert into patient_match_scores (patient_id, candidate_id, total_score) values (${first!}, ${second!}, 0.9)`;
    const { merges } = await merge(index, a, b);
    const { mergeId } = merges[0]!;

    expect(await index.sql`select active from patients where id = ${a}`).toEqual([{ active: false }]);
    expect(
      await index.sql`select patient_id, other_patient_id, link_type, origin, merge_id from patient_links order by link_type`,
    ).toEqual([
      { patient_id: a, other_patient_id: b, link_type: "replaced_by", origin: "merge", merge_id: mergeId },
      { patient_id: b, other_patient_id: a, link_type: "replaces", origin: "merge", merge_id: mergeId },
    ]);
    expect(
      await index.sql`select id, created_at::text, origin_patient_id, merge_id from patient_contacts where patient_id = ${b} and value = '202-555-0101'`,
    ).toEqual([{ ...moved, origin_patient_id: a, merge_id: mergeId }]);
    expect(await index.sql`select state, merge_id, decided_by from patient_match_scores`).toEqual([
      { state: "merged", merge_id: mergeId, decided_by: "steward" },
    ]);
    expect(await index.sql`select distinct enterprise_id from patients`).toHaveLength(1);
    const audit = await index.sql`
      select table_name, action, count(*)::int from audit_log where operation = 'MERGE' group by 1, 2 order by 1, 2`;
    expect(
      audit.map((row) => `${row["table_name"] as string} ${row["action"] as string} ${String(row["count"])}`),
    ).toEqual([
      "patient_contacts DELETE 1",
      "patient_contacts INSERT 1",
      "patient_links INSERT 4",
      "patient_match_scores UPDATE 2",
      "patient_merges INSERT 2",
      "patients UPDATE 2",
    ]);
  });

  it("leaves nothing behind when its last statement fails", async () => {
    const index = await openTestIndex();
    const a = await index.add({ name: "Hale, Nora", contacts: [{ value: "202-555-0101" }] });
    const b = await index.add({ name: "Hale, Nora" });
    const before = await takeSnapshot(index);
    await index.sql.unsafe(`
      create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
      create trigger refuse before insert on patient_merges for each row execute function refuse()`);
    await expect(merge(index, a, b)).rejects.toThrow();
    expect(await takeSnapshot(index)).toEqual(before);
    expect(await index.sql`select 1 from audit_log where operation = 'MERGE'`).toHaveLength(0);
  });
});

describe("M5: nothing is lost", () => {
  it("moves an identifier that the survivor lacks and makes it old; one that it has stays", async () => {
    const index = await openTestIndex();
    const a = await index.add({ identifiers: [{ value: "A-1", use: "official" }, { value: "shared 9" }] });
    const b = await index.add({ identifiers: [{ value: "B-1" }, { value: "SHARED-9" }] });
    await merge(index, a, b);
    expect(await listValues(index, "identifiers", a)).toEqual(["shared 9"]);
    expect(await listValues(index, "identifiers", b)).toEqual(["A-1 (old)", "B-1", "SHARED-9"]);
  });

  it("makes it old also where the survivor has no identifier of its own", async () => {
    const index = await openTestIndex();
    const a = await index.add({ identifiers: [{ value: "A-1", use: "official" }] });
    const b = await index.add();
    await merge(index, a, b);
    expect(await listValues(index, "identifiers", b)).toEqual(["A-1 (old)"]);
  });

  it("keeps the use where the steward says so", async () => {
    const index = await openTestIndex();
    const a = await index.add({ identifiers: [{ value: "A-1", use: "official" }] });
    const b = await index.add({ identifiers: [{ value: "B-1" }] });
    await merge(index, a, b, { keepUses: ["identifiers"] });
    expect(await listValues(index, "identifiers", b)).toEqual(["A-1 (official)", "B-1"]);
  });

  it("leaves an identifier alone that the survivor carries under another type", async () => {
    const index = await openTestIndex();
    const a = await index.add({ identifiers: [{ type: "SSN", system: "urn:x", value: "5" }] });
    const b = await index.add({ identifiers: [{ type: "TAX", system: "urn:x", value: "5" }] });
    const { merges } = await merge(index, a, b);
    expect(merges[0]!.rows).toMatchObject([{ action: "stay", reason: "survivor has it under another type" }]);
    expect(await listValues(index, "identifiers", a)).toEqual(["5"]);
  });

  it("compares names, addresses and contacts after normalisation", async () => {
    const index = await openTestIndex();
    const a = await index.add({
      names: [
        { family: "GARCÍA-LÓPEZ", given: ["María"], isPrimary: true },
        { family: "Lopez", given: ["Mary"], use: "maiden" },
      ],
      addresses: [
        { line1: "12 Main Street", city: "Springfield", postalCode: "01101" },
        { line1: "9 Elm St", city: "Troy" },
      ],
      contacts: [
        { value: "+1 (202) 555-0101" },
        { system: "email", value: "Nora@Example.org" },
        { value: "202-555-0199" },
      ],
    });
    const b = await index.add({
      names: [{ family: "Garcia Lopez", given: ["maria"], isPrimary: true }],
      addresses: [{ line1: "12 MAIN ST.", city: "SPRINGFIELD", postalCode: "01101", use: "home" }],
      contacts: [{ value: "202.555.0101" }, { system: "email", value: "nora@example.org" }],
    });
    const { merges } = await merge(index, a, b);
    const actions = merges[0]!.rows.map((row) => `${row.table} ${row.action} ${row.useType ?? "-"}`);
    expect(actions.sort()).toEqual([
      "addresses move old",
      "addresses stay -",
      "contacts move old",
      "contacts stay -",
      "contacts stay -",
      "names move maiden",
      "names stay -",
    ]);
  });

  it("keeps two names that only romanise alike apart", async () => {
    const index = await openTestIndex();
    const a = await index.add({ names: [{ family: "王", given: ["芳"], isPrimary: true }] });
    const b = await index.add({ names: [{ family: "汪", given: ["芳"], isPrimary: true }] });
    const { merges } = await merge(index, a, b);
    expect(merges[0]!.rows).toMatchObject([{ action: "move", isPrimary: false }]);
  });

  it("keeps the use of a contact where the survivor has none of its kind", async () => {
    const index = await openTestIndex();
    const a = await index.add({ contacts: [{ value: "202-555-0101", use: "mobile" }] });
    const b = await index.add({ contacts: [{ system: "email", value: "n@example.org" }] });
    await merge(index, a, b);
    expect(await listValues(index, "contacts", b)).toEqual(["202-555-0101 (mobile)", "n@example.org"]);
  });
});

describe("M6: conflicts of single values", () => {
  it("shows both values, the winner and why, and writes the winner", async () => {
    const index = await openTestIndex();
    const a = await index.add({
      gender: "male",
      birthDate: "1980-01-02",
      maritalStatus: "M",
      deceased: true,
    });
    const b = await index.add({ gender: "female", birthDate: "1980-02-01" });
    const { merges } = await merge(index, a, b, { keep: { gender: a } });
    const shown = Object.fromEntries(merges[0]!.fields.map((field) => [field.field, field]));
    expect(shown).toMatchObject({
      gender: { a: { gender: "male" }, b: { gender: "female" }, winner: "a", reason: "chosen" },
      birthDate: {
        a: { birthDate: "1980-01-02" },
        b: { birthDate: "1980-02-01" },
        winner: "b",
        reason: "survivor",
      },
      maritalStatus: { winner: "a", reason: "only-value" },
      deceased: { winner: "a", reason: "deceased-anywhere" },
    });
    expect(
      await index.sql`select gender, birth_date::text, marital_status, deceased from patients where id = ${b}`,
    ).toEqual([{ gender: "male", birth_date: "1980-02-01", marital_status: "M", deceased: true }]);
  });

  it("refuses a choice that would bring the dead back to life", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add({ deceased: true }), await index.add()];
    await expect(merge(index, a, b, { keep: { deceased: b } })).rejects.toMatchObject(
      conflict("deceased-anywhere"),
    );
  });
});

describe("M7: no link points from a record to itself", () => {
  it("takes the links between the two away, and keeps those to others", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add(), await index.add(), await index.add()];
    await index.act((tx) => linkPatients(tx, { a, b, reason: null }));
    await index.act((tx) => linkPatients(tx, { a, b: c, reason: null }));
    const { merges } = await merge(index, a, b);
    expect(merges[0]!.linksTaken).toHaveLength(1);
    const links =
      await index.sql`select patient_id, other_patient_id, link_type from patient_links order by link_type`;
    expect(links).toEqual([
      { patient_id: a, other_patient_id: b, link_type: "replaced_by" },
      { patient_id: b, other_patient_id: a, link_type: "replaces" },
      { patient_id: a, other_patient_id: c, link_type: "seealso" },
    ]);
  });

  it("is what the database sees to, whoever writes one", async () => {
    const index = await openTestIndex();
    const a = await index.add();
    await expect(
      index.sql`insert into patient_links (patient_id, other_patient_id, link_type) values (${a}, ${a}, 'seealso')`,
    ).rejects.toMatchObject({ constraint_name: "patient_links_self_check" });
  });
});

describe("M8: repeating a merge", () => {
  it("answers that it is merged already, unless that is enough", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add(), await index.add(), await index.add()];
    await merge(index, a, b);
    await merge(index, b, c);
    await expect(merge(index, a, b)).rejects.toMatchObject(conflict("already-merged"));
    await expect(merge(index, a, c)).rejects.toMatchObject(conflict("already-merged"));
    expect(await merge(index, a, c, { ifNeeded: true })).toMatchObject({ merges: [], alreadyMerged: [a] });
    expect(await index.sql`select 1 from patient_merges`).toHaveLength(2);
  });
});

describe("M9: a dry run and a plan", () => {
  it("shows the same as the merge then does, and changes nothing", async () => {
    const index = await openTestIndex();
    const a = await index.add({ name: "Hale, Nora", gender: "female", identifiers: [{ value: "A-1" }] });
    const b = await index.add({ name: "Hale, N.", identifiers: [{ value: "B-1" }] });
    const before = await takeSnapshot(index);
    const dry = await merge(index, a, b, { dryRun: true });
    expect(await takeSnapshot(index)).toEqual(before);
    const real = await merge(index, a, b);
    const diff = ({ merges }: MergeResult) =>
      merges.map(({ source, survivor, fields, rows, linksTaken, closed, persons }) => ({
        source,
        survivor,
        fields,
        rows,
        linksTaken,
        closed,
        persons: persons.map((change) => [
          change.recordId,
          change.before.enterpriseId,
          change.after.enterpriseId,
        ]),
      }));
    expect(diff(real)).toEqual(diff(dry));
  });

  it("refuses where a record has changed since, children included", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add({ contacts: [{ value: "202-555-0101" }] }), await index.add()];
    const { versions } = await merge(index, a, b, { dryRun: true });
    await index.sql`update patient_contacts set value = '202-555-0109' where patient_id = ${a}`;
    await expect(merge(index, a, b, { versions })).rejects.toMatchObject(conflict("stale"));
    const again = await merge(index, a, b, { dryRun: true });
    expect((await merge(index, a, b, { versions: again.versions })).merges).toHaveLength(1);
  });
});

describe("M10: decisions forbid whole persons to be joined", () => {
  it("refuses merging, linking and deciding same where any two of their records are different", async () => {
    const index = await openTestIndex();
    const [a, a2, b, b2] = await Promise.all([1, 2, 3, 4].map(() => index.add()));
    await index.act((tx) => linkPatients(tx, { a: a!, b: a2!, reason: null }));
    await index.act((tx) => linkPatients(tx, { a: b!, b: b2!, reason: null }));
    await different(index, a2!, b2!);
    await expect(merge(index, a!, b!)).rejects.toMatchObject(conflict("decided-different"));
    await expect(index.act((tx) => linkPatients(tx, { a: a!, b: b!, reason: null }))).rejects.toMatchObject(
      conflict("decided-different"),
    );
    await expect(
      index.act((tx) => decideSame(tx, { a: a!, b: b!, origin: "review", reason: null })),
    ).rejects.toMatchObject(conflict("decided-different"));
  });

  it("closes the old decision on override, and keeps it on its row and in the audit trail", async () => {
    const index = await openTestIndex();
    const [a, a2, b] = await Promise.all([1, 2, 3].map(() => index.add()));
    await index.act((tx) => linkPatients(tx, { a: a!, b: a2!, reason: null }));
    await different(index, a2!, b!);
    const { merges } = await merge(index, a!, b!, { override: true, user: "second" });
    expect(merges[0]!.closed).toMatchObject([{ said: "different", decidedBy: "steward" }]);
    const [first, second] = [a2!, b!].sort();
    expect(
      await index.sql`select state, decided_by, reason from patient_match_scores where patient_id = ${first!} and candidate_id = ${second!}`,
    ).toEqual([{ state: "superseded", decided_by: "steward", reason: "twins" }]);
  });
});

describe("M11: the survivor inherits the decisions of the source", () => {
  it("refuses to link the survivor with whom the source is different from", async () => {
    const index = await openTestIndex();
    const [a, b, x] = await Promise.all([1, 2, 3].map(() => index.add()));
    await different(index, a!, x!);
    await merge(index, a!, b!);
    await expect(index.act((tx) => linkPatients(tx, { a: b!, b: x!, reason: null }))).rejects.toMatchObject(
      conflict("decided-different"),
    );
  });

  it("refuses the merge where the survivor's person holds that third record as the same, and shows both decisions", async () => {
    const index = await openTestIndex();
    const [a, b, x] = await Promise.all([1, 2, 3].map(() => index.add()));
    await different(index, a!, x!);
    await index.act((tx) => linkPatients(tx, { a: b!, b: x!, reason: null }), { user: "other" });
    const sorted = (...ids: (string | undefined)[]) => [...ids].sort();
    await expect(merge(index, a!, b!)).rejects.toMatchObject({
      code: "conflict",
      details: {
        reason: "decided-different",
        decisions: [
          { records: sorted(a, x), said: "different", decidedBy: "steward" },
          { records: sorted(b, x), said: "same", decidedBy: "other" },
        ],
      },
    });
  });
});

describe("M12: chains", () => {
  it("go on without rewriting what they led to", async () => {
    const index = await openTestIndex();
    const a = await index.add({ identifiers: [{ value: "A-1" }] });
    const b = await index.add({ identifiers: [{ value: "B-1" }] });
    const c = await index.add({ identifiers: [{ value: "C-1" }] });
    await merge(index, a, b);
    const pointers = await index.sql`select * from patient_links where patient_id = ${a} order by id`;
    await merge(index, b, c);
    expect(await index.sql`select * from patient_links where patient_id = ${a} order by id`).toEqual(
      pointers,
    );
    expect(await listValues(index, "identifiers", c)).toEqual(["A-1 (old)", "B-1 (old)", "C-1"]);
    expect(await index.sql`select origin_patient_id from patient_identifiers where value = 'A-1'`).toEqual([
      { origin_patient_id: a },
    ]);
    await expect(merge(index, c, a)).rejects.toMatchObject(conflict("retired"));
  });
});

describe("M14: data that arrives for a retired record", () => {
  it("goes to the end of the chain, marked with the id that it was sent for, also in the audit trail", async () => {
    const index = await openTestIndex();
    const a = await index.add({ identifiers: [{ value: "A-1" }] });
    const [b, c] = [await index.add(), await index.add({ gender: "female" })];
    await merge(index, a, b);
    await merge(index, b, c);
    const sent = inventContent({
      gender: "male",
      maritalStatus: "M",
      identifiers: [{ value: "A-1" }],
      contacts: [{ value: "202-555-0107" }],
    });
    expect(await index.act((tx) => applyToSurvivor(tx, a, sent), { operation: "IMPORT" })).toEqual({
      inCharge: c,
      outcome: "updated",
    });
    expect(await index.sql`select patient_id, origin_patient_id, merge_id from patient_contacts`).toEqual([
      { patient_id: c, origin_patient_id: a, merge_id: null },
    ]);
    expect(await index.sql`select gender, marital_status from patients where id = ${c}`).toEqual([
      { gender: "female", marital_status: "M" },
    ]);
    expect(await index.sql`select gender from patients where id = ${a}`).toEqual([{ gender: "male" }]);
    expect(
      await index.sql`select entity_id, new_values->>'origin_patient_id' as sent from audit_log where operation = 'IMPORT' and table_name = 'patient_contacts'`,
    ).toEqual([{ entity_id: c, sent: a }]);
  });

  it("changes nothing where it says nothing new, and leaves a carried identifier old", async () => {
    const index = await openTestIndex();
    const content = {
      name: "Hale, Nora",
      identifiers: [{ value: "A-1" }],
      contacts: [{ value: "202-555-0101" }],
    };
    const [a, b] = [
      await index.add(content),
      await index.add({ name: "Hale, Nora", contacts: [{ value: "202-555-0102" }] }),
    ];
    await merge(index, a, b);
    const before = await takeSnapshot(index);
    expect(await index.act((tx) => applyToSurvivor(tx, a, inventContent(content)))).toMatchObject({
      outcome: "unchanged",
    });
    expect(await takeSnapshot(index)).toEqual(before);
  });
});

describe("M15: a merge keeps who, when, why, by which rule, and how to take it back", () => {
  it("in one row", async () => {
    const index = await openTestIndex();
    const a = await index.add({ identifiers: [{ value: "A-1", use: "official" }], gender: "male" });
    const b = await index.add();
    const [first, second] = [a, b].sort();
    await index.sql`insert into patient_match_scores (patient_id, candidate_id, total_score, match_weight, rules_fired, model_version)
      values (${first!}, ${second!}, 0.99, 12.5, '{same-ssn}', 'm/1')`;
    await merge(index, a, b, { user: "nurse" });
    const [row] =
      await index.sql`select *, now() - merged_at < interval '1 minute' as recent from patient_merges`;
    expect(row).toMatchObject({
      patient_id: a,
      survivor_id: b,
      merged_by: "nurse",
      recent: true,
      reason: "same person",
      rule: "same-ssn",
      match_weight: 12.5,
      unmerged_at: null,
      inverse: {
        wasActive: true,
        fields: [
          { field: "gender", previous: { gender: null }, applied: { gender: "male" }, originPatientId: a },
        ],
        rows: { identifiers: [{ value: "A-1", useType: "official", patientId: a }] },
      },
    });
  });
});

describe("M16: many into one", () => {
  it("is one transaction with one group id", async () => {
    const index = await openTestIndex();
    const ids = [];
    for (const value of ["A-1", "B-1", "C-1", "D-1"]) ids.push(await index.add({ identifiers: [{ value }] }));
    const [a, b, c, d] = ids as [string, string, string, string];
    const { groupId, merges } = await merge(index, [a, b, c], d);
    expect(merges.map((each) => each.source)).toEqual([a, b, c]);
    const transactions = await index.sql`
      select distinct transaction_id::text from audit_log where table_name = 'patient_merges'`;
    expect(transactions).toHaveLength(1);
    expect(await index.sql`select distinct group_id from patient_merges`).toEqual([{ group_id: groupId }]);
    expect(await listValues(index, "identifiers", d)).toEqual(["A-1 (old)", "B-1 (old)", "C-1 (old)", "D-1"]);
  });

  it("does nothing at all where one of them is refused", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add(), await index.add(), await index.add()];
    await different(index, b, c);
    const before = await takeSnapshot(index);
    await expect(merge(index, [a, b], c)).rejects.toMatchObject(conflict("decided-different"));
    expect(await takeSnapshot(index)).toEqual(before);
  });

  it("keeps the value of whichever source the steward named", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [
      await index.add({ gender: "male" }),
      await index.add({ gender: "other" }),
      await index.add({ gender: "female" }),
    ];
    await merge(index, [a, b], c, { keep: { gender: a } });
    expect(await index.sql`select gender from patients where id = ${c}`).toEqual([{ gender: "male" }]);
  });
});
