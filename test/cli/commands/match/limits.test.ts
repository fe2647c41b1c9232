import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultModel } from "../../../../src/matching/model/default-model.ts";
import { generatePopulation } from "../../../../src/domain/population/generate-population.ts";
import { runCli } from "../../../support/cli.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

let folder: string;
let database: TestDatabase;

const mpi = (...argv: string[]) => runCli(argv, { database: database.url, cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-limits-"));
  await generatePopulation({ patients: 300, seed: 14 }, { directory: folder });
  for (const [file, limit] of [
    ["per-run.json", { linksPerRun: 3 }],
    ["per-record.json", { linksPerRecord: 0.001 }],
  ] as const) {
    await writeFile(
      path.join(folder, file),
      JSON.stringify({ ...defaultModel, version: file, limits: { ...defaultModel.limits, ...limit } }),
    );
  }
  database = await createTestDatabase();
  expect((await mpi("import", "csv", "patients.csv", "--map", "population")).exitCode).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("section 7, hazard 10: a rule change in bulk, which would link far more than it should", () => {
  it.each(["per-run.json", "per-record.json"])(
    "stops the run with exit code 9, and nothing is linked: %s",
    async (file) => {
      const { exitCode, stderr } = await mpi("match", "run", "--full", "--auto-link", "--model", file);
      expect(exitCode).toBe(9);
      expect(stderr).toContain("nothing was changed");
      expect(await database.sql`select 1 from patient_links`).toHaveLength(0);
      expect(await database.sql`select 1 from patient_match_scores`).toHaveLength(0);
      const [run] = await database.sql`select state from match_runs order by started_at desc limit 1`;
      expect(run!["state"]).toBe("stopped");
    },
  );

  it("runs where it links within its limits", async () => {
    expect((await mpi("match", "run", "--full", "--auto-link")).exitCode).toBe(0);
    const [count] = await database.sql`select count(*)::int as links from patient_links`;
    expect(count!["links"]).toBeGreaterThan(3);
  });
});
