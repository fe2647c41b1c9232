import { expect, it } from "vitest";
import { killMerges } from "../../../support/kill-merges.ts";
import { openTestIndex } from "../../../support/test-index.ts";

it(
  "M4: of 200 merges whose processes are killed, at least half inside the transaction, each is whole or absent",
  { timeout: 600_000 },
  async () => {
    const report = await killMerges(await openTestIndex(), 200, 20_260_101);
    process.stderr.write(`kills: ${JSON.stringify(report)}\n`);
    expect(report.broken).toEqual([]);
    expect(report.whole + report.absent).toBe(200);
    expect(report.insideTransaction).toBeGreaterThanOrEqual(100);
    expect(Math.min(report.whole, report.absent)).toBeGreaterThan(0);
  },
);
