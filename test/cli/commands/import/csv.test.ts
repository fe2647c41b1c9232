import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { createEmptyTestDatabase, createTestDatabase, type TestDatabase } from "../../../support/database.ts";

const map = {
  sourceId: "id",
  dateFormat: "YYYY-MM-DD",
  names: [{ use: "official", family: "family", given: "given" }],
  birthDate: "born",
  identifiers: [{ type: "MRN", system: "urn:mrn", value: "mrn" }],
  addresses: [{ use: "home", line1: "street", city: "city" }],
  contacts: [{ system: "phone", use: "home", value: "phone" }],
};
const header = "id,family,given,born,mrn,street,city,phone";
const row = (id: number, family = `Family${id}`) =>
  `${id},${family},Given${id},1980-01-${String((id % 28) + 1).padStart(2, "0")},M${id},${id} Elm Street,Springfield,217-555-${String(id).padStart(4, "0")}`;

let folder: string;
let database: TestDatabase;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-import-"));
  await writeFile(path.join(folder, "map.json"), JSON.stringify(map));
  database = await createTestDatabase();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, content: string | Buffer) => writeFile(path.join(folder, name), content);
const importCsv = async (file: string, ...more: string[]) => {
  const result = await runCli(
    ["import", "csv", file, "--map", "./map.json", "--source", "clinic", "--output", "json", ...more],
    { database: database.url, cwd: folder },
  );
  const items =
    result.stdout === "" ? [] : (JSON.parse(result.stdout) as { items: Record<string, unknown>[] }).items;
  return { ...result, counts: items[0] ?? {} };
};
const count = async (table: string) =>
  Number((await database.sql.unsafe(`select count(*) from ${table}`))[0]!["count"]);

