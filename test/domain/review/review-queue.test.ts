import { describe, expect, it } from "vitest";
import { decideDifferent } from "../../../src/domain/decision/decide-different.ts";
import { linkPatients } from "../../../src/domain/link/link-patients.ts";
import { mergePatients } from "../../../src/domain/merge/merge-patients.ts";
import { listQueue, type QueueFilter } from "../../../src/domain/review/list-queue.ts";
import { openTestIndex, type TestIndex } from "../../support/test-index.ts";
import { scorePairs } from "../../support/scored-pairs.ts";

const context = { user: "ann", operation: "REVIEW_LIST" };

const list = async (index: TestIndex, filter: QueueFilter = {}, order: "best" | "oldest" = "best") =>
  (await listQueue(index.db, context, { filter, order, limit: 50, offset: 0 })).entries;

const ids = (entries: readonly { readonly id: string }[]) => entries.map((entry) => entry.id);

describe("the queue", () => {
  it("holds open pairs, the best first or the oldest first, a page at a time, with a total", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add({ name: "Hale, Nora" }), await index.add(), await index.add()];
    const [ab, ac, bc] = await scorePairs(index, [a, b, 0.7], [a, c, 0.9], [b, c, 0.8]);
    await index.sql`update patient_match_scores set calculated_at = '2026-01-01' where id = ${bc!}`;
    expect(ids(await list(index))).toEqual([ac, bc, ab]);
    expect(ids(await list(index, {}, "oldest"))[0]).toBe(bc);
    const page = await listQueue(index.db, context, { filter: {}, order: "best", limit: 1, offset: 1 });
    expect(page).toMatchObject({ total: 3, totalIsExact: true });
    expect(ids(page.entries)).toEqual([bc]);
    const [best] = await list(index);
    expect(best).toMatchObject({ kind: "duplicate", state: "pending" });
    expect([best!.aName, best!.bName].sort()).toEqual(["Hale, Nora", null]);
  });

  it("leaves out what is answered already: one person, decided between the persons, retired or deleted records", async () => {
    const index = await openTestIndex();
    const [a, b, c, d, e, f] = await Promise.all(Array.from({ length: 6 }, () => index.add()));
    const [, , bd, , cd] = await scorePairs(
      index,
      [a!, b!, 0.9],
      [a!, c!, 0.9],
      [b!, d!, 0.9],
      [e!, f!, 0.9],
      [c!, d!, 0.9],
    );
    await index.act((tx) => linkPatients(tx, { a: a!, b: b!, reason: null }));
    await index.act((tx) =>
      decideDifferent(tx, { a: a!, b: c!, origin: "review", reason: null, thirds: "release" }),
    );
    await index.sql`update patients set deleted_at = now() where id = ${f!}`;
    expect(ids(await list(index)).sort()).toEqual([bd, cd].sort());
    await index.act((tx) => mergePatients(tx, { sources: [d!], survivor: e!, reason: null }));
    expect(await list(index)).toEqual([]);
  });

  it("filters by kind, score, source, organization and assignment", async () => {
    const index = await openTestIndex();
    const [org] = await index.sql<
      { id: string }[]
    >`insert into organizations (name) values ('Clinic') returning id`;
    const a = await index.add({ source: { system: "lab", id: "1" } });
    const b = await index.add({ managingOrganizationId: org!.id });
    const c = await index.add();
    const [ab, ac, bc] = await scorePairs(index, [a, b, 0.9], [a, c, 0.6], [b, c, 0.7]);
    await index.sql`update patient_match_scores set assigned_to = 'ann' where id = ${bc!}`;
    await index.sql`update patient_match_scores set kind = 'conflict' where id = ${ac!}`;
    expect(ids(await list(index, { kinds: ["conflict"] }))).toEqual([ac]);
    expect(ids(await list(index, { minScore: 0.65, maxScore: 0.8 }))).toEqual([bc]);
    expect(ids(await list(index, { source: { system: "lab" } }))).toEqual([ab, ac]);
    expect(ids(await list(index, { source: { system: "lab", records: [a] } }))).toEqual([ab, ac]);
    expect(ids(await list(index, { organizationId: org!.id }))).toEqual([ab, bc]);
    expect(ids(await list(index, { assignedTo: "ann" }))).toEqual([bc]);
  });

  it("brings decisions back whose basis changed, and shows updates that were kept back first", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add({ gender: "male" }), await index.add(), await index.add()];
    const [ab] = await scorePairs(index, [a, b, 0.9]);
    await index.act((tx) => decideDifferent(tx, { a, b, origin: "review", reason: null, thirds: "release" }));
    expect(await list(index)).toEqual([]);
    await index.sql`update patients set gender = 'female' where id = ${a}`;
    await index.sql`update patient_match_scores set kind = 'basis_changed'`;
    await index.sql`insert into patient_quarantine (patient_id, kind, payload, fields, origin) values (${c}, 'overlay', '{}', '{family}', 'csv')`;
    const entries = await list(index);
    expect(entries).toMatchObject([
      { kind: "overlay", aId: c, bId: null, score: null, fields: ["family"] },
      { kind: "basis_changed", id: ab, state: "rejected" },
    ]);
    expect(await list(index, { kinds: ["overlay"] })).toHaveLength(1);
    expect(await list(index, { minScore: 0.1 })).toHaveLength(1);
  });

  it("writes down whose data a list showed", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add(), await index.add()];
    await scorePairs(index, [a, b, 0.9]);
    await list(index);
    const reads =
      await index.sql`select entity_id, user_id from audit_log where action = 'READ' order by entity_id`;
    expect(reads.map((row) => row["entity_id"] as string)).toEqual([a, b].sort());
  });
});
