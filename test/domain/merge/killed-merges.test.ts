import { expect, it } from "vitest";
import { killMerges } from "../../support/kill-merges.ts";
import { openTestIndex } from "../../support/test-index.ts";

it("M4: a merge whose process is killed is whole or absent", { timeout: 120_000 }, async () => {
  const report = await killMerges(await openTestIndex(), 12, 5);
  expect(report.broken).toEqual([]);
  expect(report.whole + report.absent).toBe(12);
});
