import { describe, expect, it } from "vitest";
import { readAuditHistory, type AuditHistoryRequest } from "../../../src/domain/audit/audit-history.ts";
import type { ReadContext } from "../../../src/domain/audit/record-read.ts";
import { tellStories, type Story } from "../../../src/domain/audit/story.ts";
import { mergePatients } from "../../../src/domain/merge/merge-patients.ts";
import { unmergePatient } from "../../../src/domain/merge/unmerge-patient.ts";
import { openTestIndex, type TestIndex } from "../../support/test-index.ts";

const auditor: ReadContext = { user: "auditor", operation: "AUDIT_SHOW" };
const read = (index: TestIndex, request: Partial<AuditHistoryRequest>) =>
  readAuditHistory(index.db, auditor, { limit: 1000, reveal: false, ...request });
const stories = async (index: TestIndex, patient: string, more: Partial<AuditHistoryRequest> = {}) =>
  tellStories((await read(index, { patient: { kind: "id", prefix: patient }, ...more })).entries);
const merge = async (index: TestIndex, source: string, survivor: string) => {
  const { merges } = await index.act(
    (tx) => mergePatients(tx, { sources: [source], survivor, reason: "same person" }),
    { operation: "MERGE", user: "ada", reason: "same person" },
  );
  return merges[0]!.mergeId;
};
const unmerge = (index: TestIndex, mergeId: string) =>
  index.act((tx) => unmergePatient(tx, { mergeId, reason: "two persons", allowRematch: true }), {
    operation: "UNMERGE",
    reason: "two persons",
  });
const rename = (index: TestIndex, id: string, family: string) =>
  index.act((tx) => tx.execute(`update patient_names set family = '${family}' where patient_id = '${id}'`), {
    operation: "PATIENT_EDIT",
  });
/** The family names that were added or changed to, each once. */
const families = (told: readonly Story[]) => {
  const names = told
    .flatMap(({ events }) => events)
    .filter(({ kind }) => kind === "added" || kind === "changed")
    .flatMap(({ changes }) => changes)
    .filter(({ field }) => field === "family")
    .map((change) => change.new);
  return [...new Set(names)].sort();
};

describe("a patient's history", () => {
  it("tells a merge as one story: what moved, what was linked, who was retired", async () => {
    const index = await openTestIndex();
    const a = await index.add({ name: "Quillfeather, Wilma", identifiers: [{ value: "A-1" }] });
    const b = await index.add({ name: "Quillfeather, Wilma", identifiers: [{ value: "B-1" }] });
    await merge(index, a, b);
    for (const patient of [a, b]) {
      const story = (await stories(index, patient)).find(({ operation }) => operation === "MERGE");
      expect(story).toMatchObject({ userId: "ada", reason: "same person" });
      expect(story!.events.filter(({ kind }) => kind === "moved")).toEqual([
        expect.objectContaining({ what: "identifier", of: [a, b] }),
      ]);
      const links = story!.events.filter(({ what }) => what === "link");
      expect(links.map(({ kind, of }) => [kind, [...of].sort()])).toEqual([
        ["added", [a, b].sort()],
        ["added", [a, b].sort()],
      ]);
      expect(story!.events).toContainEqual(
        expect.objectContaining({
          kind: "changed",
          what: "record",
          of: [a],
          changes: expect.arrayContaining([{ field: "active", old: true, new: false }]) as unknown,
        }),
      );
    }
  });

  it("of a survivor has the whole past of the retired one, of the retired one what happened since", async () => {
    const index = await openTestIndex();
    const a = await index.add({ name: "Aaronson, Ann" });
    await rename(index, a, "Abrams");
    const b = await index.add({ name: "Bachmann, Ann" });
    const stranger = await index.add({ name: "Stranger, Sue" });
    await merge(index, a, b);
    await rename(index, b, "Becker");
    expect(families(await stories(index, b))).toEqual(["Aaronson", "Abrams", "Bachmann", "Becker"]);
    expect(families(await stories(index, a))).toEqual(["Aaronson", "Abrams", "Becker"]);
    // The name that the retired record bore last came along.
    expect(families(await stories(index, b, { isAlone: true }))).toEqual(["Abrams", "Bachmann", "Becker"]);
    expect(families(await stories(index, stranger))).toEqual(["Stranger"]);
  });

  it("follows chains up and down, and not to others that were merged into the same record", async () => {
    const index = await openTestIndex();
    const [a, b, c, d] = [
      await index.add({ name: "Aaronson, Ann" }),
      await index.add({ name: "Bachmann, Ann" }),
      await index.add({ name: "Carver, Ann" }),
      await index.add({ name: "Dunn, Ann" }),
    ];
    await merge(index, a, b);
    await merge(index, d, b);
    await merge(index, b, c);
    await rename(index, c, "Clark");
    expect(families(await stories(index, c))).toEqual(["Aaronson", "Bachmann", "Carver", "Clark", "Dunn"]);
    // What came to the record in charge of it from another is part of its story; where that came from is not.
    expect(families(await stories(index, a))).toEqual(["Aaronson", "Clark", "Dunn"]);
  });

  it("of a merge that was taken back has the time between alone, the taking back included", async () => {
    const index = await openTestIndex();
    const a = await index.add({ name: "Aaronson, Ann" });
    const b = await index.add({ name: "Bachmann, Ann" });
    const mergeId = await merge(index, a, b);
    await rename(index, b, "Becker");
    await unmerge(index, mergeId);
    await rename(index, b, "Benson");
    await rename(index, a, "Adler");
    expect(families(await stories(index, a))).toEqual(["Aaronson", "Adler", "Becker"]);
    expect(families(await stories(index, b))).toEqual(["Bachmann", "Becker", "Benson"]);
    for (const patient of [a, b]) {
      const told = (await stories(index, patient)).map(({ operation }) => operation);
      expect(told.filter((operation) => operation === "UNMERGE")).toHaveLength(1);
      const back = (await stories(index, patient)).find(({ operation }) => operation === "UNMERGE");
      expect(back!.events).toContainEqual(
        expect.objectContaining({
          of: [a],
          changes: expect.arrayContaining([{ field: "active", old: false, new: true }]) as unknown,
        }),
      );
    }
  });
});

