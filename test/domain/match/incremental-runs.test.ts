import { expect, it } from "vitest";
import { checkIncrementalRuns } from "../../support/history/match-histories.ts";
import { openTestIndex } from "../../support/test-index.ts";

it(
  "leaves a full run nothing to do, after each of 12 random histories of records and decisions",
  { timeout: 300_000 },
  async () => {
    const counts = await checkIncrementalRuns(await openTestIndex(), { histories: 12, steps: 6, seed: 2026 });
    // Else the histories would show nothing.
    expect(counts.incrementalRuns).toBeGreaterThanOrEqual(12);
    expect(counts.links).toBeGreaterThan(3);
    expect(counts.superseded).toBeGreaterThan(3);
  },
);
