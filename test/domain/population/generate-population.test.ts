import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { POPULATION_COLUMNS, TRUTH_COLUMNS } from "../../../src/domain/population/columns.ts";
import { listErrorNames } from "../../../src/domain/population/error-model.ts";
import {
  generatePopulation,
  generateSamplePopulation,
} from "../../../src/domain/population/generate-population.ts";

type Row = Readonly<Record<string, string>>;

const root = mkdtempSync(join(tmpdir(), "mpi-population-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const directory = (name: string) => join(root, name);
const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex");
const hash = (name: string, file: string) => sha256(readFileSync(join(directory(name), file)));
const rows = (name: string, file: string): readonly Row[] =>
  parse(readFileSync(join(directory(name), file)), { columns: true, record_delimiter: "\n" });

describe("generatePopulation", () => {
  let patients: readonly Row[];
  let truth: readonly Row[];

  beforeAll(async () => {
    // More records than the shuffler holds back, so that rows go out on both ways.
    await generatePopulation({ patients: 40_000, seed: 11 }, { directory: directory("first") });
    patients = rows("first", "patients.csv");
    truth = rows("first", "truth.csv");
  });

  test("writes the same bytes for the same seed, and others for another", async () => {
    await generatePopulation({ patients: 40_000, seed: 11 }, { directory: directory("again") });
    await generatePopulation({ patients: 40_000, seed: 12 }, { directory: directory("other") });
    for (const file of ["patients.csv", "truth.csv", "summary.json", "summary.txt"]) {
      expect(hash("again", file)).toBe(hash("first", file));
      expect(hash("other", file)).not.toBe(hash("first", file));
    }
  });

  test("writes the same bytes in another process, time zone and language", () => {
    const program = `
      import { generatePopulation } from ${JSON.stringify(new URL("../../../src/domain/population/generate-population.ts", import.meta.url).href)};
      await generatePopulation({ patients: 3000, seed: 5 }, { directory: process.argv[1] });`;
    const run = (name: string, env: NodeJS.ProcessEnv) =>
      spawnSync(
        process.execPath,
        ["--import", "tsx", "--input-type=module", "--eval", program, directory(name)],
        { env: { ...process.env, ...env }, encoding: "utf8" },
      );
    expect(run("utc", { TZ: "UTC", LC_ALL: "C" })).toMatchObject({ status: 0 });
    expect(run("far", { TZ: "Pacific/Auckland", LC_ALL: "tr_TR.UTF-8" })).toMatchObject({ status: 0 });
    expect(hash("far", "patients.csv")).toBe(hash("utc", "patients.csv"));
    expect(hash("far", "truth.csv")).toBe(hash("utc", "truth.csv"));
  });

  test("writes well-formed CSV with the documented columns", () => {
    expect(patients).toHaveLength(40_000);
    expect(Object.keys(patients[0]!)).toEqual(POPULATION_COLUMNS);
    expect(patients.some((row) => row["address_line1"]!.includes(","))).toBe(true);
    const text = readFileSync(join(directory("first"), "patients.csv"), "utf8");
    expect(text).not.toMatch(/undefined|null|NaN|\[object|\{/);
    expect(text.endsWith("\n")).toBe(true);
  });

  test("covers every record once in the truth, in the order of the records", () => {
    expect(Object.keys(truth[0]!)).toEqual(TRUTH_COLUMNS);
    expect(truth.map((row) => row["source_id"])).toEqual(patients.map((row) => row["source_id"]));
    for (const row of truth) {
      const errors = row["errors"] === "" ? [] : row["errors"]!.split(" ");
      expect(String(errors.length)).toBe(row["error_count"]);
    }
  });

  test("does not leave the records of a household together", () => {
    const households = truth.map((row) => row["household"]);
    const neighbours = households.filter((household, i) => i > 0 && household === households[i - 1]).length;
    expect(neighbours).toBeLessThan(20);
  });

  test("sums up what it wrote", () => {
    const summary = JSON.parse(readFileSync(join(directory("first"), "summary.json"), "utf8")) as {
      readonly records: number;
      readonly persons: number;
      readonly truePairs: number;
      readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
    };
    const sizes = new Map<string, number>();
    for (const row of truth) sizes.set(row["cluster"]!, (sizes.get(row["cluster"]!) ?? 0) + 1);
    const pairs = [...sizes.values()].reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
    expect(summary).toMatchObject({ records: 40_000, persons: sizes.size, truePairs: pairs });
    for (const file of summary.files) {
      const content = readFileSync(join(directory("first"), file.path));
      expect(file).toEqual({ path: file.path, bytes: content.length, sha256: sha256(content) });
    }
    expect(readFileSync(join(directory("first"), "summary.txt"), "utf8")).toContain(`${pairs} true pairs`);
  });

  test("compresses on request, and the text is the same", async () => {
    const options = { patients: 3_000, seed: 5 };
    await generatePopulation(options, { directory: directory("plain") });
    await generatePopulation(options, { directory: directory("packed"), gzip: true });
    for (const file of ["patients.csv", "truth.csv"]) {
      const packed = gunzipSync(readFileSync(join(directory("packed"), `${file}.gz`)));
      expect(sha256(packed)).toBe(hash("plain", file));
    }
  });

  test("writes one FHIR Patient for each row of the CSV", async () => {
    const options = { patients: 2_000, seed: 5 };
    await generatePopulation(options, { directory: directory("csv") });
    await generatePopulation(options, { directory: directory("fhir"), format: "fhir" });
    const resources = readFileSync(join(directory("fhir"), "patients.ndjson"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as FhirPatient);
    const expected = rows("csv", "patients.csv");
    expect(resources).toHaveLength(2_000);
    expect(hash("fhir", "truth.csv")).toBe(hash("csv", "truth.csv"));
    resources.forEach((patient, i) => {
      const row = expected[i]!;
      expect(patient.resourceType).toBe("Patient");
      expect(patient.id).toMatch(/^[A-Za-z0-9.-]{1,64}$/);
      expect(patient.id).toBe(row["source_id"]);
      expect(patient.name[0]?.family ?? "").toBe(row["family"]);
      expect((patient.name[0]?.given ?? []).join("|")).toBe(
        [row["given"], row["middle"]].filter((name) => name !== "").join("|"),
      );
      expect(patient.birthDate).toBe(row["birth_date"]);
      expect(patient.gender ?? "").toBe(row["gender"]);
      expect(patient.address?.[0]?.postalCode ?? "").toBe(row["postal_code"]);
      expect(patient.identifier.map((identifier) => identifier.value)).toEqual(
        [row["source_id"], row["mrn"], row["ssn"]].filter((value) => value !== ""),
      );
    });
  });

  test("leaves no patients or truth behind when it is stopped", async () => {
    const stop = new AbortController();
    const stopped = generatePopulation(
      { patients: 60_000, seed: 5 },
      {
        directory: directory("stopped"),
        signal: stop.signal,
        onProgress: () => stop.abort(new Error("stopped by the test")),
      },
    );
    await expect(stopped).rejects.toThrow("stopped by the test");
    expect(readdirSync(directory("stopped"))).toEqual([]);
  });

  test("says which errors there are when asked for one that does not exist", async () => {
    const attempt = generatePopulation(
      { patients: 10, seed: 1, errorWeights: { tpying: 2 } },
      { directory: directory("unknown") },
    );
    await expect(attempt).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("tpying") as string,
      hint: expect.stringContaining("typing") as string,
    });
  });

  test("refuses weights that leave no error at all", async () => {
    const errorWeights = Object.fromEntries(listErrorNames().map((name) => [name, 0]));
    const attempt = generatePopulation(
      { patients: 10, seed: 1, errorWeights },
      { directory: directory("none") },
    );
    await expect(attempt).rejects.toMatchObject({ code: "usage" });
  });

  test("replaces nothing unasked", async () => {
    const options = { patients: 10, seed: 1 };
    await expect(generatePopulation(options, { directory: directory("first") })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("patients.csv, truth.csv") as string,
    });
    expect(rows("first", "truth.csv")).toHaveLength(40_000);
    await generatePopulation(options, { directory: directory("replaced") });
    await generatePopulation({ ...options, seed: 2 }, { directory: directory("replaced"), overwrite: true });
    expect(JSON.parse(readFileSync(join(directory("replaced"), "summary.json"), "utf8"))).toMatchObject({
      settings: { seed: 2 },
    });
  });

  test("fails where it cannot write", async () => {
    const file = join(directory("first"), "truth.csv");
    await expect(generatePopulation({ patients: 10, seed: 1 }, { directory: file })).rejects.toThrow();
  });
});

interface FhirPatient {
  readonly resourceType: string;
  readonly id: string;
  readonly name: readonly { readonly family?: string; readonly given?: readonly string[] }[];
  readonly birthDate: string;
  readonly gender?: string;
  readonly identifier: readonly { readonly value: string }[];
  readonly address?: readonly { readonly postalCode?: string }[];
}

test("the sample population has 5,000 records and is the same for everybody", async () => {
  const one = await generateSamplePopulation(directory("sample"));
  const two = await generateSamplePopulation(directory("sample-again"));
  expect(one.records).toBe(5_000);
  expect(two.files).toEqual(one.files);
});
