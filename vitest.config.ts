import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Small files that take long: vitest begins with the largest where it knows no durations, as after a clone. */
const slow = [
  "domain/merge/histories-undone",
  "domain/merge/histories-laws",
  "domain/audit/archive-audit",
  "domain/merge/opposite-merges",
  "domain/merge/killed-merges",
  "domain/match/incremental-runs",
  "domain/export/round-trip",
  "cli/package",
  "cli/commands/demo/demo",
].map((name) => `/test/${name}.test.ts`);

/** Begins with what takes longest, so that no worker is left alone with it at the end. */
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = (file: TestSpecification) => slow.some((name) => file.moduleId.endsWith(name));
    const sorted = await super.sort(files);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/heavy/**"],
    globalSetup: ["test/support/postgres-global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Loading the program anew for each of 150 files would cost a minute. No module keeps what a test could meet, and
    // each test has its own database.
    isolate: false,
    sequence: { sequencer: SlowFirst },
  },
});
