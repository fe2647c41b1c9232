import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

interface Resource {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

const patient = (id: string, more: Readonly<Record<string, unknown>> = {}): Resource => ({
  resourceType: "Patient",
  id,
  name: [{ use: "official", family: `Family${id}`, given: [`Given${id}`] }],
  gender: "female",
  birthDate: "1980-02-03",
  identifier: [{ system: "urn:mrn", value: `M${id}` }],
  ...more,
});
const lines = (...resources: readonly Resource[]) => resources.map((each) => JSON.stringify(each)).join("\n");
const bundle = (type: string, ...entry: readonly unknown[]): Resource => ({
  resourceType: "Bundle",
  type,
  entry,
});

const program = fileURLToPath(new URL("../../../support/programs/mpi.ts", import.meta.url));

let folder: string;
let database: TestDatabase;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-import-fhir-"));
  database = await createTestDatabase();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, content: string | Buffer) => writeFile(path.join(folder, name), content);
const importFhir = async (file: string, ...more: string[]) => {
  const result = await runCli(
    [
      "import",
      "fhir",
      file,
      "--output",
      "json",
      ...(more.includes("--source") ? [] : ["--source", "clinic"]),
      ...more,
    ],
    { database: database.url, cwd: folder },
  );
  const items =
    result.stdout === "" ? [] : (JSON.parse(result.stdout) as { items: Record<string, unknown>[] }).items;
  return { ...result, items, counts: items[0] ?? {} };
};
const count = async (table: string) =>
  Number((await database.sql.unsafe(`select count(*) from ${table}`))[0]!["count"]);
const linkRows = async () =>
  (
    await database.sql`
      select a.source_id as record, l.link_type as type, b.source_id as other, l.origin
      from patient_links l join patients a on a.id = l.patient_id join patients b on b.id = l.other_patient_id
      order by 1, 2, 3`
  ).map((row) => ({ ...row }));

