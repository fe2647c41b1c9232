import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCli, type CliOptions } from "../../../support/cli.ts";
import { createTestDatabase } from "../../../support/database.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "mpi-generate-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const generate = (words: string, options: CliOptions = {}) =>
  runCli(["population", "generate", ...words.split(" ")], { cwd: folder, ...options });
const read = (file: string) => readFileSync(path.join(folder, file), "utf8");

describe("mpi population generate", () => {
  test("writes the files and says on stdout what is in them", async () => {
    const { exitCode, stdout } = await generate("--patients 500 --seed 3 --out here");
    expect(exitCode).toBe(0);
    expect(readdirSync(path.join(folder, "here")).sort()).toEqual([
      "patients.csv",
      "summary.json",
      "summary.txt",
      "truth.csv",
    ]);
    expect(stdout).toBe(read("here/summary.txt"));
  });

  test("prints the summary as JSON on request, and no option that is none of the population's", async () => {
    const { stdout, stderr } = await generate("--patients 200 --seed 3 --output json --quiet");
    expect(JSON.parse(stdout)).toEqual(JSON.parse(read("population/summary.json")));
    expect(stdout).not.toContain("tester");
    expect(Object.keys((JSON.parse(stdout) as { settings: object }).settings)).not.toContain("output");
    expect(stderr).toBe("");
  });

  test("passes every option on", async () => {
    const words =
      "--patients 300 --seed 3 --as-of 2020-06-30 --sources 2 --duplicate-rate 0.4 --cluster-sizes 3,1 " +
      "--errors-per-duplicate 1,1 --error-weight typing=0 --error-weight ocr=2 --ssn-rate 0.5 --phone-rate 0.7 " +
      "--email-rate 0.4 --twin-rate 0.02 --generation-rate 0.02 --newborn-rate 0.02 --institution-rate 0.02 " +
      "--shared-ssn-rate 0.01 --overlay-rate 0.01 --namesake-rate 0.01 --unidentified-rate 0.01 --output json";
    const { stdout } = await generate(words);
    expect((JSON.parse(stdout) as { settings: object }).settings).toMatchObject({
      patients: 300,
      seed: 3,
      asOf: "2020-06-30",
      sources: 2,
      duplicateRate: 0.4,
      clusterSizes: [3, 1],
      errorsPerDuplicate: [1, 1],
      errorWeights: { typing: 0, ocr: 2 },
      ssnRate: 0.5,
      phoneRate: 0.7,
      emailRate: 0.4,
      twinRate: 0.02,
      generationRate: 0.02,
      newbornRate: 0.02,
      institutionRate: 0.02,
      sharedSsnRate: 0.01,
      overlayRate: 0.01,
      namesakeRate: 0.01,
      unidentifiedRate: 0.01,
    });
  });

  test.each([
    ["no number of records", "--seed 1"],
    ["no seed", "--patients 10"],
    ["an SSN on more than 60 % of the records", "--patients 10 --seed 1 --ssn-rate 0.7"],
    ["fewer twins than 1 %", "--patients 10 --seed 1 --twin-rate 0"],
    ["weights that are no numbers", "--patients 10 --seed 1 --cluster-sizes 1,x"],
    ["a factor that is no number", "--patients 10 --seed 1 --error-weight typing"],
    ["an error that there is not", "--patients 10 --seed 1 --error-weight tpying=2"],
    ["a date that there is not", "--patients 10 --seed 1 --as-of 2023-02-30"],
  ])("refuses %s as wrong usage and writes nothing", async (_, words) => {
    const { exitCode, stdout, stderr } = await generate(words);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).not.toBe("");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("replaces no files unless told to", async () => {
    writeFileSync(path.join(folder, "patients.csv"), "somebody's own\n");
    const refused = await generate("--patients 10 --seed 1 --out .");
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toContain("--overwrite");
    expect(read("patients.csv")).toBe("somebody's own\n");
    expect((await generate("--patients 10 --seed 1 --out . --overwrite")).exitCode).toBe(0);
    expect(read("patients.csv").split("\n")).toHaveLength(12);
  });

  test("can be stopped, and leaves nothing half-written", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 400);
    const { exitCode } = await generate("--patients 5000000 --seed 1", { signal: stop.signal });
    expect(exitCode).toBe(130);
    expect(readdirSync(path.join(folder, "population"))).toEqual([]);
  });

  test("writes rows that the import takes without a reject", async () => {
    const database = await createTestDatabase();
    await generate("--patients 600 --seed 4");
    const { exitCode, stdout } = await runCli(
      ["import", "csv", "population/patients.csv", "--map", "population", "--output", "json"],
      { cwd: folder, database: database.url },
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ records: 600, added: 600, rejected: 0 }] });
  });
});