describe("mpi import csv", () => {
  it("adds every record with its names, identifiers, addresses, contacts and audit rows", async () => {
    await write("in.csv", [header, row(1), row(2)].join("\n"));
    const { exitCode, counts } = await importCsv("in.csv");
    expect(exitCode).toBe(0);
    expect(counts).toMatchObject({ records: 2, added: 2, updated: 0, unchanged: 0, rejected: 0 });
    const people = await database.sql`
      select p.source_system, p.source_id, p.birth_date::text, n.family, n.given, n.is_primary, i.value, a.line1, c.value as phone
      from patients p join patient_names n on n.patient_id = p.id join patient_identifiers i on i.patient_id = p.id
      join patient_addresses a on a.patient_id = p.id join patient_contacts c on c.patient_id = p.id order by p.source_id`;
    expect(people[0]).toEqual({
      source_system: "clinic",
      source_id: "1",
      birth_date: "1980-01-02",
      family: "Family1",
      given: ["Given1"],
      is_primary: true,
      value: "M1",
      line1: "1 Elm Street",
      phone: "217-555-0001",
    });
    const audit = await database.sql`
      select distinct operation, user_id, action from audit_log where entity_type = 'patient'`;
    expect(audit.map((each) => ({ ...each }))).toEqual([
      { operation: "IMPORT", user_id: "tester", action: "INSERT" },
    ]);
    expect(await count("audit_log where entity_type = 'patient'")).toBe(10);
  });

  it("changes nothing the second time", async () => {
    await write("in.csv", [header, row(1), row(2)].join("\n"));
    await importCsv("in.csv");
    const before = await count("audit_log where entity_type = 'patient'");
    const { exitCode, counts } = await importCsv("in.csv");
    expect(exitCode).toBe(0);
    expect(counts).toMatchObject({ added: 0, updated: 0, unchanged: 2 });
    expect(await count("audit_log where entity_type = 'patient'")).toBe(before);
  });

  it("updates a changed row, keeps the former value, and writes what it was", async () => {
    await write("in.csv", [header, row(1)].join("\n"));
    await importCsv("in.csv");
    await write("in.csv", [header, row(1, "Thistlewood")].join("\n"));
    const { counts } = await importCsv("in.csv");
    expect(counts).toMatchObject({ updated: 1, added: 0 });
    const names = await database.sql`select family, use_type, is_primary from patient_names order by family`;
    expect(names.map((each) => ({ ...each }))).toEqual([
      { family: "Family1", use_type: "old", is_primary: false },
      { family: "Thistlewood", use_type: "official", is_primary: true },
    ]);
    expect((await database.sql`select version from patients`)[0]!["version"]).toBe(2);
  });

  it("writes nothing in a dry run and says what it would do", async () => {
    await write("in.csv", [header, row(1), "2,,,,,,,"].join("\n"));
    const { exitCode, counts, stderr } = await importCsv("in.csv", "--dry-run");
    expect(exitCode).toBe(0);
    expect(counts).toMatchObject({ added: 2 });
    expect(stderr).toContain("nothing was changed");
    expect(await count("patients")).toBe(0);
    expect(await count("audit_log")).toBe(0);
  });

  it("sets aside bad rows as they came, with line and reason, and takes them back mended", async () => {
    await write(
      "in.csv",
      [header, row(1), '2,Bad"Quote,x', "3,Short", row(4).replace("1980-01-05", "1980-02-30"), row(5)].join(
        "\r\n",
      ),
    );
    const first = await importCsv("in.csv");
    expect(first.exitCode).toBe(5);
    expect(first.counts).toMatchObject({ added: 2, rejected: 3 });
    expect(first.stderr).not.toContain("Family4");
    const rejects = path.join(folder, "in.csv.rejects.csv");
    expect((await readFile(rejects, "utf8")).split("\n")).toEqual([
      `_line,_reason,${header}`,
      '3,"a quote stands where none may",2,Bad"Quote,x',
      '4,"has 2 columns where the header has 8",3,Short',
      `5,"birthDate is not a date written YYYY-MM-DD",${row(4).replace("1980-01-05", "1980-02-30")}`,
      "",
    ]);
    expect((await stat(rejects)).mode & 0o777).toBe(0o600);
    const mended = (await readFile(rejects, "utf8"))
      .replace('2,Bad"Quote,x', row(2))
      .replace("3,Short", row(3))
      .replace("1980-02-30", "1980-01-05");
    await write("mended.csv", mended);
    const second = await importCsv("mended.csv");
    expect(second.exitCode).toBe(0);
    expect(second.counts).toMatchObject({ added: 3, rejected: 0 });
    expect(await count("patients")).toBe(5);
  });

  it("rejects malformed UTF-8 and reads Latin-1 where it is declared", async () => {
    await write("in.csv", Buffer.from([header, row(1, "M\u00fcller")].join("\n"), "latin1"));
    const strict = await importCsv("in.csv");
    expect(strict.exitCode).toBe(5);
    expect(strict.counts).toMatchObject({ added: 0, rejected: 1 });
    await write("map.json", JSON.stringify({ ...map, encoding: "latin1" }));
    expect((await importCsv("in.csv")).counts).toMatchObject({ added: 1 });
    expect((await database.sql`select family from patient_names`)[0]!["family"]).toBe("Müller");
  });

  it("reads gzip whatever the name says, and standard input", async () => {
    await write("in.csv", gzipSync([header, row(1)].join("\n")));
    expect((await importCsv("in.csv")).counts).toMatchObject({ added: 1 });
    const piped = await runCli(
      ["import", "csv", "-", "--map", "./map.json", "--source", "clinic", "--output", "ndjson"],
      { database: database.url, cwd: folder, stdin: [header, row(2)].join("\n") },
    );
    expect(piped.exitCode).toBe(0);
    expect(JSON.parse(piped.stdout)).toMatchObject({ file: "-", added: 1 });
  });

  it("section 8: quarantines an update that would turn one person into another", async () => {
    await write("in.csv", [header, row(1)].join("\n"));
    await importCsv("in.csv");
    await write(
      "in.csv",
      [header, "1,Bracegirdle,Horatio,1951-11-02,M1,9 Oak Avenue,Shelbyville,217-555-0177"].join("\n"),
    );
    const { exitCode, counts, stderr } = await importCsv("in.csv");
    expect(exitCode).toBe(5);
    expect(counts).toMatchObject({ quarantined: 1, updated: 0 });
    expect(stderr).not.toContain("Bracegirdle");
    expect(
      (await database.sql`select family from patient_names`).map((each) => each["family"] as string),
    ).toEqual(["Family1"]);
    const [held] = await database.sql`select kind, fields, state, origin from patient_quarantine`;
    expect({ ...held }).toEqual({
      kind: "overlay",
      fields: ["given", "family", "birthDate"],
      state: "pending",
      origin: "csv",
    });
  });

  it("rejects one record for an identifier that is taken, and stores the rest of the batch", async () => {
    await database.sql`insert into identifier_domains (code, system, name, is_unique) values ('MRN', 'urn:mrn', 'General', true)`;
    await write("in.csv", [header, row(1), row(2).replace(",M2,", ",m-1,"), row(3)].join("\n"));
    const { exitCode, counts, stderr } = await importCsv("in.csv");
    expect(exitCode).toBe(5);
    expect(counts).toMatchObject({ added: 2, rejected: 1 });
    expect(stderr).toContain("line 3: Another active record already carries an identifier");
  });

  it("takes a record that occurs twice in a file for a record and its update", async () => {
    await write("in.csv", [header, row(1), row(2), row(1, "Thistlewood")].join("\n"));
    expect((await importCsv("in.csv")).counts).toMatchObject({ added: 2, updated: 1 });
  });

  it("stops after too many rejections and says so with exit code 9", async () => {
    await write("in.csv", [header, ...Array.from({ length: 20 }, (_, index) => `${index},short`)].join("\n"));
    const { exitCode } = await importCsv("in.csv", "--max-rejects", "5");
    expect(exitCode).toBe(9);
  });

  it.each([
    ["a map that is not there", ["--map", "./none.json"], 3],
    ["a map that names a column the file has not", ["--map", "./other.json"], 2],
    ["a map that is not JSON", ["--map", "./broken.json"], 2],
  ])("refuses %s", async (_, flags, code) => {
    await write("in.csv", [header, row(1)].join("\n"));
    await write("other.json", JSON.stringify({ ...map, gender: "sex" }));
    await write("broken.json", "{");
    const result = await runCli(["import", "csv", "in.csv", "--source", "clinic", ...flags], {
      database: database.url,
      cwd: folder,
    });
    expect(result.exitCode).toBe(code);
    expect(result.stdout).toBe("");
    expect(await count("patients")).toBe(0);
  });

  it("refuses a file that is not there and a file without a header", async () => {
    await write("empty.csv", "");
    expect((await importCsv("none.csv")).exitCode).toBe(3);
    expect((await importCsv("empty.csv")).exitCode).toBe(2);
  });

  it("is finished by the same command after a kill -9, without loss or doubles", async () => {
    const records = 6000;
    await write(
      "in.csv",
      [header, ...Array.from({ length: records }, (_, index) => row(index + 1))].join("\n"),
    );
    const child = spawn(
      process.execPath,
      [
        "bin/mpi.js",
        "import",
        "csv",
        path.join(folder, "in.csv"),
        "--map",
        path.join(folder, "map.json"),
        "--source",
        "clinic",
      ],
      { env: { PATH: process.env["PATH"], DATABASE_URL: database.url, HOME: folder }, stdio: "ignore" },
    );
    const exited = new Promise((resolve) => child.once("exit", resolve));
    // Somewhere in the middle: when some batches are committed.
    while (child.exitCode === null && (await count("patients")) === 0) await sleep(10);
    child.kill("SIGKILL");
    await exited;
    const atTheKill = await count("patients");
    expect(atTheKill).toBeGreaterThan(0);
    expect(atTheKill).toBeLessThan(records);
    const second = await importCsv("in.csv");
    expect(second.exitCode).toBe(0);
    expect(await count("patients")).toBe(records);
    expect(await count("(select distinct source_id from patients) each")).toBe(records);
    expect(await count("patient_names")).toBe(records);
  });

  it.each(["csv", "fhir", "hl7"])(
    "says of a database without a schema that it is to be migrated: %s",
    async (format) => {
      await write("in.csv", [header, row(1)].join("\n"));
      const bare = await createEmptyTestDatabase();
      for (const more of [[], ["--dry-run"]]) {
        const map = format === "csv" ? ["--map", "./map.json"] : [];
        const { exitCode, stderr } = await runCli(
          ["import", format, "in.csv", ...map, "--source", "clinic", ...more],
          { database: bare.url, cwd: folder },
        );
        expect(exitCode).toBe(6);
        expect(stderr).toContain("mpi migrate");
      }
    },
  );

  it("proposes a map on stdout that the import then takes, and changes nothing", async () => {
    await write("in.csv", [header, row(1), row(25)].join("\n"));
    const proposed = await runCli(["import", "csv", "in.csv", "--suggest"], { cwd: folder });
    expect(proposed.exitCode).toBe(0);
    expect(proposed.stderr).toContain("replace urn:id:mrn");
    expect(proposed.stderr).not.toContain("Family1");
    await write("map.json", proposed.stdout);
    const { exitCode, counts } = await importCsv("in.csv");
    expect(exitCode).toBe(0);
    expect(counts).toMatchObject({ added: 2, unusedColumns: [] });
    expect((await database.sql`select birth_date::text as born from patients order by source_id`)[1]).toEqual(
      {
        born: "1980-01-26",
      },
    );
  });

  it("asks for a map where none is given, and suggests for one file at a time", async () => {
    const without = await runCli(["import", "csv", "in.csv"], { cwd: folder });
    expect(without.exitCode).toBe(2);
    expect(without.stderr).toContain("--suggest");
    expect((await runCli(["import", "csv", "a.csv", "b.csv", "--suggest"], { cwd: folder })).exitCode).toBe(
      2,
    );
    expect((await runCli(["import", "csv", "gone.csv", "--suggest"], { cwd: folder })).exitCode).toBe(3);
  });
});
