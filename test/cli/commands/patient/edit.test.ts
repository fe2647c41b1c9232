import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { converse, keys, type Step } from "../../../support/terminal.ts";
import { openTestIndex, type TestIndex } from "../../../support/test-index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-test-edit-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let index: TestIndex;
let id: string;
beforeEach(async () => {
  index = await openTestIndex();
  id = await index.add({
    names: [{ family: "Quillfeather", given: ["Wilma"], use: "official", isPrimary: true }],
    birthDate: "1980-03-15",
    gender: "female",
    maritalStatus: "S",
    identifiers: [{ value: "A-77" }],
    addresses: [{ line1: "4 Elm Street", city: "Springfield", use: "home", isPrimary: true }],
    contacts: [{ value: "217-555-0142" }],
  });
});

const edit = (...argv: string[]) =>
  runCli(["patient", "edit", ...argv], { database: index.database.url, cwd: folder });
const names = async () =>
  (
    await index.sql`select family, given, use_type, is_primary from patient_names order by created_at, family`
  ).map((row) => ({ ...row }));
const version = async () =>
  (await index.sql<{ version: number }[]>`select version from patients where id = ${id}`)[0]!.version;

describe("mpi patient edit: flags", () => {
  it("changes and empties fields, says what changed, and raises the version", async () => {
    const { exitCode, stdout } = await edit(
      id,
      ...[
        "--gender",
        "other",
        "--clear",
        "marital-status",
        "--phone",
        "217-555-0199",
        "--reason",
        "phoned",
        "--output",
        "json",
      ],
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      items: [
        { field: "gender", before: "female", after: "other" },
        { field: "maritalStatus", before: "S", after: null },
        { field: "contacts", before: null, after: "-: phone, 217-555-0199" },
      ],
      id,
      version: 2,
    });
    const audit =
      await index.sql`select distinct operation, reason from audit_log where operation = 'PATIENT_EDIT'`;
    expect(audit.map((row) => ({ ...row }))).toEqual([{ operation: "PATIENT_EDIT", reason: "phoned" }]);
  });

  it("keeps the former name as old when a new one is given", async () => {
    expect((await edit(id, "--family", "Thistlewood")).exitCode).toBe(0);
    expect(await names()).toEqual([
      { family: "Quillfeather", given: ["Wilma"], use_type: "old", is_primary: false },
      { family: "Thistlewood", given: ["Wilma"], use_type: "official", is_primary: true },
    ]);
  });

  it("overwrites a name that was never right with --correct", async () => {
    expect((await edit(id, "--family", "Quilfeather", "--correct")).exitCode).toBe(0);
    expect(await names()).toEqual([
      { family: "Quilfeather", given: ["Wilma"], use_type: "official", is_primary: true },
    ]);
  });

  it("keeps the former address of the same use as old, and takes rows away by their id", async () => {
    await edit(id, "--address-line1", "9 Oak Avenue", "--city", "Shelbyville", "--address-use", "home");
    const rows = await index.sql<{ id: string; use_type: string; is_primary: boolean }[]>`
      select id, line1, use_type, is_primary from patient_addresses order by line1`;
    expect(rows).toMatchObject([
      { line1: "4 Elm Street", use_type: "old", is_primary: false },
      { line1: "9 Oak Avenue", use_type: "home", is_primary: true },
    ]);
    expect((await edit(id, "--remove", rows[0]!.id.slice(0, 8))).exitCode).toBe(0);
    expect(await index.sql`select from patient_addresses`).toHaveLength(1);
    expect(
      await index.sql`select from audit_log where action = 'DELETE' and table_name = 'patient_addresses'`,
    ).toHaveLength(1);
  });

  it("makes another name primary", async () => {
    await edit(id, "--family", "Thistlewood");
    const [old] = await index.sql<
      { id: string }[]
    >`select id from patient_names where family = 'Quillfeather'`;
    expect((await edit(id, "--primary", old!.id)).exitCode).toBe(0);
    expect((await names()).map((row) => row["is_primary"] as boolean)).toEqual([true, false]);
  });

  it("changes nothing in a dry run, and nothing where the record says it already", async () => {
    expect((await edit(id, "--gender", "male", "--dry-run")).stdout).toContain("female");
    expect((await edit(id, "--gender", "female")).exitCode).toBe(0);
    expect(await version()).toBe(1);
  });

  it.each([
    ["nothing to change, without a terminal", [], 2],
    ["an impossible date", ["--birth-date", "2023-02-30"], 2],
    ["a field that cannot be emptied", ["--clear", "names"], 2],
    ["a row that the record has not", ["--remove", "00000000"], 2],
    ["a NUL byte", ["--marital-status", "a\0"], 2],
    ["an identifier that it has already", ["--identifier-system", "urn:test:mrn=A-77"], 2],
    ["a file that is not there", ["--file", "none.yaml"], 3],
  ])("refuses %s", async (_, argv, code) => {
    const result = await edit(id, ...argv);
    expect(result.stderr).not.toContain("bug");
    expect(result.exitCode).toBe(code);
    expect(await version()).toBe(1);
  });

  it("refuses records that are deleted or retired", async () => {
    await index.sql`update patients set active = false`;
    expect((await edit(id, "--gender", "male")).exitCode).toBe(4);
    await index.sql`update patients set active = true, deleted_at = now()`;
    expect((await edit(id, "--gender", "male")).exitCode).toBe(4);
    expect((await edit("00000000", "--gender", "male")).exitCode).toBe(3);
  });

  it("refuses an identifier that another record carries in a unique domain, and changes nothing else either", async () => {
    await index.sql`insert into identifier_domains (code, system, name, is_unique) values ('MRN', 'urn:test:mrn', 'G', true)`;
    await index.add({ name: "B, C", identifiers: [{ value: "B-1" }] });
    expect((await edit(id, "--gender", "male", "--identifier", "MRN=b1")).exitCode).toBe(4);
    expect(await version()).toBe(1);
  });
});

