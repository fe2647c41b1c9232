import { expect, it } from "vitest";
import { checkUndo } from "../../support/history/check-histories.ts";
import { openTestIndex } from "../../support/test-index.ts";

it(
  "keeps every law and comes back to the start when 100 random histories of 30 steps are undone step by step",
  { timeout: 600_000 },
  async () => {
    const done = await checkUndo(await openTestIndex(), { sequences: 100, steps: 30, seed: 12 });
    expect(done.get("merge")).toBeGreaterThan(200);
    expect(done.get("unmerge")).toBeGreaterThan(40);
  },
);
