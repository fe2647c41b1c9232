import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "mpi-population-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const generator = new URL("../../../../src/domain/population/generate-population.ts", import.meta.url).href;

/** Runs in a process of its own, which says at the end how much memory it ever had. */
function peakMebibytes(patients: number): number {
  const program = `
    import { generatePopulation } from ${JSON.stringify(generator)};
    await generatePopulation({ patients: ${patients}, seed: 1 }, { directory: process.argv[1] });
    process.stdout.write(String(process.resourceUsage().maxRSS / 1024));`;
  const directory = mkdtempSync(join(root, "run-"));
  const run = spawnSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", program, directory],
    {
      encoding: "utf8",
    },
  );
  rmSync(directory, { recursive: true });
  return Number(run.stdout);
}

test("memory does not grow with the population", { timeout: 600_000 }, () => {
  const small = peakMebibytes(100_000);
  const large = peakMebibytes(1_000_000);
  expect(small).toBeGreaterThan(0);
  expect(large).toBeLessThan(small + 150);
});
