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
const writeModel = (
  file: string,
  thresholds: object,
  limits: object = {},
  pairsFrom = defaultModel.blocking,
) =>
  writeFile(
    path.join(folder, file),
    JSON.stringify({
      ...defaultModel,
      version: file,
      blocking: pairsFrom,
      thresholds: { ...defaultModel.thresholds, ...thresholds },
      limits: { ...defaultModel.limits, ...limits },
    }),
  );

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-simulate-"));
  await generatePopulation({ patients: 400, seed: 13 }, { directory: folder });
  await writeModel("strict.json", { review: 0.9999, automatic: 0.999999999999 });
  await writeModel("stricter-blocks.json", {}, { pairsPerRule: 1 }, [
    { name: "family name", on: ["family-name"], largestBlock: 2 },
  ]);
  database = await createTestDatabase();
  expect((await mpi("import", "csv", "patients.csv", "--map", "population")).exitCode).toBe(0);
  expect((await mpi("match", "run", "--full", "--auto-link")).exitCode).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Run {
  readonly links: number;
  readonly queue: number;
  readonly contradicted: number;
}
interface Report {
  readonly records: number;
  readonly today: Run;
  readonly candidate: Run;
  readonly linksGained: readonly { readonly a: string; readonly b: string }[];
  readonly linksLost: readonly object[];
  readonly contradictions: readonly {
    readonly a: string;
    readonly b: string;
    readonly decision: string;
    readonly isAlsoToday: boolean;
  }[];
}
const simulate = async (...flags: string[]) =>
  JSON.parse((await mpi("match", "simulate", "--output", "json", ...flags)).stdout) as Report;
const everything = async () =>
  Promise.all(
    ["match_runs", "match_calibrations", "patient_links", "patient_match_scores"].map(
      async (table) =>
        (
          await database.sql.unsafe(
            `select count(*)::int as n, md5(string_agg(t::text, '|' order by t::text)) as content from ${table} t`,
          )
        )[0],
    ),
  );

describe("mpi match simulate", () => {
  it("finds no difference between a model and itself, and what the last run has done", async () => {
    const { today, candidate, linksGained, linksLost } = await simulate("--model", "built-in");
    expect(candidate).toEqual(today);
    expect([...linksGained, ...linksLost]).toEqual([]);
    const [stored] = await database.sql`
      select count(*) filter (where state = 'auto_linked')::int as links, count(*) filter (where state = 'pending')::int as queue
      from patient_match_scores`;
    expect([today.links, today.queue]).toEqual([stored!["links"], stored!["queue"]]);
  });

  it("shows links lost, and gained the other way round", async () => {
    const stricter = await simulate("--model", "strict.json");
    expect(stricter.candidate.links).toBeLessThan(stricter.today.links);
    expect(stricter.linksLost).toHaveLength(
      stricter.today.links - stricter.candidate.links + stricter.linksGained.length,
    );
    const back = await simulate("--model", "built-in", "--against", "strict.json");
    expect(back.linksGained).toEqual(stricter.linksLost);
    expect(back.linksLost).toEqual(stricter.linksGained);
    expect([back.today, back.candidate]).toEqual([stricter.candidate, stricter.today]);
  });

  it("names every decision that the other model's scores speak against", async () => {
    // Said to be the same at the lowest weight of all, and to be different at the highest; pairs that a rule shows to people
    // whatever they weigh are never spoken against.
    const pick = async (order: string, state: string) =>
      (
        await database.sql.unsafe(`
          update patient_match_scores set state = '${state}', decided_by = 'steward', decided_at = now()
          where id = (select id from patient_match_scores where state in ('pending', 'auto_linked')
            and not rules_fired && array['parent and child', 'shared identifier']::text[] order by match_weight ${order}, id limit 1)
          returning patient_id as a, candidate_id as b`)
      )[0]! as unknown as { a: string; b: string };
    const [same, different] = [await pick("asc", "confirmed"), await pick("desc", "rejected")];
    const { contradictions, candidate } = await simulate("--model", "strict.json");
    expect(candidate.contradicted).toBe(contradictions.length);
    expect(contradictions).toContainEqual(
      expect.objectContaining({ ...same, decision: "same", isAlsoToday: false }),
    );
    const today = await simulate("--model", "built-in");
    expect(today.contradictions).toContainEqual(
      expect.objectContaining({ ...different, decision: "different", isAlsoToday: true }),
    );
    // What a person kept apart, no model links.
    expect(today.linksGained).not.toContainEqual(different);
  });

  it("stores nothing", async () => {
    const before = await everything();
    await simulate("--model", "strict.json");
    expect(await everything()).toEqual(before);
  });

  it("prints tables for eyes, and one row a model as CSV", async () => {
    const { stdout, stderr } = await mpi("match", "simulate", "--model", "strict.json", "--list", "1");
    for (const part of ["What a full run would do", "Decisions contradicted", "Links lost"])
      expect(stdout).toContain(part);
    expect(stderr).toContain("Nothing was stored");
    const csv = (await mpi("match", "simulate", "--model", "strict.json", "--output", "csv")).stdout
      .trim()
      .split(/\r?\n/);
    expect(csv).toHaveLength(3);
  });

  it.each([
    ["no model", [], 2],
    ["a model that is not there", ["--model", "none.json"], 3],
  ] as const)("refuses %s", async (_, flags, code) => {
    expect(await mpi("match", "simulate", ...flags)).toMatchObject({ exitCode: code, stdout: "" });
  });
});

