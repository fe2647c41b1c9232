import { expect, it } from "vitest";
import { inspectMerge, startMergeWorker } from "../../support/merge-workers.ts";
import { openTestIndex } from "../../support/test-index.ts";

const rounds = 100;

it(
  "M12: two processes that merge the same two records in opposite directions: one wins each time, the other is refused",
  { timeout: 120_000 },
  async () => {
    const index = await openTestIndex();
    const [one, other] = await Promise.all([
      startMergeWorker(index.database.url, "one"),
      startMergeWorker(index.database.url, "other"),
    ]);
    try {
      const won = { one: 0, other: 0 };
      for (let round = 0; round < rounds; round += 1) {
        const a = await index.add({ contacts: [{ value: "202-555-0101" }] });
        const b = await index.add({ contacts: [{ value: "202-555-0102" }] });
        // Who is told first has a head start; both get it as often.
        const sends = [() => one.send(a, b), () => other.send(b, a)];
        (round % 2 === 0 ? sends : sends.toReversed()).forEach((send) => send());
        const answers = await Promise.all([one.answer(), other.answer()]);
        expect([...answers].sort()).toEqual(["conflict", "merged"]);
        const isOneFirst = answers[0] === "merged";
        won[isOneFirst ? "one" : "other"] += 1;
        expect(await inspectMerge(index.sql, a, b)).toMatch(isOneFirst ? /^whole$/ : /^half/);
        expect(await inspectMerge(index.sql, b, a)).toMatch(isOneFirst ? /^half/ : /^whole$/);
      }
      expect(await index.sql`select 1 from patient_merges`).toHaveLength(rounds);
      expect(await index.sql`select 1 from patient_links`).toHaveLength(2 * rounds);
      const [deadlocks] =
        await index.sql`select deadlocks::int from pg_stat_database where datname = current_database()`;
      expect(deadlocks).toEqual({ deadlocks: 0 });
      // Both orders really happened, so that the race was one.
      expect(Math.min(won.one, won.other)).toBeGreaterThan(0);
    } finally {
      await Promise.all([one.stop(), other.stop()]);
    }
  },
);
