import { expect, it } from "vitest";
import { checkLaws, checkUndo } from "../../support/history/check-histories.ts";
import { everyKind } from "../../support/history/history-steps.ts";
import { openTestIndex } from "../../support/test-index.ts";

// More of both, with other seeds, in test/heavy.

it(
  "keeps every law after each step of a random history of several stewards",
  { timeout: 300_000 },
  async () => {
    const done = await checkLaws(await openTestIndex(), { sequences: 12, steps: 30, seed: 11 });
    // A history in which some kind of step is always refused would prove nothing about it.
    for (const kind of everyKind) expect(done.get(kind), kind).toBeGreaterThan(0);
  },
);

it("comes back to the start when a random history is undone step by step", { timeout: 300_000 }, async () => {
  const done = await checkUndo(await openTestIndex(), { sequences: 12, steps: 30, seed: 12 });
  expect(done.get("merge")).toBeGreaterThan(20);
});