interface Coverage {
  readonly items: readonly {
    readonly name: string;
    readonly on: readonly string[];
    readonly pairs: number;
    readonly excludedBlocks: number;
    readonly excludedPairs: number;
    readonly largestKept: number;
  }[];
  readonly records: number;
  readonly candidatePairs: number;
  readonly calibrationId: string | null;
}
const coverage = async (...flags: string[]) =>
  JSON.parse((await mpi("match", "coverage", "--output", "json", ...flags)).stdout) as Coverage;

describe("mpi match coverage", () => {
  it("counts the pairs that a run compares, rule by rule", async () => {
    const { items, records, candidatePairs, calibrationId } = await coverage();
    const [run] =
      await database.sql`select counts, calibration_id from match_runs order by started_at limit 1`;
    const { pairsByRule } = run!["counts"] as { pairsByRule: Record<string, number> };
    expect(records).toBe(400);
    expect(calibrationId).toBe(run!["calibration_id"]);
    expect(Object.fromEntries(items.map((each) => [each.name, each.pairs]))).toEqual(pairsByRule);
    expect(candidatePairs).toBe(items.reduce((sum, each) => sum + each.pairs, 0));
  });

  it("counts what is left out, also before anything was learned", async () => {
    const { items, calibrationId } = await coverage("--model", "stricter-blocks.json");
    expect(calibrationId).toBeNull();
    const [expected] = await database.sql`
      select coalesce(sum(n * (n - 1) / 2) filter (where n > 2), 0)::int as pairs, count(*) filter (where n > 2)::int as blocks
      from (select lower(family), count(distinct patient_id) as n from patient_names group by 1) as families`;
    expect(items).toHaveLength(1);
    // Families that many share; spellings that normalisation takes for one can only make more of them.
    expect(items[0]!.excludedPairs).toBeGreaterThanOrEqual(expected!["pairs"] as number);
    expect(items[0]!.excludedPairs).toBeGreaterThan(0);
    expect(items[0]!.largestKept).toBe(2);
  });

  it("prints a table, and the parts of each rule for machines", async () => {
    const { stdout, stderr } = await mpi("match", "coverage");
    expect(stdout).toContain("birth date and family name");
    expect(stderr).toContain("pairs are compared");
    expect((await mpi("match", "coverage", "--output", "csv")).stdout.split(/\r?\n/)[0]).toBe(
      "name,on,pairs,blocks,largestKept,refinedBlocks,excludedBlocks,excludedRecords,excludedPairs",
    );
  });
});