describe("mpi import fhir", () => {
  it("adds patients from NDJSON with everything that has a column, and audits it", async () => {
    await write(
      "in.ndjson",
      lines(
        patient("1", {
          meta: { lastUpdated: "2020-05-06T07:08:09Z" },
          name: [
            { use: "official", family: "Brandywine", given: ["Ada", "May"], prefix: ["Dr"], suffix: ["Jr"] },
            { use: "maiden", family: "Thistlewood" },
          ],
          identifier: [
            { use: "official", type: { coding: [{ code: "MR" }] }, system: "urn:mrn", value: "M1" },
            { value: "no system" },
          ],
          telecom: [{ system: "phone", use: "mobile", value: "217-555-0101", rank: 1 }],
          address: [
            {
              use: "home",
              line: ["1 Elm Street", "Flat 2"],
              city: "Springfield",
              postalCode: "62701",
              country: "US",
            },
          ],
          birthDate: "1980-02",
          deceasedDateTime: "2021-02-03T04:05:06+01:00",
          multipleBirthInteger: 2,
          maritalStatus: { coding: [{ code: "M" }] },
          contact: [{ relationship: [{ coding: [{ code: "MTH" }] }], name: { text: "Rose Brandywine" } }],
        }),
      ),
    );
    const { exitCode, counts, stderr } = await importFhir("in.ndjson");
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(counts).toMatchObject({ records: 1, added: 1, rejected: 0, unmapped: {} });
    const [row] = await database.sql`
      select source_system, source_id, received_at::text, gender, birth_date::text, birth_date_precision, deceased,
        deceased_datetime::text, birth_order, multiple_birth, marital_status, mother_name from patients`;
    expect({ ...row }).toEqual({
      source_system: "clinic",
      source_id: "1",
      received_at: "2020-05-06 07:08:09+00",
      gender: "female",
      birth_date: "1980-02-01",
      birth_date_precision: "month",
      deceased: true,
      deceased_datetime: "2021-02-03 03:05:06+00",
      birth_order: 2,
      multiple_birth: true,
      marital_status: "M",
      mother_name: "Rose Brandywine",
    });
    const names =
      await database.sql`select family, given, prefix, suffix, use_type, is_primary from patient_names order by 1`;
    expect(names.map((name) => ({ ...name }))).toEqual([
      {
        family: "Brandywine",
        given: ["Ada", "May"],
        prefix: ["Dr"],
        suffix: ["Jr"],
        use_type: "official",
        is_primary: true,
      },
      { family: "Thistlewood", given: [], prefix: [], suffix: [], use_type: "maiden", is_primary: false },
    ]);
    const identifiers =
      await database.sql`select type, system, value from patient_identifiers order by value`;
    expect(identifiers.map((each) => ({ ...each }))).toEqual([
      { type: "MR", system: "urn:mrn", value: "M1" },
      { type: "OTHER", system: "urn:mpi:local:clinic", value: "no system" },
    ]);
    const [address] =
      await database.sql`select line1, line2, city, postal_code, country, use_type from patient_addresses`;
    expect({ ...address }).toEqual({
      line1: "1 Elm Street",
      line2: "Flat 2",
      city: "Springfield",
      postal_code: "62701",
      country: "US",
      use_type: "home",
    });
    expect(
      await count("audit_log where operation = 'IMPORT' and entity_type = 'patient' and action = 'INSERT'"),
    ).toBe(7);
  });

  it("changes nothing the second time, and updates what has changed", async () => {
    await write("in.ndjson", lines(patient("1"), patient("2")));
    await importFhir("in.ndjson");
    expect((await importFhir("in.ndjson")).counts).toMatchObject({ added: 0, unchanged: 2 });
    await write("next.ndjson", lines(patient("1", { gender: "male" }), patient("2")));
    expect((await importFhir("next.ndjson")).counts).toMatchObject({ updated: 1, unchanged: 1 });
  });

  it.each([
    ["one resource laid out for reading", () => JSON.stringify(patient("1"), null, 2)],
    ["one resource on a line", () => JSON.stringify(patient("1"))],
    ["an array", () => JSON.stringify([patient("1")])],
    ["a collection", () => JSON.stringify(bundle("collection", { resource: patient("1") }), null, 2)],
    [
      "a search set with its outcome",
      () =>
        JSON.stringify(
          bundle(
            "searchset",
            {
              fullUrl: "https://host.example/fhir/Patient/1",
              resource: patient("1"),
              search: { mode: "match" },
            },
            { resource: { resourceType: "OperationOutcome" }, search: { mode: "outcome" } },
          ),
        ),
    ],
    [
      "a transaction",
      () =>
        JSON.stringify(
          bundle("transaction", { resource: patient("1"), request: { method: "PUT", url: "Patient/1" } }),
        ),
    ],
    [
      "a message",
      () =>
        JSON.stringify(
          bundle("message", { resource: { resourceType: "MessageHeader" } }, { resource: patient("1") }),
        ),
    ],
    [
      "a document",
      () =>
        JSON.stringify(
          bundle("document", { resource: { resourceType: "Composition" } }, { resource: patient("1") }),
        ),
    ],
    ["Bundles line by line", () => JSON.stringify(bundle("batch", { resource: patient("1") })) + "\n"],
    ["a byte order mark and empty lines", () => `\ufeff\n${JSON.stringify(patient("1"))}\r\n\r\n`],
  ])("reads %s", async (_, content) => {
    await write("in.json", content());
    expect((await importFhir("in.json")).counts).toMatchObject({ added: 1, rejected: 0 });
    await write("in.gz", gzipSync(content()));
    expect((await importFhir("in.gz")).counts).toMatchObject({ unchanged: 1 });
  });

  it("reads standard input", async () => {
    const result = await runCli(["import", "fhir", "-", "--source", "clinic", "--output", "json"], {
      database: database.url,
      cwd: folder,
      stdin: lines(
        patient("1"),
        patient("2", { link: [{ type: "seealso", other: { reference: "Patient/1" } }] }),
      ),
    });
    expect(result.exitCode).toBe(0);
    expect(await linkRows()).toEqual([{ record: "2", type: "seealso", other: "1", origin: "import" }]);
  });

  it("takes the newest version of a history, and deletes softly what was deleted", async () => {
    await write("in.ndjson", lines(patient("1"), patient("2")));
    await importFhir("in.ndjson");
    await write(
      "history.json",
      JSON.stringify(
        bundle(
          "history",
          { request: { method: "DELETE", url: "Patient/2" }, response: { status: "204" } },
          { resource: patient("1", { gender: "other" }), request: { method: "PUT", url: "Patient/1" } },
          { resource: patient("1", { gender: "male" }), request: { method: "PUT", url: "Patient/1" } },
        ),
      ),
    );
    const { counts } = await importFhir("history.json");
    expect(counts).toMatchObject({ records: 2, updated: 1, deleted: 1, rejected: 0 });
    const rows =
      await database.sql`select source_id, gender, deleted_at is not null as deleted from patients order by 1`;
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { source_id: "1", gender: "other", deleted: false },
      { source_id: "2", gender: "female", deleted: true },
    ]);
    expect((await importFhir("history.json", "--max-rejects", "9")).counts).toMatchObject({ unchanged: 2 });
  });

  it("sets aside what cannot be taken as it came, with place and reason, and takes it back mended", async () => {
    const bad = JSON.stringify(patient("2", { birthDate: "1961-02-30" }));
    await write(
      "in.ndjson",
      Buffer.concat([
        Buffer.from(`${lines(patient("1"))}\n${bad}\n{"resourceType":"Patient","id":"3"\n`),
        Buffer.from('{"resourceType":"Patient","id":"4","name":[{"family":"M\xfcller"}]}\n', "latin1"),
        Buffer.from(`${lines(patient("5", { gender: "F" }), { resourceType: "Patient" }, patient("6"))}\n`),
        Buffer.from(lines(patient("7", { modifierExtension: [{ url: "urn:not" }] }))),
      ]),
    );
    const { exitCode, counts, stderr } = await importFhir("in.ndjson");
    expect(exitCode).toBe(5);
    expect(counts).toMatchObject({ added: 2, rejected: 6 });
    expect(stderr).not.toContain("1961-02");
    const file = path.join(folder, "in.ndjson.rejects.ndjson");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const content = await readFile(file);
    const written = content.toString("latin1").trimEnd().split("\n");
    const reasons = written
      .filter((_, index) => index % 2 === 0)
      .map((line) => (JSON.parse(line) as { issue: { diagnostics: string }[] }).issue[0]!.diagnostics);
    expect(reasons).toEqual([
      "line 2: birthDate: is no date of the calendar",
      "line 3: is not JSON, or cut off",
      "line 4: is not valid UTF-8",
      expect.stringMatching(/^line 5: gender: Invalid option/),
      "line 6: has no id, so that the record could not be found again",
      "line 8: has a modifierExtension, which changes what the rest of it means",
    ]);
    expect(written[1]).toBe(bad);
    expect(written[5]).toBe('{"resourceType":"Patient","id":"4","name":[{"family":"M\xfcller"}]}');
    const mended = content
      .toString("latin1")
      .replace("1961-02-30", "1961-02-28")
      .replace('"id":"3"\n', '"id":"3","name":[{"family":"Three"}]}\n')
      .replace("M\xfcller", "M\xc3\xbcller")
      .replace('"gender":"F"', '"gender":"female"')
      .replace('{"resourceType":"Patient"}', "")
      .replace('"modifierExtension":[{"url":"urn:not"}]', '"active":true');
    await write("mended.ndjson", Buffer.from(mended, "latin1"));
    const again = await importFhir("mended.ndjson");
    expect(again.counts).toMatchObject({ added: 5, rejected: 0 });
    expect(await count("patient_names where family = 'Müller'")).toBe(1);
  });

  it("lists content that has no column by path and count, and rejects it with --strict", async () => {
    await write(
      "in.ndjson",
      lines(
        patient("1", {
          communication: [{}],
          photo: [{}],
          extension: [{ url: "urn:race" }],
          text: { status: "generated" },
        }),
        patient("2", { communication: [{}], _birthDate: { extension: [] }, active: false }),
        { resourceType: "Observation", id: "o" },
      ),
    );
    const { exitCode, counts, stderr } = await importFhir("in.ndjson");
    expect(exitCode).toBe(0);
    expect(counts).toMatchObject({
      records: 2,
      added: 2,
      unmapped: {
        "Patient.communication": 2,
        "Patient._birthDate": 1,
        "Patient.active(false)": 1,
        "Patient.extension(urn:race)": 1,
        "Patient.photo": 1,
      },
      otherResources: { Observation: 1 },
    });
    expect(stderr).toContain("Patient.communication 2");
    const strict = await importFhir("in.ndjson", "--strict");
    expect(strict.exitCode).toBe(5);
    expect(strict.counts).toMatchObject({ rejected: 2, unchanged: 0 });
  });

  it("links patients whose links stand before them, in another file or in either direction", async () => {
    await mkdir(path.join(folder, "bulk"));
    await write(
      "bulk/Patient.000.ndjson",
      lines(
        patient("1", { link: [{ type: "seealso", other: { reference: "Patient/3" } }] }),
        patient("2", {
          link: [{ type: "refer", other: { reference: "https://host.example/fhir/Patient/4" } }],
        }),
      ),
    );
    await write(
      "bulk/Patient.001.ndjson.gz",
      gzipSync(
        lines(patient("3", { link: [{ type: "seealso", other: { reference: "Patient/1" } }] }), patient("4")),
      ),
    );
    await write("bulk/Observation.ndjson", lines({ resourceType: "Observation" }));
    const { exitCode, items, stderr } = await importFhir("bulk");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Observation.ndjson");
    expect(items).toMatchObject([
      { added: 2, links: { linked: 2, unchanged: 0 } },
      { added: 2, links: { linked: 0, unchanged: 1 } },
    ]);
    expect(await linkRows()).toEqual([
      { record: "1", type: "seealso", other: "3", origin: "import" },
      { record: "2", type: "refer", other: "4", origin: "import" },
    ]);
    expect(await count("(select distinct enterprise_id from patients) p")).toBe(2);
  });

  it("merges what its source replaced, through chains, and passes later data on to the survivor", async () => {
    const replaced = (id: string, by: string, ...replaces: string[]) =>
      patient(id, {
        link: [
          { type: "replaced-by", other: { reference: `Patient/${by}` } },
          ...replaces.map((other) => ({ type: "replaces", other: { reference: `Patient/${other}` } })),
        ],
      });
    await write(
      "in.ndjson",
      lines(
        replaced("2", "3", "1"),
        replaced("1", "2"),
        patient("3", { link: [{ type: "replaces", other: { reference: "Patient/2" } }] }),
      ),
    );
    const { exitCode, counts } = await importFhir("in.ndjson");
    expect(exitCode).toBe(0);
    expect(counts).toMatchObject({ added: 3, links: { merged: 2, rejected: 0 } });
    expect((await linkRows()).filter((row) => row["type"] === "replaced_by")).toEqual([
      { record: "1", type: "replaced_by", other: "2", origin: "merge" },
      { record: "2", type: "replaced_by", other: "3", origin: "merge" },
    ]);
    const held = await database.sql`
      select i.value from patient_identifiers i join patients p on p.id = i.patient_id where p.source_id = '3' order by 1`;
    expect(held.map((row) => row["value"] as string)).toEqual(["M1", "M2", "M3"]);
    await write("later.ndjson", lines(patient("1", { telecom: [{ system: "phone", value: "555-0100" }] })));
    await importFhir("later.ndjson");
    const [phone] = await database.sql`
      select p.source_id, o.source_id as origin from patient_contacts c join patients p on p.id = c.patient_id
      join patients o on o.id = c.origin_patient_id`;
    expect({ ...phone }).toEqual({ source_id: "3", origin: "1" });
    expect((await importFhir("in.ndjson")).counts).toMatchObject({ links: { merged: 0, rejected: 0 } });
  });

  it("section 8: keeps a merge or link against a decision in quarantine", async () => {
    await write("in.ndjson", lines(patient("1"), patient("2")));
    await importFhir("in.ndjson");
    const ids = (await database.sql`select id from patients order by source_id`).map(
      (row) => row["id"] as string,
    );
    const decided = await runCli(["patient", "link", ids[0]!, ids[1]!, "--reason", "x", "--yes"], {
      database: database.url,
    });
    expect(decided.exitCode).toBe(0);
    const parted = await runCli(["patient", "unlink", ids[0]!, ids[1]!, "--reason", "twins", "--yes"], {
      database: database.url,
    });
    expect(parted.exitCode).toBe(0);
    await write(
      "merge.ndjson",
      lines(patient("1", { link: [{ type: "replaced-by", other: { reference: "Patient/2" } }] })),
    );
    const { exitCode, counts } = await importFhir("merge.ndjson");
    expect(exitCode).toBe(5);
    expect(counts).toMatchObject({ links: { quarantined: 1, merged: 0 } });
    const shown = await runCli(["import", "fhir", "merge.ndjson", "--source", "clinic", "--output", "csv"], {
      database: database.url,
      cwd: folder,
    });
    expect(shown.stdout).toMatch(/^merge.ndjson,1,0,0,1,0,1,0,/m);
    const [row] = await database.sql`select kind, origin, state from patient_quarantine`;
    expect({ ...row }).toEqual({ kind: "merge", origin: "fhir", state: "pending" });
    expect(await count("patients where active")).toBe(2);
  });

  it("rejects a resource whose link leads nowhere, and takes it when the other is there", async () => {
    await write(
      "in.ndjson",
      lines(patient("1", { link: [{ type: "seealso", other: { reference: "Patient/2" } }] })),
    );
    const first = await importFhir("in.ndjson");
    expect(first.exitCode).toBe(5);
    expect(first.counts).toMatchObject({ added: 1, rejected: 1, links: { rejected: 1 } });
    await write("more.ndjson", lines(patient("2")));
    await importFhir("more.ndjson");
    const second = await importFhir("in.ndjson.rejects.ndjson");
    expect(second.exitCode).toBe(0);
    expect(second.counts).toMatchObject({ unchanged: 1, links: { linked: 1 } });
  });

  it("keeps organizations, their hierarchy and who manages whom, in any order", async () => {
    const organization = (id: string, more: Readonly<Record<string, unknown>> = {}): Resource => ({
      resourceType: "Organization",
      id,
      name: `Org ${id}`,
      ...more,
    });
    await write(
      "in.ndjson",
      lines(
        patient("1", { managingOrganization: { reference: "Organization/b" } }),
        patient("2", { managingOrganization: { reference: "Organization/nowhere" } }),
        organization("b", {
          partOf: { reference: "Organization/a" },
          alias: ["B"],
          type: [{ coding: [{ code: "dept" }] }],
          telecom: [{ system: "phone", value: "555-0100" }],
          identifier: [{ system: "urn:npi", value: "1234567893" }],
        }),
        organization("a", { contact: [{ address: { city: "Springfield" }, telecom: [{ value: "x" }] }] }),
        { resourceType: "Organization", id: "c" },
      ),
    );
    const { exitCode, counts } = await importFhir("in.ndjson");
    expect(exitCode).toBe(5);
    expect(counts).toMatchObject({
      records: 5,
      added: 4,
      rejected: 1,
      unmapped: { "Patient.managingOrganization(not here)": 1 },
    });
    const rows = await database.sql`
      select o.name, p.name as parent, o.org_type, o.source_id from organizations o
      left join organizations p on p.id = o.part_of order by 1`;
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { name: "Org a", parent: null, org_type: [], source_id: "a" },
      { name: "Org b", parent: "Org a", org_type: ["dept"], source_id: "b" },
    ]);
    expect(await count("organization_addresses where city = 'Springfield'")).toBe(1);
    const [managed] = await database.sql`
      select o.name from patients p join organizations o on o.id = p.managing_organization_id where p.source_id = '1'`;
    expect(managed!["name"]).toBe("Org b");
    await write(
      "again.ndjson",
      (await readFile(path.join(folder, "in.ndjson"), "utf8")).split("\n").slice(0, 4).join("\n"),
    );
    expect((await importFhir("again.ndjson")).counts).toMatchObject({ unchanged: 4, updated: 0 });
    await write("new.ndjson", lines(organization("b", { alias: ["B", "Beta"] })));
    expect((await importFhir("new.ndjson")).counts).toMatchObject({ updated: 1 });
  });

  it("section 8: quarantines an update that would turn one person into another", async () => {
    await write("in.ndjson", lines(patient("1")));
    await importFhir("in.ndjson");
    await write(
      "next.ndjson",
      lines(patient("1", { name: [{ family: "Quux", given: ["Zebulon"] }], birthDate: "1941-07-08" })),
    );
    const { exitCode, counts } = await importFhir("next.ndjson");
    expect(exitCode).toBe(5);
    expect(counts).toMatchObject({ quarantined: 1, updated: 0 });
  });

  it("writes nothing in a dry run, organizations included", async () => {
    await write("in.ndjson", lines({ resourceType: "Organization", id: "a", name: "A" }, patient("1")));
    const { exitCode, counts, stderr } = await importFhir("in.ndjson", "--dry-run");
    expect(exitCode).toBe(0);
    expect(counts).toMatchObject({ added: 2, links: null });
    expect(stderr).toContain("nothing was changed");
    expect((await count("patients")) + (await count("organizations")) + (await count("import_runs"))).toBe(0);
  });

  it("stops after too many rejections, and says so with exit code 9", async () => {
    await write("in.ndjson", lines(...Array.from({ length: 5 }, () => ({ resourceType: "Patient" }))));
    expect((await importFhir("in.ndjson", "--max-rejects", "3")).exitCode).toBe(9);
  });

  it("takes the source from meta.source, and says where there is none", async () => {
    await write(
      "in.ndjson",
      lines(
        patient("1", { meta: { source: "urn:mpi:source:east%20wing" } }),
        patient("2", { meta: { source: "https://ehr.example/fhir#req-17" } }),
        patient("3"),
      ),
    );
    const { exitCode, stdout, stderr } = await runCli(["import", "fhir", "in.ndjson", "--output", "json"], {
      database: database.url,
      cwd: folder,
    });
    expect(exitCode).toBe(5);
    expect(stderr).toContain("give it with --source");
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ added: 2, rejected: 1 }] });
    const rows = await database.sql`select source_system, source_id from patients order by source_id`;
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { source_system: "east wing", source_id: "1" },
      { source_system: "https://ehr.example/fhir", source_id: "2" },
    ]);
  });

  it("carries on after it was stopped, and still settles links that stood in what was committed", async () => {
    const many = Array.from({ length: 1100 }, (_, index) => patient(String(index + 1)));
    const linked = patient("1", { link: [{ type: "seealso", other: { reference: "Patient/1100" } }] });
    const broken = Array.from({ length: 3 }, () => ({ resourceType: "Patient" }));
    await write("in.ndjson", lines(linked, ...many.slice(1, 997), ...broken, ...many.slice(997)));
    const stopped = await importFhir("in.ndjson", "--max-rejects", "2");
    expect(stopped.exitCode).toBe(9);
    expect(await linkRows()).toEqual([]);
    const { exitCode, counts } = await importFhir("in.ndjson", "--max-rejects", "10");
    expect(exitCode).toBe(5);
    expect(counts).toMatchObject({
      resumedAfter: 1000,
      records: 1103,
      rejected: 3,
      links: { linked: 1 },
    });
    expect(await count("patients")).toBe(1100);
    const rejects = await readFile(path.join(folder, "in.ndjson.rejects.ndjson"), "utf8");
    expect(rejects.trimEnd().split("\n")).toHaveLength(6);
    expect(await count("import_runs where state = 'succeeded'")).toBe(1);
  });

  it.each([
    ["a file that is not there", ["import", "fhir", "nowhere.ndjson", "--source", "x"], 3],
    ["no file at all", ["import", "fhir"], 2],
    ["a directory without resources", ["import", "fhir", ".", "--source", "x"], 2],
  ])("refuses %s", async (_, argv, exitCode) => {
    expect((await runCli(argv, { database: database.url, cwd: folder })).exitCode).toBe(exitCode);
  });

  it("says of a document that breaks off that it does", async () => {
    await write(
      "in.json",
      JSON.stringify(bundle("collection", { resource: patient("1") }), null, 2).slice(0, -20),
    );
    const { exitCode, stderr } = await importFhir("in.json");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("cut off");
  });

  it("prints a table on a terminal and a plain one in a pipe", async () => {
    await write("in.ndjson", lines(patient("1")));
    const options = { database: database.url, cwd: folder };
    const piped = await runCli(["import", "fhir", "in.ndjson", "--source", "clinic"], options);
    expect(piped.stdout).toMatch(/^File +Records +Added/);
    const shown = await runCli(["import", "fhir", "in.ndjson", "--source", "clinic"], {
      ...options,
      tty: true,
    });
    expect(shown.stdout).toContain("in.ndjson");
  });

  it.each([
    { place: "the records", table: "patients", persons: 6000, every: 100 },
    { place: "the links", table: "patient_links", persons: 900, every: 10 },
  ])(
    "is finished by the same command after a kill -9 amid $place, without loss or doubles",
    { timeout: 120_000 },
    async ({ table, persons, every }) => {
      const linked = persons / every;
      const resources: Resource[] = [];
      for (let id = 1; id <= persons; id += 1) {
        resources.push(patient(String(id)));
        // Some have a second record; every other of those was merged into the first.
        if (id % every !== 0) continue;
        const type = id % (2 * every) === 0 ? "replaced-by" : "seealso";
        resources.push(
          patient(`${String(id)}b`, { link: [{ type, other: { reference: `Patient/${String(id)}` } }] }),
        );
      }
      await write("in.ndjson", lines(...resources));
      const child = spawn(
        process.execPath,
        ["--import", "tsx", program, "import", "fhir", path.join(folder, "in.ndjson"), "--source", "clinic"],
        { env: { PATH: process.env["PATH"], DATABASE_URL: database.url, HOME: folder }, stdio: "ignore" },
      );
      const ended = once(child, "exit");
      while (child.exitCode === null && (await count(table)) === 0) await sleep(5);
      child.kill("SIGKILL");
      await ended;
      // The kill came in time: what it was to interrupt is not done. A link is one row, a merge two.
      const all = table === "patients" ? resources.length : linked + linked / 2;
      expect(await count(table)).toBeGreaterThan(0);
      expect(await count(table)).toBeLessThan(all);
      const again = await importFhir("in.ndjson");
      expect(again.exitCode).toBe(0);
      expect(again.counts).toMatchObject({ records: resources.length, added: resources.length, rejected: 0 });
      const [stored] = await database.sql`
        select count(*)::integer as records, count(distinct source_id)::integer as ids,
          count(*) filter (where not active)::integer as retired, count(distinct enterprise_id)::integer as persons
        from patients`;
      expect({ ...stored }).toEqual({
        records: resources.length,
        ids: resources.length,
        retired: linked / 2,
        persons,
      });
      const kinds = await database.sql`
        select link_type as type, count(*)::integer as n from patient_links group by 1 order by 1`;
      expect(kinds.map((row) => ({ ...row }))).toEqual(
        ["replaced_by", "replaces", "seealso"].map((type) => ({ type, n: linked / 2 })),
      );
      // Nothing was stored twice on the way: each record came in by one row of the trail.
      expect(await count("audit_log where table_name = 'patients' and action = 'INSERT'")).toBe(
        resources.length,
      );
    },
  );
});
