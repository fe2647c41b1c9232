import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { findSchemaErrors } from "../../../support/fhir-schema.ts";
import { openTestIndex, type TestIndex } from "../../../support/test-index.ts";

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

let folder: string;
let index: TestIndex;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-export-fhir-"));
  index = await openTestIndex();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const mpi = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCli(argv, { database: index.database.url, cwd: folder, env });
const parse = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Resource);

const twoPeople = async () => {
  const ada = await index.add({
    name: "Brandywine, Ada May",
    birthDate: "1980-02-03",
    gender: "female",
    identifiers: [{ value: "M1" }],
    addresses: [{ line1: "1 Elm Street", city: "Springfield", postalCode: "62701-1234" }],
    contacts: [{ value: "217-555-0101" }],
    source: { system: "clinic a", id: "1" },
  });
  const ben = await index.add({ name: "Quux, Ben", source: { system: "clinic b", id: "2" } });
  await mpi(["patient", "link", ada, ben, "--reason", "same", "--yes"]);
  return { ada, ben };
};

describe("mpi export fhir", () => {
  it("writes patients with their links, and a Person for each enterprise id, as the schema wants them", async () => {
    const { ada, ben } = await twoPeople();
    const { exitCode, stdout, stderr } = await mpi(["export", "fhir"]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("2 patients, 1 persons and 0 organizations exported");
    const resources = parse(stdout);
    for (const resource of resources) expect(findSchemaErrors(resource)).toEqual([]);
    const patient = resources.find((each) => each.id === ada)!;
    const person = resources.find((each) => each.resourceType === "Person")!;
    expect(patient).toMatchObject({
      resourceType: "Patient",
      meta: { source: "urn:mpi:source:clinic%20a#1" },
      active: true,
      name: [{ family: "Brandywine", given: ["Ada", "May"] }],
      birthDate: "1980-02-03",
      link: [
        {
          type: "seealso",
          other: {
            reference: `Patient/${ben}`,
            identifier: { system: "urn:mpi:source:clinic%20b", value: "2" },
          },
        },
      ],
    });
    expect(patient["identifier"]).toEqual([
      {
        type: {
          coding: [
            { system: "http://terminology.hl7.org/CodeSystem/v2-0203", code: "MR" },
            { system: "urn:mpi:identifier-type", code: "MRN" },
          ],
        },
        system: "urn:test:mrn",
        value: "M1",
      },
      { use: "secondary", system: "urn:mpi:enterprise-id", value: person.id },
    ]);
    expect(person["link"]).toEqual(
      [ada, ben].sort().map((id) => ({ target: { reference: `Patient/${id}` } })),
    );
  });

  it("writes one audit row for each patient that leaves, before it leaves", async () => {
    const { ada, ben } = await twoPeople();
    await mpi(["export", "fhir", "--types", "Patient", "--to", "out.ndjson"]);
    const rows = await index.sql`
      select entity_id, user_id, operation, new_values from audit_log where action = 'EXPORT' order by entity_id`;
    expect(rows.map((row) => row["entity_id"] as string)).toEqual([ada, ben].sort());
    expect(rows[0]).toMatchObject({ user_id: "tester", operation: "EXPORT", new_values: { format: "fhir" } });
    await mpi(["export", "fhir", "--types", "Person", "--to", "persons.ndjson"]);
    const [count] = await index.sql`select count(*)::integer as n from audit_log where action = 'EXPORT'`;
    expect(count!["n"]).toBe(4);
  });

  it("writes a file that appears whole, for its owner only, gzip by its name, and replaces none unasked", async () => {
    await twoPeople();
    expect((await mpi(["export", "fhir", "--to", "out.ndjson.gz"])).exitCode).toBe(0);
    const file = path.join(folder, "out.ndjson.gz");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(parse(gunzipSync(await readFile(file)).toString("utf8"))).toHaveLength(3);
    const refused = await mpi(["export", "fhir", "--to", "out.ndjson.gz"]);
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toContain("--overwrite");
    expect((await mpi(["export", "fhir", "--to", "out.ndjson.gz", "--overwrite"])).exitCode).toBe(0);
    expect(await readdir(folder)).toEqual(["out.ndjson.gz"]);
    const nowhere = await mpi(["export", "fhir", "--to", "no/such/place.ndjson"]);
    expect(nowhere.exitCode).toBe(6);
    expect(nowhere.stderr).toContain("ENOENT");
  });

  it("writes one Bundle that mpi import reads", async () => {
    await twoPeople();
    await mpi(["export", "fhir", "--bundle", "--to", "out.json"]);
    const bundle = JSON.parse(await readFile(path.join(folder, "out.json"), "utf8")) as Record<
      string,
      unknown
    >;
    expect(bundle).toMatchObject({ resourceType: "Bundle", type: "collection" });
    expect(bundle["entry"]).toHaveLength(3);
    const { stdout } = await mpi(["import", "fhir", "out.json", "--output", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      items: [{ records: 2, unchanged: 2, unmapped: {}, otherResources: {} }],
    });
  });

  it("writes only what is asked for: sources, organizations, times, records in use, types", async () => {
    const { ada, ben } = await twoPeople();
    const ids = async (...flags: string[]) =>
      (await mpi(["export", "fhir", "--types", "Patient", ...flags])).stdout
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => (JSON.parse(line) as Resource).id);
    expect(await ids("--source", "clinic a")).toEqual([ada]);
    expect(await ids("--source", "clinic a", "--source", "clinic b")).toEqual([ada, ben].sort());
    expect(await ids("--since", "2999-01-01")).toEqual([]);
    expect(await ids("--since", "2020-01-01T00:00:00Z")).toHaveLength(2);
    await mpi(["patient", "merge", ada, ben, "--reason", "same", "--yes"]);
    expect(await ids("--active-only")).toEqual([ben]);
    expect(await ids()).toHaveLength(2);
    await mpi(["patient", "unmerge", ada, "--reason", "no", "--yes"]);
    await mpi(["patient", "delete", ada, "--reason", "x", "--yes"]);
    expect(await ids()).toEqual([ben]);
  });

  it("masks: nothing that names a patient is left", async () => {
    await twoPeople();
    const { stdout } = await mpi(["export", "fhir", "--mask"]);
    for (const hidden of [
      "Brandywine",
      "Ada",
      "1980-02",
      "Elm",
      "62701",
      "555-0101",
      '"M1"',
      'clinic%20a#1"',
    ])
      expect(stdout).not.toContain(hidden);
    expect(stdout).toContain('"code":"MASKED"');
    expect(stdout).toContain('"birthDate":"1980"');
    for (const resource of parse(stdout)) expect(findSchemaErrors(resource)).toEqual([]);
  });

  it("pseudonymises: the same with the same secret, another with another, and nothing is left", async () => {
    const { ada, ben } = await twoPeople();
    const key = "a secret of good length";
    const first = await mpi(["export", "fhir", "--pseudonymize"], { MPI_PSEUDONYM_KEY: key });
    expect(first.exitCode).toBe(0);
    const second = await mpi(["export", "fhir", "--pseudonymize"], { MPI_PSEUDONYM_KEY: key });
    expect(second.stdout).toBe(first.stdout);
    await writeFile(path.join(folder, "other.key"), "another secret of length\n", { mode: 0o600 });
    const other = await mpi(["export", "fhir", "--pseudonymize", "--key-file", "other.key"]);
    expect(other.exitCode).toBe(0);
    expect(other.stdout).not.toBe(first.stdout);
    for (const hidden of [
      ada,
      ben,
      "Brandywine",
      "brandywine",
      "Ada",
      "1980-02",
      "Elm",
      "Springfield",
      "0101",
      '"M1"',
    ])
      expect(first.stdout).not.toContain(hidden);
    const resources = parse(first.stdout);
    for (const resource of resources) expect(findSchemaErrors(resource)).toEqual([]);
    const patients = new Set(
      resources.filter((each) => each.resourceType === "Patient").map((each) => each.id),
    );
    const linked = resources.flatMap((each) => JSON.stringify(each).match(/Patient\/[0-9a-f-]{36}/g) ?? []);
    expect(linked.every((reference) => patients.has(reference.slice("Patient/".length)))).toBe(true);
    const [row] = await index.sql`select new_values from audit_log where action = 'EXPORT' limit 1`;
    expect(row!["new_values"]).toMatchObject({
      disguise: "pseudonymized",
      keyId: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
    });
  });

  it.each([
    [["--pseudonymize"], "MPI_PSEUDONYM_KEY"],
    [["--mask", "--pseudonymize"], "do not go together"],
    [["--key-file", "x"], "--pseudonymize"],
    [["--since", "yesterday"], "--since"],
    [["--since", "2026-02-31"], "--since"],
    [["--overwrite"], "--to"],
    [["--types", "Observation"], "Allowed choices"],
  ])("refuses %j", async (flags, words) => {
    const { exitCode, stderr } = await mpi(["export", "fhir", ...flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(words);
  });

  it("refuses a key file that others can read, and a secret that could be guessed", async () => {
    await writeFile(path.join(folder, "open.key"), "a secret of good length", { mode: 0o644 });
    const open = await mpi(["export", "fhir", "--pseudonymize", "--key-file", "open.key"]);
    expect(open).toMatchObject({ exitCode: 2 });
    expect(open.stderr).toContain("read by others");
    const short = await mpi(["export", "fhir", "--pseudonymize"], { MPI_PSEUDONYM_KEY: "short" });
    expect(short.stderr).toContain("too short");
  });

  it("writes nothing of an empty index but a valid document", async () => {
    expect(await mpi(["export", "fhir"])).toMatchObject({ exitCode: 0, stdout: "" });
    const { stdout } = await mpi(["export", "fhir", "--bundle"]);
    expect(JSON.parse(stdout)).toEqual({ resourceType: "Bundle", type: "collection", entry: [] });
  });
});
