import { defineConfig } from "vitest/config";

/** What takes longer than `npm test` may: one file at a time, each in less than ten minutes. */
export default defineConfig({
  test: {
    include: ["test/heavy/**/*.test.ts"],
    globalSetup: ["test/support/postgres-global-setup.ts"],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
