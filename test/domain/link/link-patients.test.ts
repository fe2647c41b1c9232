import { describe, expect, it } from "vitest";
import { clearDecision } from "../../../src/domain/decision/clear-decision.ts";
import { decideDifferent } from "../../../src/domain/decision/decide-different.ts";
import { decideSame } from "../../../src/domain/decision/decide-same.ts";
import { refreshConflicts } from "../../../src/domain/decision/refresh-conflicts.ts";
import { undoChanges } from "../../../src/domain/decision/undo-changes.ts";
import { linkPatients } from "../../../src/domain/link/link-patients.ts";
import { unlinkPatient } from "../../../src/domain/link/unlink-patient.ts";
import { recomputePersons } from "../../../src/domain/person/recompute-persons.ts";
import { openTestIndex, type TestIndex } from "../../support/test-index.ts";

const link = (index: TestIndex, a: string, b: string, more: object = {}) =>
  index.act((tx) => linkPatients(tx, { a, b, reason: null, ...more }));

const unlink = (index: TestIndex, record: string, from?: string) =>
  index.act((tx) =>
    unlinkPatient(tx, { record, reason: "another person", ...(from === undefined ? {} : { from }) }),
  );

const enterpriseIds = async (index: TestIndex, ...ids: string[]) => {
  const rows = await index.sql<{ id: string; enterpriseId: string }[]>`
    select id, enterprise_id as "enterpriseId" from patients where id = any(${ids}::uuid[])`;
  return ids.map((id) => rows.find((row) => row.id === id)!.enterpriseId);
};

const snapshot = async (index: TestIndex) => ({
  patients:
    await index.sql`select id, active, version, enterprise_id, enterprise_since::text from patients order by id`,
  links:
    await index.sql`select id, patient_id, other_patient_id, link_type, origin, run_id, merge_id, reason, created_at::text, created_by from patient_links order by id`,
  pairs:
    await index.sql`select id, patient_id, candidate_id, state, kind, decided_by, decided_at::text, decision_origin, reason, basis_fingerprint, merge_id from patient_match_scores order by id`,
});

describe("section 1: a person", () => {
  it("is the connected component of the links, under the older enterprise id", async () => {
    const index = await openTestIndex();
    const [a, b, c, d] = [await index.add(), await index.add(), await index.add(), await index.add()];
    const [own] = await enterpriseIds(index, a);
    await link(index, c, d);
    await link(index, b, c);
    await link(index, d, a, { linkType: "refer" });
    expect(await enterpriseIds(index, a, b, c, d)).toEqual([own, own, own, own]);
  });

  it("gives a record that leaves the enterprise id back that it had before", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add(), await index.add(), await index.add()];
    const before = await enterpriseIds(index, a, b, c);
    await link(index, a, b);
    await link(index, b, c);
    await unlink(index, a);
    expect(await enterpriseIds(index, a, b, c)).toEqual([before[0], before[1], before[1]]);
    await unlink(index, c);
    expect(await enterpriseIds(index, a, b, c)).toEqual(before);
  });
});

describe("section 2: link types", () => {
  it("writes one seealso row by default, or refer from the one to the other", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add(), await index.add(), await index.add()];
    await link(index, a, b, { reason: "same face" });
    await link(index, c, a, { linkType: "refer" });
    expect(
      await index.sql`select patient_id, other_patient_id, link_type, origin, reason from patient_links order by created_at`,
    ).toEqual([
      { patient_id: a, other_patient_id: b, link_type: "seealso", origin: "steward", reason: "same face" },
      { patient_id: c, other_patient_id: a, link_type: "refer", origin: "steward", reason: null },
    ]);
  });

  it("leaves both records in use and their content alone", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add({ name: "Hale, Nora" }), await index.add({ name: "Hale, N." })];
    await link(index, a, b);
    expect(await index.sql`select active, version from patients`).toEqual([
      { active: true, version: 1 },
      { active: true, version: 1 },
    ]);
  });

  it("refuses to link twice, unless once is enough", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add(), await index.add()];
    await link(index, a, b);
    await expect(link(index, b, a)).rejects.toMatchObject({
      code: "conflict",
      details: { reason: "already-linked" },
    });
    expect(await link(index, b, a, { ifNeeded: true })).toBeUndefined();
  });

  it("makes a run's link the steward's own, which no run touches", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add(), await index.add()];
    await index.sql`insert into patient_links (patient_id, other_patient_id, link_type, origin) values (${a}, ${b}, 'seealso', 'run')`;
    const result = await link(index, b, a);
    expect(await index.sql`select origin from patient_links`).toEqual([{ origin: "steward" }]);
    await index.act((tx) => undoChanges(tx, result!.changes));
    expect(await index.sql`select origin from patient_links`).toEqual([{ origin: "run" }]);
  });

  it("unlink refuses where a third record holds the two together, and lists the way", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add(), await index.add(), await index.add()];
    await link(index, a, b);
    await link(index, b, c);
    await link(index, a, c);
    const before = await snapshot(index);
    await expect(unlink(index, a, c)).rejects.toMatchObject({
      code: "conflict",
      details: { reason: "held-together", way: [{ records: [a, b] }, { records: [b, c] }] },
    });
    expect(await snapshot(index)).toEqual(before);
  });

  it("unlink takes a record apart from one other, or out of its whole person", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add(), await index.add(), await index.add()];
    await link(index, a, b);
    await link(index, b, c);
    await unlink(index, a, b);
    const [ea, eb, ec] = await enterpriseIds(index, a, b, c);
    expect(eb).toBe(ec);
    expect(ea).not.toBe(eb);
    await expect(unlink(index, a)).rejects.toMatchObject({ code: "conflict" });
    await expect(unlink(index, a, c)).rejects.toMatchObject({ details: { reason: "not-linked" } });
  });
});

