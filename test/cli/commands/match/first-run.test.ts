import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifySchema } from "../../../../src/db/migrate/verify.ts";
import { generatePopulation } from "../../../../src/domain/population/generate-population.ts";
import { runCli } from "../../../support/cli.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-first-run-"));
  await generatePopulation({ patients: 300, seed: 12 }, { directory: folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const filled = async (): Promise<TestDatabase> => {
  const database = await createTestDatabase();
  const { exitCode } = await runCli(["import", "csv", "patients.csv", "--map", "population"], {
    database: database.url,
    cwd: folder,
  });
  expect(exitCode).toBe(0);
  return database;
};

const run = async (database: TestDatabase, ...flags: string[]) => {
  const result = await runCli(["match", "run", "--auto-link", "--output", "json", ...flags], {
    database: database.url,
  });
  return { ...result, json: JSON.parse(result.stdout || "{}") as Readonly<Record<string, unknown>> };
};

/** By the records' own numbers: ids differ from one database to the next. */
const storedPairs = (database: TestDatabase) => database.sql`
  select a.source_id as one, b.source_id as other, state, kind, levels, rules_fired, total_score
  from patient_match_scores s join patients a on a.id = s.patient_id join patients b on b.id = s.candidate_id
  order by least(a.source_id, b.source_id), greatest(a.source_id, b.source_id)`;

describe("mpi match run --first-run", () => {
  it("stores what any run stores, and leaves the schema as it was", async () => {
    const [alone, beside] = [await filled(), await filled()];
    const first = await run(alone, "--first-run");
    expect(first).toMatchObject({ exitCode: 0, json: { mode: "full", storedAlone: true } });
    const usual = await run(beside);
    expect(usual).toMatchObject({ exitCode: 0, json: { storedAlone: false } });
    const counts = ({ json }: typeof first) => [json["candidatePairs"], json["pairs"], json["links"]];
    expect(counts(first)).toEqual(counts(usual));
    const sorted = (pairs: Awaited<ReturnType<typeof storedPairs>>) =>
      pairs.map(({ one, other, ...rest }) => ({ ...rest, pair: [one, other].sort() }));
    expect(sorted(await storedPairs(alone))).toEqual(sorted(await storedPairs(beside)));
    expect(await verifySchema(alone.target)).toEqual([]);
  });

  it("is refused where pairs are stored already, and changes nothing in a dry run", async () => {
    const database = await filled();
    const dry = await run(database, "--first-run", "--dry-run");
    expect(dry).toMatchObject({ exitCode: 0, json: { storedAlone: false } });
    expect(dry.stderr).not.toContain("could not be had alone");
    expect(await storedPairs(database)).toHaveLength(0);
    await run(database);
    const before = await storedPairs(database);
    const again = await run(database, "--first-run");
    expect(again.exitCode).toBe(4);
    expect(again.stderr).toContain("Leave out --first-run");
    expect(await storedPairs(database)).toEqual(before);
  });
});
