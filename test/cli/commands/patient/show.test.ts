import { beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../../../src/db/client.ts";
import { withTransaction } from "../../../../src/db/transaction.ts";
import { insertPatient } from "../../../../src/domain/patient/insert-patient.ts";
import { runCli, type CliOptions } from "../../../support/cli.ts";
import { shareTestDatabase } from "../../../support/database.ts";
import { inventContent, type Invented } from "../../../support/test-index.ts";

const people = {
  whole: {
    names: [
      { family: "Quillfeather", given: ["Wilma"], prefix: ["Dr."], suffix: ["Jr"], isPrimary: true },
      { family: "Thistlewood", given: ["Wilma"], use: "maiden" },
    ],
    birthDate: "1980-03-15",
    gender: "female",
    maritalStatus: "M",
    motherName: "Petra Thistlewood",
    identifiers: [{ value: "A-77-12345" }, { value: "SHARED-1", system: "urn:test:shared" }],
    addresses: [{ line1: "4 Elm Street", city: "Springfield", postalCode: "62704", isPrimary: true }],
    contacts: [{ value: "+1 217 555 0142" }],
    source: { system: "clinic", id: "c-1" },
  },
  linked: { name: "Quillfeather, W", identifiers: [{ value: "SHARED-1", system: "urn:test:shared" }] },
  retired: { name: "Quilfeather, Wilma", identifiers: [{ value: "A-78" }] },
  hostile: { name: "\u001b[31mRed, Eve\u202e" },
} satisfies Record<string, Invented>;

const shared = shareTestDatabase();
const ids = {} as Record<keyof typeof people, string>;

beforeAll(async () => {
  const { sql, target } = shared();
  const handle = await openDatabase(target);
  await withTransaction(handle.db, { user: "setup", operation: "TEST" }, async (tx) => {
    for (const [key, person] of Object.entries(people)) {
      const source = "source" in person ? person.source : null;
      ids[key as keyof typeof people] = await insertPatient(tx, inventContent(person), source);
    }
  });
  await handle.close();
  await sql`insert into identifier_domains (code, system, name) values ('MRN', 'urn:test:mrn', 'General')`;
  await sql`
    insert into patient_links (patient_id, other_patient_id, link_type, origin, reason)
    values (${ids.whole}, ${ids.linked}, 'seealso', 'steward', 'same passport'),
      (${ids.retired}, ${ids.whole}, 'replaced_by', 'merge', null), (${ids.whole}, ${ids.retired}, 'replaces', 'merge', null)`;
  await sql`update patients set active = false where id = ${ids.retired}`;
  await sql`
    update patients set enterprise_id = (select enterprise_id from patients where id = ${ids.whole})
    where id in (${ids.linked}, ${ids.retired})`;
});

const show = (argv: readonly string[], options: CliOptions = {}) =>
  runCli(["patient", "show", ...argv], { database: shared().url, ...options });

describe("mpi patient show", () => {
  it("shows everything of a record, its person and its links, values in full", async () => {
    const { exitCode, stdout } = await show([ids.whole]);
    expect(exitCode).toBe(0);
    for (const text of [
      "Quillfeather, Dr. Wilma (Jr)",
      "Thistlewood, Wilma",
      "1980-03-15",
      "Petra Thistlewood",
      "A-77-12345",
      "4 Elm Street, Springfield, 62704",
      "+1 217 555 0142",
      "clinic c-1",
      "Other records of this person",
      ids.linked.slice(0, 8),
      "same passport",
    ]) {
      expect(stdout).toContain(text);
    }
  });

  it("finds the record by id, prefix, domain code, identifier in any spelling, and --identifier", async () => {
    for (const argv of [
      [ids.whole.toUpperCase()],
      [ids.whole.slice(0, 8)],
      [ids.whole.replaceAll("-", "").slice(0, 12)],
      ["MRN:A-77-12345"],
      ["mrn:a 7712345"],
      ["--identifier", "urn:test:mrn", "A7712345"],
    ]) {
      const { exitCode, stdout } = await show([...argv, "--output", "json"]);
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        record: { id: ids.whole, active: true },
      });
    }
  });

  it("says of a retired record which one is to be used instead", async () => {
    const { stdout, stderr } = await show([ids.retired]);
    expect(stdout).toContain("retired");
    expect(stdout).toContain(ids.whole);
    expect(stderr).toContain(`${ids.whole} is to be used instead`);
  });

  it("writes that the record and every member shown was read", async () => {
    await show([ids.linked], { env: { MPI_USER: "curious" } });
    const rows = await shared().sql`
      select entity_id from audit_log where action = 'READ' and user_id = 'curious' and operation = 'PATIENT_SHOW'`;
    expect(new Set(rows.map((row) => row["entity_id"] as string))).toEqual(
      new Set([ids.whole, ids.linked, ids.retired]),
    );
  });

  it("has the same content in JSON, NDJSON and CSV", async () => {
    const json = JSON.parse((await show([ids.whole, "--output", "json"])).stdout) as { record: unknown };
    const ndjson = (await show([ids.whole, "--output", "ndjson"])).stdout;
    expect(JSON.parse(ndjson)).toEqual(json);
    expect(ndjson.trim()).not.toContain("\n");
    const [header, row] = (await show([ids.whole, "--output", "csv"])).stdout.split("\n");
    expect(header).toContain("id,status");
    expect(row).toContain(ids.whole);
  });

  it("tells with --history who changed what, the latest first, and nothing of who looked", async () => {
    await shared().sql.begin(async (sql) => {
      await sql`select set_config('mpi.user_id', 'nora', true), set_config('mpi.operation', 'PATIENT_EDIT', true),
        set_config('mpi.reason', 'passport seen', true)`;
      await sql`update patients set marital_status = 'D' where id = ${ids.hostile}`;
    });
    await show([ids.hostile]);
    const { exitCode, stdout } = await show([ids.hostile, "--history"]);
    expect(exitCode).toBe(0);
    const history = stdout.slice(stdout.indexOf("\nHistory\n"));
    expect(history).toMatch(/PATIENT_EDIT by nora[\s\S]*Reason: passport seen[\s\S]*TEST by setup/);
    expect(history).toContain("marital_status: D");
    expect(history).not.toContain("PATIENT_SHOW");
    const { history: json } = JSON.parse(
      (await show([ids.hostile, "--history", "--output", "json"])).stdout,
    ) as { history: { entries: { operation: string }[]; nextBefore: null } };
    expect(json.entries[0]!.operation).toBe("PATIENT_EDIT");
    expect(json.nextBefore).toBeNull();
    expect(JSON.parse((await show([ids.hostile, "--output", "json"])).stdout)).not.toHaveProperty("history");
    expect((await show([ids.hostile, "--history", "--output", "csv"])).stderr).toContain("mpi audit show");
  });

  it("never lets a terminal obey what a name holds", async () => {
    const { stdout } = await show([ids.hostile], { tty: true, env: { NO_COLOR: "1" } });
    // eslint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(stdout).toContain("\\x1b[31mRed");
  });

  it.each([
    ["nothing at all", [], 2],
    ["a prefix that is too short", ["3f2"], 2],
    ["a word that is no id", ["smith"], 2],
    ["an id that nobody has", ["00000000-0000-4000-8000-000000000000"], 3],
    ["a code that no domain has", ["XYZ:1"], 3],
    ["an identifier that nobody carries", ["MRN:nobody"], 3],
    ["an identifier that two records carry", ["--identifier", "urn:test:shared", "SHARED-1"], 2],
    ["an identifier without its value", ["--identifier", "urn:test:shared"], 2],
    ["both a record and --identifier", ["3f2a9c01", "--identifier", "urn:test:mrn", "A-77"], 2],
    ["a NUL byte", ["MRN:a\0b"], 2],
    ["half of a surrogate pair", ["--identifier", "urn:\ud800", "x"], 2],
  ])("refuses %s", async (_, argv, code) => {
    const result = await show(argv);
    expect(result.stderr).not.toContain("bug");
    expect(result.exitCode).toBe(code);
    expect(result.stdout).toBe("");
    expect(result.stderr).not.toContain("nobody");
    expect(result.stderr).not.toContain("SHARED-1");
  });

  it("lists the records that an ambiguous identifier names, by their ids alone", async () => {
    const { stderr } = await show(["--identifier", "urn:test:shared", "SHARED-1"]);
    expect(stderr).toContain(ids.whole);
    expect(stderr).toContain(ids.linked);
  });
});
