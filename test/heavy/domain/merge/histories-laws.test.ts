import { expect, it } from "vitest";
import { checkLaws } from "../../../support/history/check-histories.ts";
import { everyKind } from "../../../support/history/history-steps.ts";
import { openTestIndex } from "../../../support/test-index.ts";

it("keeps every law after each of 30 steps of 120 random histories", { timeout: 600_000 }, async () => {
  const done = await checkLaws(await openTestIndex(), { sequences: 120, steps: 30, seed: 1011 });
  process.stderr.write(`steps done: ${JSON.stringify(Object.fromEntries(done))}\n`);
  for (const kind of everyKind) expect(done.get(kind), kind).toBeGreaterThan(20);
});
