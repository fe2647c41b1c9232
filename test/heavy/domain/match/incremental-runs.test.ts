import { expect, it } from "vitest";
import { checkIncrementalRuns } from "../../../support/history/match-histories.ts";
import { openTestIndex } from "../../../support/test-index.ts";

it(
  "leaves a full run nothing to do, after each of 200 random histories of records and decisions",
  { timeout: 600_000 },
  async () => {
    const counts = await checkIncrementalRuns(await openTestIndex(), {
      histories: 200,
      steps: 5,
      seed: 1866,
    });
    expect(counts.incrementalRuns).toBeGreaterThanOrEqual(200);
    expect(counts.links).toBeGreaterThan(20);
    expect(counts.superseded).toBeGreaterThan(20);
  },
);