describe("reading the history", () => {
  it("goes page by page without gaps or repetitions, while others write", async () => {
    const index = await openTestIndex();
    for (let n = 0; n < 7; n += 1) await index.add({ name: `Aaronson, Ann${String(n)}` });
    const whole = (await read(index, { user: "steward" })).entries.map(({ id }) => id);
    const seen: number[] = [];
    let before: string | null | undefined;
    while (before !== null) {
      const page = await read(index, {
        user: "steward",
        limit: 4,
        ...(before === undefined ? {} : { before }),
      });
      seen.push(...page.entries.map(({ id }) => id));
      before = page.nextBefore;
      await index.add({ name: "Late, Larry" });
    }
    expect(seen).toEqual(whole);
  });

  it("is recorded for every patient and organization shown, also in a list", async () => {
    const index = await openTestIndex();
    const a = await index.add({ name: "Aaronson, Ann" });
    const b = await index.add({ name: "Bachmann, Ann" });
    const [org] = await index.sql<
      { id: string }[]
    >`insert into organizations (name) values ('General') returning id`;
    await read(index, {});
    const reads = await index.sql`
      select entity_type, entity_id, user_id, operation from audit_log where action = 'READ' order by entity_type, entity_id`;
    const row = (entity_type: string, entity_id: string) => ({
      entity_type,
      entity_id,
      user_id: "auditor",
      operation: "AUDIT_SHOW",
    });
    expect(reads).toEqual([row("organization", org!.id), ...[a, b].sort().map((id) => row("patient", id))]);
  });

  it("of one patient is recorded for the records that it follows, also where nothing is left to show", async () => {
    const index = await openTestIndex();
    const a = await index.add({ name: "Aaronson, Ann" });
    const b = await index.add({ name: "Bachmann, Ann" });
    await merge(index, a, b);
    await read(index, { patient: { kind: "id", prefix: b }, operation: "NOTHING" });
    const reads = await index.sql<
      { id: string }[]
    >`select entity_id as id from audit_log where action = 'READ'`;
    expect(reads.map(({ id }) => id).sort()).toEqual([a, b].sort());
  });

  it("shows an organization's history by a prefix of its id, and nothing of its patients", async () => {
    const index = await openTestIndex();
    const [org] = await index.sql<
      { id: string }[]
    >`insert into organizations (name) values ('General') returning id`;
    await index.sql`insert into organization_contacts (organization_id, system, value) values (${org!.id}, 'phone', '1')`;
    await index.add({ name: "Aaronson, Ann", managingOrganizationId: org!.id });
    const { entries } = await read(index, { organization: org!.id.slice(0, 13) });
    expect(entries.map(({ tableName }) => tableName)).toEqual(["organization_contacts", "organizations"]);
  });

  it.each([
    "yesterday",
    "2026-11-01T08:30:00.000000Z",
    "2026-11-01T08:30:00.000000Z/x",
    "1; drop table audit_log",
  ])("takes no cursor but its own: %s", async (before) => {
    const index = await openTestIndex();
    expect(() => read(index, { before })).toThrow(expect.objectContaining({ code: "usage" }));
  });
});