describe("mpi patient edit: changed meanwhile", () => {
  it("refuses an edit made from an older version, and shows both", async () => {
    await edit(id, "--gender", "male");
    const { exitCode, stdout, stderr } = await edit(
      id,
      "--gender",
      "other",
      "--if-version",
      "1",
      "--output",
      "json",
    );
    expect(exitCode).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({
      items: [{ field: "gender", before: "male", after: "other" }],
      version: 2,
    });
    expect(stderr).toContain("changed meanwhile");
    expect(await version()).toBe(2);
  });

  it("lets one of several edits from the same version win", async () => {
    const results = await Promise.all(
      ["male", "other", "unknown"].map((gender) => edit(id, "--gender", gender, "--if-version", "1")),
    );
    expect(results.map((result) => result.exitCode).sort()).toEqual([0, 4, 4]);
    expect(await version()).toBe(2);
  });
});

describe("section 8: mpi patient edit: another person's data", () => {
  it("keeps it for review, applies nothing, and ends with 4", async () => {
    const { exitCode, stderr } = await edit(
      id,
      ...["--family", "Bracegirdle", "--given", "Horatio", "--birth-date", "1951-11-02"],
    );
    expect(exitCode).toBe(4);
    expect(stderr).toContain("another person's data");
    expect(stderr).not.toContain("Bracegirdle");
    expect(await version()).toBe(1);
    expect(await index.sql`select kind, origin, state, fields from patient_quarantine`).toMatchObject([
      { kind: "overlay", origin: "edit", state: "pending", fields: ["given", "family", "birthDate"] },
    ]);
  });

  it("is not held off by an authoritative identifier that was there before", async () => {
    await index.sql`insert into identifier_domains (code, system, name, is_authoritative) values ('MRN', 'urn:test:mrn', 'G', true)`;
    expect((await edit(id, "--family", "Bracegirdle", "--given", "Horatio")).exitCode).toBe(4);
  });

  it.each([
    ["a marriage and a move", ["--family", "Thistlewood", "--city", "Shelbyville"]],
    ["a corrected birth date", ["--birth-date", "1981-11-02"]],
    [
      "a maiden name learnt late, with a corrected birth date",
      ["--family", "Zimmermann", "--name-use", "maiden", "--birth-date", "1981-11-02"],
    ],
  ])("lets %s pass", async (_, argv) => {
    expect((await edit(id, ...argv)).exitCode).toBe(0);
  });
});

