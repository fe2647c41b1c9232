import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generatePopulation } from "../../../../src/domain/population/generate-population.ts";
import { runCli } from "../../../support/cli.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

let folder: string;
let database: TestDatabase;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-train-"));
  await generatePopulation({ patients: 400, seed: 12 }, { directory: folder });
  database = await createTestDatabase();
  const imported = await mpi("import", "csv", "patients.csv", "--map", "population");
  expect(imported.exitCode).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const mpi = (...argv: string[]) => runCli(argv, { database: database.url, cwd: folder });
const calibrations = () =>
  database.sql`select id, origin, record_count::int as records, content_hash from match_calibrations order by created_at`;

interface Learned {
  readonly calibrationId: string | null;
  readonly records: number;
  readonly converged: boolean;
  readonly priorWeight: number;
  readonly comparisons: readonly {
    readonly name: string;
    readonly learned: boolean;
    readonly levels: readonly { readonly m: number; readonly u: number; readonly weight: number }[];
  }[];
  readonly relations: readonly object[];
  readonly coverage: readonly object[];
  readonly decisions: { readonly same: number; readonly different: number } | null;
}
const train = async (...flags: string[]) => {
  const result = await mpi("match", "train", "--output", "json", ...flags);
  return { ...result, learned: (result.exitCode === 0 ? JSON.parse(result.stdout) : {}) as Learned };
};

describe("mpi match train", () => {
  it("keeps nothing in a dry run, and says what it learned", async () => {
    const { exitCode, learned, stderr } = await train("--dry-run");
    expect(exitCode).toBe(0);
    expect(learned).toMatchObject({ calibrationId: null, records: 400, converged: true, decisions: null });
    expect(await calibrations()).toHaveLength(0);
    expect(stderr).toContain("nothing was kept");
    for (const { levels } of learned.comparisons) {
      for (const { m, u, weight } of levels) expect(weight).toBeCloseTo(Math.log2(m / u), 9);
    }
  });

  it("keeps a calibration that the next run scores with, all pairs anew", async () => {
    expect((await mpi("match", "run", "--full")).exitCode).toBe(0);
    const { learned } = await train("--seed", "5");
    expect(learned.calibrationId).toMatch(/^[0-9a-f-]{36}$/);
    const run = JSON.parse((await mpi("match", "run", "--output", "json")).stdout) as object;
    expect(run).toMatchObject({ mode: "full", calibrated: false });
    const [used] = await database.sql`select calibration_id from match_runs order by started_at desc limit 1`;
    expect(used!["calibration_id"]).toBe(learned.calibrationId);
  });

  it("learns the same from the same records with the same seed, to the last bit", async () => {
    const before = (await calibrations()).length;
    await train("--seed", "9", "--random-pairs", "2000");
    await train("--seed", "9", "--random-pairs", "2000");
    await train("--seed", "10", "--random-pairs", "2000");
    const [one, same, other] = (await calibrations())
      .slice(before)
      .map((row) => row["content_hash"] as string);
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  it("names on stderr what the records could not teach", async () => {
    const { stderr, learned } = await train("--dry-run");
    const unknown = learned.comparisons.filter((each) => !each.learned);
    expect(stderr.includes("Too little was seen")).toBe(unknown.length > 0);
  });

  it("prints levels and relations for eyes, and levels as CSV", async () => {
    const { stdout } = await mpi("match", "train", "--dry-run");
    for (const part of ["Prior", "converged", "Birth date", "twins"]) expect(stdout).toContain(part);
    const csv = (await mpi("match", "train", "--dry-run", "--output", "csv")).stdout;
    expect(csv.split(/\r?\n/)[0]).toBe("comparison,level,m,u,weight,learned");
  });

  it("learns m from decisions where there are some, and says so where there are none", async () => {
    expect(await train("--from-decisions")).toMatchObject({ exitCode: 2, stdout: "" });
    await database.sql`
      update patient_match_scores set state = 'confirmed', decided_by = 'steward', decided_at = now()
      where id in (select id from patient_match_scores order by match_weight desc, id limit 8)`;
    await database.sql`
      update patient_match_scores set state = 'rejected', decided_by = 'steward', decided_at = now()
      where id in (select id from patient_match_scores order by match_weight, id limit 3)`;
    const { learned } = await train("--from-decisions");
    expect(learned.decisions).toMatchObject({ same: 8, different: 3, gone: 0 });
    const [newest] = (await calibrations()).slice(-1);
    expect(newest).toMatchObject({ origin: "decisions", records: 400 });
  });

  it("has nothing to learn from in an empty index", async () => {
    const empty = await createTestDatabase();
    const result = await runCli(["match", "train"], { database: empty.url });
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(await empty.sql`select 1 from match_calibrations`).toHaveLength(0);
  });

  it.each([
    ["--seed", "x"],
    ["--random-pairs", "1"],
  ])("refuses %s %s", async (...flags) => {
    expect(await train(...flags)).toMatchObject({ exitCode: 2, stdout: "" });
  });

  it("ends at once with exit code 8 while a run is at work", async () => {
    await database.sql.begin(async (other) => {
      await other`select pg_advisory_xact_lock(7172201, 2)`;
      expect((await train()).exitCode).toBe(8);
    });
  });
});
