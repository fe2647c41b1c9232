import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generatePopulation } from "../../../../src/domain/population/generate-population.ts";
import { runCli } from "../../../support/cli.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

let folder: string;
let database: TestDatabase;
/** Keep the pages for somebody to look at. */
const kept = process.env["MPI_TEST_KEEP_REPORTS"];

beforeAll(async () => {
  folder = kept ?? (await mkdtemp(path.join(tmpdir(), "mpi-evaluate-")));
  await generatePopulation({ patients: 600, seed: 21 }, { directory: folder });
  database = await createTestDatabase();
  expect((await mpi("import", "csv", "patients.csv", "--map", "population")).exitCode).toBe(0);
});
afterAll(async () => {
  if (kept === undefined) await rm(folder, { recursive: true, force: true });
});

const mpi = (...argv: string[]) => runCli(argv, { database: database.url, cwd: folder });

interface Measures {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}
interface Pair {
  readonly a: string;
  readonly b: string;
  readonly weight: number;
  readonly comparisons: readonly { readonly label: string; readonly level: string }[];
}
interface Report {
  readonly items: readonly (Measures & { readonly name: string })[];
  readonly truePairs: number;
  readonly lines: { readonly possible: number; readonly review: number; readonly automatic: number };
  readonly thresholds: readonly (Measures & { readonly weight: number })[];
  readonly histogram: readonly { readonly matches: number; readonly others: number }[];
  readonly falseMatches: readonly Pair[];
  readonly misses: readonly Pair[];
}
const measure = async (...flags: string[]) =>
  JSON.parse(
    (await mpi("match", "evaluate", "--truth", "truth.csv", "--output", "json", ...flags)).stdout,
  ) as Report;

describe("mpi match evaluate", () => {
  it("measures over the range of thresholds, and agrees with itself at the lowest line", async () => {
    const { items, thresholds, lines, truePairs, histogram } = await measure();
    const at = thresholds.find((each) => each.weight === lines.possible)!;
    const { precision, recall, truePositives } = items[0]!;
    expect(at).toMatchObject({ precision, recall, truePositives });
    for (const { truePositives: right, falseNegatives } of thresholds)
      expect(right + falseNegatives).toBe(truePairs);
    expect(thresholds.map((each) => each.weight)).toEqual(
      thresholds.map((each) => each.weight).toSorted((a, b) => a - b),
    );
    const matches = histogram.reduce((sum, bin) => sum + bin.matches, 0);
    expect(matches).toBe(thresholds[0]!.truePositives);
  });

  it("looks into the worst false matches and misses, which are what it says they are", async () => {
    const { falseMatches, misses, items, lines } = await measure("--worst", "3");
    const { falsePositives, falseNegatives } = items[0]!;
    expect(falseMatches).toHaveLength(Math.min(3, falsePositives));
    expect(misses).toHaveLength(Math.min(3, falseNegatives));
    for (const pair of falseMatches) expect(pair.weight).toBeGreaterThanOrEqual(lines.possible);
    for (const pair of misses) expect(pair.weight).toBeLessThan(lines.possible);
    const truth = new Map(
      (await readFile(path.join(folder, "truth.csv"), "utf8"))
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split(",") as [string, string]),
    );
    const clusterOf = async (id: string) =>
      truth.get(
        (await database.sql`select source_id from patients where id = ${id}`)[0]!["source_id"] as string,
      );
    for (const { a, b } of misses) expect(await clusterOf(a)).toBe(await clusterOf(b));
    for (const { a, b } of falseMatches) expect(await clusterOf(a)).not.toBe(await clusterOf(b));
  });

  it("prints tables for eyes, without a patient's value", async () => {
    const { exitCode, stdout } = await mpi("match", "evaluate", "--truth", "truth.csv");
    expect(exitCode).toBe(0);
    for (const part of [
      "Measures",
      "Pairs, over the range of thresholds",
      "Worst false matches",
      "Worst misses",
    ])
      expect(stdout).toContain(part);
    const names = await database.sql`select family from patient_names where length(family) > 6 limit 50`;
    for (const { family } of names) expect(stdout).not.toContain(family as string);
  });

  it("writes a page with charts that holds all it needs", async () => {
    const { exitCode, stderr } = await mpi(
      "match",
      "evaluate",
      "--truth",
      "truth.csv",
      "--html",
      "report.html",
    );
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Wrote report.html");
    const page = await readFile(path.join(folder, "report.html"), "utf8");
    expect(page.match(/<svg/g)).toHaveLength(3);
    expect(page).not.toMatch(/<script|\bsrc=|https?:|NaN|undefined/);
    expect(page).toContain("default-src 'none'");
  });
});
