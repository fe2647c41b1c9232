import { expect, it } from "vitest";
import { checkLaws } from "../../support/history/check-histories.ts";
import { everyKind } from "../../support/history/history-steps.ts";
import { openTestIndex } from "../../support/test-index.ts";

// With histories-undone.test.ts these are 200 histories of 30 steps; more of both, with other seeds, in test/heavy.

it(
  "keeps every law after each of 30 steps of 100 random histories of several stewards",
  { timeout: 600_000 },
  async () => {
    const done = await checkLaws(await openTestIndex(), { sequences: 100, steps: 30, seed: 11 });
    // A history in which some kind of step is always refused would prove nothing about it.
    for (const kind of everyKind) expect(done.get(kind), kind).toBeGreaterThan(20);
  },
);