describe("mpi patient edit: documents", () => {
  it("gives the record back unchanged when what it prints is read again", async () => {
    const { stdout } = await edit(id, "--print");
    await writeFile(path.join(folder, "same.yaml"), stdout);
    const { exitCode, stderr } = await edit(id, "--file", "same.yaml");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("nothing was changed");
    expect(await version()).toBe(1);
  });

  it("changes, adds and takes away what the document does, from the version it was made of", async () => {
    const { stdout } = await edit(id, "--print");
    const changed = stdout
      .replace("Quillfeather", "Quilfeather")
      .replace(/contacts:[^]*$/, "contacts:\n  - { system: email, value: w@example.org }\n");
    await writeFile(path.join(folder, "changed.yaml"), changed);
    expect((await edit(id, "--file", "changed.yaml")).exitCode).toBe(0);
    expect((await names())[0]).toMatchObject({ family: "Quilfeather", is_primary: true });
    expect(await index.sql`select system, value from patient_contacts`).toMatchObject([
      { system: "email", value: "w@example.org" },
    ]);
    expect((await edit(id, "--file", "changed.yaml")).exitCode).toBe(4);
  });
});

describe("mpi patient edit: in an editor", () => {
  const inEditor = async (script: string, steps: readonly Step[]) => {
    const editor = path.join(folder, "editor.sh");
    await writeFile(editor, `#!/bin/sh\n${script}\n`);
    await chmod(editor, 0o755);
    return converse(["patient", "edit", id], steps, {
      database: index.database.url,
      env: { EDITOR: editor },
    });
  };
  const leftovers = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("mpi-edit-"));

  it("shows the differences, saves on a yes, and leaves no document behind", async () => {
    const before = await leftovers();
    const result = await inEditor(`sed -i 's/gender: female/gender: other/' "$1"`, [
      [/Save these changes/, `y${keys.enter}`],
    ]);
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toMatch(/- gender: female\s+\+ gender: other/);
    expect((await index.sql`select gender from patients`)[0]).toMatchObject({ gender: "other" });
    expect(await leftovers()).toEqual(before);
  });

  it("changes nothing on a no, or when the editor fails", async () => {
    const declined = await inEditor(`sed -i 's/gender: female/gender: other/' "$1"`, [
      [/Save these changes/, `n${keys.enter}`],
    ]);
    expect(declined.exitCode).toBe(130);
    expect((await inEditor("exit 3", [])).exitCode).toBe(6);
    expect(await version()).toBe(1);
  });

  it("says what is wrong with the document and offers to edit it again", async () => {
    const flag = path.join(folder, "second");
    const result = await inEditor(
      `if [ -e '${flag}' ]; then sed -i 's/gender: robot/gender: other/' "$1"; else touch '${flag}'; sed -i 's/gender: female/gender: robot/' "$1"; fi`,
      [
        [/gender: Invalid[^]*Edit again/, `y${keys.enter}`],
        [/Save these changes/, `y${keys.enter}`],
      ],
    );
    expect(result.exitCode).toBe(0);
    expect((await index.sql`select gender from patients`)[0]).toMatchObject({ gender: "other" });
  });

  it("refuses what somebody else changed while the question was open", async () => {
    const result = await inEditor(`sed -i 's/gender: female/gender: other/' "$1"`, [
      [
        /Save these changes/,
        async () => {
          await edit(id, "--marital-status", "M");
          return `y${keys.enter}`;
        },
      ],
    ]);
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toMatch(/maritalStatus\W+M\W+S/);
    expect((await index.sql`select gender, marital_status from patients`)[0]).toMatchObject({
      gender: "female",
      marital_status: "M",
    });
  });
});