describe("section 5: unlinking and deciding are remembered", () => {
  it("remembers an unlink as a decision on the pair, whichever way round it is named", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add(), await index.add()];
    await link(index, a, b);
    await unlink(index, b, a);
    expect(
      await index.sql`select state, decided_by, decision_origin, reason from patient_match_scores`,
    ).toEqual([
      { state: "rejected", decided_by: "steward", decision_origin: "unlink", reason: "another person" },
    ]);
    await expect(link(index, a, b)).rejects.toMatchObject({
      code: "conflict",
      details: { reason: "decided-different" },
    });
    await expect(link(index, b, a)).rejects.toMatchObject({
      code: "conflict",
      details: { reason: "decided-different" },
    });
  });

  it("never lets two records decided different become one person by way of a third", async () => {
    const index = await openTestIndex();
    const [a, b, c, d] = [await index.add(), await index.add(), await index.add(), await index.add()];
    await index.act((tx) => decideDifferent(tx, { a, b, origin: "review", reason: null, thirds: "release" }));
    await link(index, a, c);
    await link(index, b, d);
    await expect(link(index, c, d)).rejects.toMatchObject({
      code: "conflict",
      details: {
        reason: "decided-different",
        decisions: [{ said: "different" }, { said: "same" }, { said: "same" }],
      },
    });
  });

  it("queues a third record that matches both as a conflict, whatever the order of arrival", async () => {
    const outcomes = [];
    for (const order of ["decision last", "decision first"]) {
      const index = await openTestIndex();
      const [a, b, x] = [await index.add(), await index.add(), await index.add()];
      const decide = () =>
        index.act((tx) => decideDifferent(tx, { a, b, origin: "review", reason: null, thirds: "release" }));
      const match = async () => {
        for (const other of [a, b]) {
          const [first, second] = [x, other].sort();
          await index.sql`insert into patient_match_scores (patient_id, candidate_id, total_score, state)
            values (${first!}, ${second!}, 0.99, 'pending')`;
        }
      };
      if (order === "decision first") {
        await decide();
        await match();
        await index.act((tx) => refreshConflicts(tx, [x]));
      } else {
        await match();
        await decide();
      }
      const pairs = await index.sql<
        { patient_id: string; candidate_id: string; kind: string; state: string }[]
      >`
        select patient_id, candidate_id, kind, state from patient_match_scores`;
      outcomes.push(pairs.map((pair) => `${pair.state} ${pair.kind}`).sort());
    }
    expect(outcomes[0]).toEqual(["pending conflict", "pending conflict", "rejected duplicate"]);
    expect(outcomes[1]).toEqual(outcomes[0]);
  });

  it("withdraws automatic links that hold two together who are decided different; the third goes to neither", async () => {
    const index = await openTestIndex();
    const [a, b, x] = [await index.add(), await index.add(), await index.add()];
    for (const other of [a, b]) {
      const [first, second] = [x, other].sort();
      await index.sql`insert into patient_links (patient_id, other_patient_id, link_type, origin) values (${first!}, ${second!}, 'seealso', 'run')`;
      await index.sql`insert into patient_match_scores (patient_id, candidate_id, total_score, state) values (${first!}, ${second!}, 0.999, 'auto_linked')`;
    }
    await index.act((tx) => recomputePersons(tx, [x]));
    const before = await snapshot(index);
    const result = await index.act((tx) =>
      decideDifferent(tx, { a, b, origin: "review", reason: null, thirds: "release" }),
    );
    expect(await index.sql`select 1 from patient_links`).toHaveLength(0);
    expect(new Set(await enterpriseIds(index, a, b, x)).size).toBe(3);
    expect(await index.sql`select kind from patient_match_scores where state = 'pending'`).toEqual([
      { kind: "conflict" },
      { kind: "conflict" },
    ]);
    await index.act((tx) => undoChanges(tx, result.changes));
    expect(await snapshot(index)).toEqual(before);
  });

  it("does not withdraw what people linked", async () => {
    const index = await openTestIndex();
    const [a, b, x] = [await index.add(), await index.add(), await index.add()];
    await link(index, a, x);
    await index.sql`insert into patient_links (patient_id, other_patient_id, link_type, origin) values (${x}, ${b}, 'seealso', 'run')`;
    await index.act((tx) => decideDifferent(tx, { a, b, origin: "review", reason: null, thirds: "release" }));
    expect(await index.sql`select patient_id, other_patient_id from patient_links`).toEqual([
      { patient_id: a, other_patient_id: x },
    ]);
    const both = await openTestIndex();
    const [c, d, y] = [await both.add(), await both.add(), await both.add()];
    await link(both, c, y);
    await link(both, y, d);
    await expect(
      both.act((tx) =>
        decideDifferent(tx, { a: c, b: d, origin: "review", reason: null, thirds: "release" }),
      ),
    ).rejects.toMatchObject({ code: "conflict", details: { reason: "held-together" } });
  });

  it("closes an overridden decision without deleting it", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add(), await index.add()];
    await index.act(
      (tx) => decideDifferent(tx, { a, b, origin: "review", reason: "twins", thirds: "release" }),
      {
        user: "first",
      },
    );
    const before = await snapshot(index);
    const result = await index.act(
      (tx) => decideSame(tx, { a, b, origin: "review", reason: "one person after all", override: true }),
      { user: "second", reason: "one person after all" },
    );
    expect(result.closed).toMatchObject([{ said: "different", decidedBy: "first" }]);
    expect(await index.sql`select state, decided_by from patient_match_scores`).toEqual([
      { state: "confirmed", decided_by: "second" },
    ]);
    expect(
      await index.sql`select distinct old_values->>'state' as old, new_values->>'state' as new, reason from audit_log
        where table_name = 'patient_match_scores' and user_id = 'second' order by 1`,
    ).toContainEqual({ old: "rejected", new: "superseded", reason: "one person after all" });
    await index.act((tx) => undoChanges(tx, result.changes));
    expect(await snapshot(index)).toEqual(before);
  });

  it("clears a decision: audited, scored anew, and open again", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add(), await index.add()];
    await link(index, a, b);
    const score = {
      totalScore: 0.75,
      matchWeight: 1.58,
      nameScore: 1,
      birthDateScore: null,
      genderScore: null,
      addressScore: null,
      identifierScore: null,
      levels: [1, -1],
      rulesFired: ["same-name"],
      modelVersion: "test/1",
      calibrationId: null,
      isAboveReviewLine: true,
    };
    await index.act((tx) => clearDecision(tx, b, a, () => Promise.resolve(score)), { user: "clearer" });
    expect(
      await index.sql`select state, decided_by, total_score::float8, model_version from patient_match_scores`,
    ).toEqual([{ state: "pending", decided_by: null, total_score: 0.75, model_version: "test/1" }]);
    expect(await index.sql`select 1 from patient_links`).toHaveLength(0);
    const [ea, eb] = await enterpriseIds(index, a, b);
    expect(ea).not.toBe(eb);
    expect(
      await index.sql`select distinct old_values->>'state' as old, new_values->>'state' as new from audit_log
        where table_name = 'patient_match_scores' and user_id = 'clearer'`,
    ).toEqual([{ old: "confirmed", new: "pending" }]);
    await expect(index.act((tx) => clearDecision(tx, a, b))).rejects.toMatchObject({ code: "not-found" });
  });

  it("undoes a decision exactly, and refuses where somebody has decided since", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add(), await index.add(), await index.add()];
    await link(index, b, c);
    const before = await snapshot(index);
    const result = await index.act((tx) => decideSame(tx, { a, b, origin: "review", reason: null }));
    await index.act((tx) => undoChanges(tx, result.changes));
    expect(await snapshot(index)).toEqual(before);

    const again = await index.act((tx) => decideSame(tx, { a, b, origin: "review", reason: null }));
    await unlink(index, a);
    await expect(index.act((tx) => undoChanges(tx, again.changes))).rejects.toMatchObject({
      code: "conflict",
    });
  });
});
