import { expect, it } from "vitest";
import { checkUndo } from "../../../support/history/check-histories.ts";
import { openTestIndex } from "../../../support/test-index.ts";

it(
  "comes back to the start when 120 random histories of 30 steps are undone",
  { timeout: 600_000 },
  async () => {
    const done = await checkUndo(await openTestIndex(), { sequences: 120, steps: 30, seed: 1012 });
    process.stderr.write(`steps done: ${JSON.stringify(Object.fromEntries(done))}\n`);
    expect(done.get("merge")).toBeGreaterThan(200);
    expect(done.get("unmerge")).toBeGreaterThan(50);
  },
);
