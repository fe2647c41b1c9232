import { describe, expect, it } from "vitest";
import { ReviewSession } from "../../../src/domain/review/review-session.ts";
import { runClaim } from "../../../src/domain/review/assign-pairs.ts";
import { runDecision } from "../../../src/domain/review/decide-pair.ts";
import { scorePairs } from "../../support/scored-pairs.ts";
import { openTestIndex, type TestIndex } from "../../support/test-index.ts";
import { takeSnapshot } from "../merge/snapshot.ts";

const now = () => new Date();

const session = (index: TestIndex, user: string, claimSeconds = 600) =>
  new ReviewSession(index.db, {
    filter: {},
    order: "best",
    claimSeconds,
    audit: (operation, reason) => ({ user, operation, ...(reason === undefined ? {} : { reason }) }),
    now,
  });

const three = async () => {
  const index = await openTestIndex();
  const records: string[] = [];
  for (let number = 0; number < 6; number += 1)
    records.push(await index.add({ name: `Hale, Nora ${String(number)}` }));
  const pairs = await scorePairs(
    index,
    [records[0]!, records[1]!, 0.99],
    [records[2]!, records[3]!, 0.9],
    [records[4]!, records[5]!, 0.8],
  );
  return { index, records, pairs };
};

describe("a steward's session", () => {
  it("offers the best pair first, and each pair to one steward only", async () => {
    const { index, pairs } = await three();
    const [ann, ben] = [session(index, "ann"), session(index, "ben")];
    expect((await ann.next())?.id).toBe(pairs[0]);
    expect((await ben.next())?.id).toBe(pairs[1]);
    ann.prefetch();
    ben.prefetch();
    const [third, none] = [await ann.next(), await ben.next()];
    expect([third?.id, none?.id].filter((id) => id !== undefined)).toEqual([pairs[2]]);
    await ann.close();
    await ben.close();
    expect(await index.sql`select 1 from patient_match_scores where claimed_by is not null`).toHaveLength(0);
  });

  it("gives a pair to another once the first steward's time is up", async () => {
    const { index, pairs } = await three();
    await session(index, "ann").next();
    await index.sql`update patient_match_scores set claimed_until = now() - interval '1 second' where id = ${pairs[0]!}`;
    expect((await session(index, "ben").next())?.id).toBe(pairs[0]);
  });

  it("keeps others from deciding about a pair that somebody holds, unless they take it over", async () => {
    const { index, pairs } = await three();
    await session(index, "ann").next();
    const decide = (takeOver: boolean) =>
      runDecision(
        index.db,
        { user: "ben", operation: "REVIEW" },
        { pairId: pairs[0]!, verdict: "same", reason: null, takeOver },
        now(),
      );
    await expect(decide(false)).rejects.toMatchObject({ code: "conflict", details: { reason: "claimed" } });
    await expect(
      runClaim(index.db, { user: "ben", operation: "REVIEW_CLAIM" }, { id: pairs[0]! }, 60),
    ).rejects.toMatchObject({ code: "conflict" });
    expect((await decide(true)).pair.state).toBe("confirmed");
  });

  it("goes on to the next pair, puts off to the end, and does not offer again what was skipped", async () => {
    const { index, pairs } = await three();
    const ann = session(index, "ann");
    const first = (await ann.next())!;
    await ann.decide(first, "later", null);
    const second = (await ann.next())!;
    expect(second.id).toBe(pairs[1]);
    await ann.skip(second);
    expect((await ann.next())?.id).toBe(pairs[2]);
    expect(ann.progress().decided).toBe(1);
    const ben = session(index, "ben");
    expect([(await ben.next())?.id, (await ben.next())?.id]).toEqual([pairs[1], pairs[0]]);
  });

  it.each(["same", "different", "later"] as const)(
    "undoes %s exactly, and shows the pair again",
    async (verdict) => {
      const { index, pairs } = await three();
      const before = await takeSnapshot(index);
      const ann = session(index, "ann");
      await ann.decide((await ann.next())!, verdict, null);
      expect(await takeSnapshot(index)).not.toEqual(before);
      const undone = await ann.undo();
      expect(undone).toMatchObject({ what: verdict, view: { id: pairs[0], state: "pending" } });
      expect(await takeSnapshot(index)).toEqual(before);
      expect(await ann.undo()).toBeUndefined();
    },
  );

  it("undoes a merge exactly", async () => {
    const { index, pairs } = await three();
    const before = await takeSnapshot(index);
    const ann = session(index, "ann");
    const view = (await ann.next())!;
    await ann.merge(view, view.a.id, "same card");
    expect(await index.sql`select survivor_id, merged_by from patient_merges`).toEqual([
      { survivor_id: view.a.id, merged_by: "ann" },
    ]);
    expect(await ann.undo()).toMatchObject({ what: "merge", view: { id: pairs[0] } });
    expect(await takeSnapshot(index)).toEqual(before);
  });

  it("decides nothing about a pair that has changed since it was shown", async () => {
    const { index } = await three();
    const ann = session(index, "ann");
    const view = (await ann.next())!;
    await index.sql`update patients set gender = 'male' where id = ${view.a.id}`;
    await expect(ann.decide(view, "same", null)).rejects.toMatchObject({
      details: { reason: "evidence-changed" },
    });
    expect(await index.sql`select 1 from patient_links`).toHaveLength(0);
  });

  it("passes over a prefetched pair that was answered meanwhile", async () => {
    const { index, pairs } = await three();
    const ann = session(index, "ann");
    const view = (await ann.next())!;
    ann.prefetch();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await runDecision(
      index.db,
      { user: "ben", operation: "REVIEW" },
      { pairId: pairs[1]!, verdict: "different", reason: null, takeOver: true },
      now(),
    );
    await ann.decide(view, "same", null);
    expect((await ann.next())?.id).toBe(pairs[2]);
  });

  it("writes down what was read when it is shown, not when it is fetched", async () => {
    const { index, records } = await three();
    const ann = session(index, "ann");
    await ann.next();
    ann.prefetch();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const reads = await index.sql`select entity_id from audit_log where action = 'READ' order by entity_id`;
    expect(reads.map((row) => row["entity_id"] as string)).toEqual(records.slice(0, 2).sort());
    await ann.close();
  });

  it("counts pairs as left, and apart from them what was kept back", async () => {
    const { index, records } = await three();
    await index.sql`insert into patient_quarantine (patient_id, kind, payload, fields, origin)
      values (${records[0]!}, 'overlay', '{}', '{family}', 'csv')`;
    expect(await session(index, "ann").countLeft()).toEqual({ pairs: 3, keptBack: 1 });
  });
});
