import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultModel } from "../../../../src/matching/model/default-model.ts";
import { runCli } from "../../../support/cli.ts";
import { converse, keys } from "../../../support/terminal.ts";
import { openTestIndex, type TestIndex } from "../../../support/test-index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-add-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let index: TestIndex;
beforeEach(async () => {
  index = await openTestIndex();
});

const add = (...argv: string[]) =>
  runCli(["patient", "add", ...argv], { database: index.database.url, cwd: folder });
const count = async (table = "patients") =>
  Number((await index.sql.unsafe(`select count(*) from ${table}`))[0]!["count"]);
const makeDomain = (code: string, more: Record<string, unknown> = {}) =>
  index.sql`insert into identifier_domains ${index.sql({ code, system: `urn:test:${code.toLowerCase()}`, name: code, ...more })}`;

const wilma = ["--family", "Quillfeather", "--given", "Wilma", "--birth-date", "1980-03-15"];
/** Enough in common with wilma to be taken for her. */
const stored = {
  name: "Quillfeather, Wilma",
  birthDate: "1980-03-15",
  gender: "female" as const,
  contacts: [{ value: "217-555-0142" }],
  identifiers: [{ value: "A-77" }],
};

describe("mpi patient add: flags", () => {
  it("stores everything that flags can say, with its audit rows", async () => {
    await makeDomain("MRN");
    const { exitCode, stdout } = await add(
      ...wilma,
      ...[
        "--given",
        "Jane",
        "--prefix",
        "Dr.",
        "--suffix",
        "Jr",
        "--name-use",
        "official",
        "--gender",
        "female",
      ],
      ...["--identifier", "mrn=A-77", "--identifier-system", "urn:x=y=1", "--phone", "217-555-0142"],
      ...[
        "--email",
        "w@example.org",
        "--address-line1",
        "4 Elm St",
        "--address-line2",
        "Flat 2",
        "--city",
        "Springfield",
      ],
      ...["--state", "IL", "--postal-code", "62704", "--country", "US", "--address-use", "home"],
      ...[
        "--marital-status",
        "M",
        "--mother-name",
        "Petra",
        "--mother-identifier",
        "M1",
        "--multiple-birth",
        "yes",
      ],
      ...["--birth-order", "2", "--deceased-at", "2020-02-29", "--source", "desk", "--source-id", "7"],
      ...["--reason", "walk-in", "--output", "json"],
    );
    expect(exitCode).toBe(0);
    const { id } = JSON.parse(stdout) as { id: string };
    const show = await runCli(["patient", "show", id, "--output", "json"], { database: index.database.url });
    const { record } = JSON.parse(show.stdout) as { record: Record<string, unknown> };
    expect(record).toMatchObject({
      gender: "female",
      birthDate: { date: "1980-03-15", precision: "day" },
      deceased: true,
      deceasedAt: "2020-02-29 00:00:00+00",
      maritalStatus: "M",
      motherName: "Petra",
      motherIdentifier: "M1",
      multipleBirth: true,
      birthOrder: 2,
      sourceSystem: "desk",
      sourceId: "7",
      createdBy: "tester",
      names: [
        {
          family: "Quillfeather",
          given: ["Wilma", "Jane"],
          prefix: ["Dr."],
          suffix: ["Jr"],
          use: "official",
          isPrimary: true,
        },
      ],
      identifiers: [
        { type: "MRN", system: "urn:test:mrn", value: "A-77" },
        { type: "OTHER", system: "urn:x=y", value: "1" },
      ],
      addresses: [
        {
          line1: "4 Elm St",
          line2: "Flat 2",
          city: "Springfield",
          state: "IL",
          postalCode: "62704",
          country: "US",
          use: "home",
          isPrimary: true,
        },
      ],
    });
    expect((record["contacts"] as { value: string }[]).map((each) => each.value).sort()).toEqual([
      "217-555-0142",
      "w@example.org",
    ]);
    const audit = await index.sql`
      select distinct user_id, operation, reason from audit_log where entity_id = ${id} and action = 'INSERT'`;
    expect(audit.map((row) => ({ ...row }))).toEqual([
      { user_id: "tester", operation: "PATIENT_ADD", reason: "walk-in" },
    ]);
  });

  it("keeps a birth date at the precision it is known to", async () => {
    await add("--family", "Quist", "--birth-date", "1980-03");
    expect((await index.sql`select birth_date::text, birth_date_precision from patients`)[0]).toMatchObject({
      birth_date: "1980-03-01",
      birth_date_precision: "month",
    });
  });

  it("keeps names of any script as they are, and names that look like code", async () => {
    for (const name of ["田中", "Ο'Ν\u0308", "\u202eright", "'); drop table patients;--", "\u001b[31mred"]) {
      const { exitCode } = await add("--family", name, "--allow-duplicate");
      expect(exitCode).toBe(0);
      expect(await index.sql`select from patient_names where family = ${name}`).toHaveLength(1);
    }
  });

  it("changes nothing in a dry run, and says what it would add", async () => {
    const { exitCode, stdout, stderr } = await add(...wilma, "--dry-run", "--output", "json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ id: null, dryRun: true });
    expect(stderr).toContain("nothing was changed");
    expect(await count()).toBe(0);
    expect(await count("audit_log")).toBe(0);
  });

  it.each([
    ["nothing at all, without a terminal", []],
    ["no name", ["--gender", "female"]],
    ["an empty name", ["--family", "", "--given", " "]],
    ["a name over the limit", ["--family", "x".repeat(1001)]],
    ["a NUL byte", ["--family", "a\0b"]],
    ["half of a surrogate pair", ["--family", "\ud800"]],
    ["an impossible date", [...wilma.slice(0, 4), "--birth-date", "2023-02-30"]],
    ["a date of zeros", [...wilma.slice(0, 4), "--birth-date", "0000-00-00"]],
    ["a date that could be read two ways", [...wilma.slice(0, 4), "--birth-date", "31/12/1980"]],
    ["a gender nobody has", [...wilma, "--gender", "f"]],
    ["a birth order of none", [...wilma, "--birth-order", "0"]],
    ["an identifier without a code", [...wilma, "--identifier", "12345"]],
    ["a code that no domain has", [...wilma, "--identifier", "XYZ=12345"]],
    ["an identifier twice", [...wilma, "--identifier-system", "urn:x=1", "--identifier-system", "urn:x=1"]],
    ["a source without its id", [...wilma, "--source", "desk"]],
    ["flags beside a file", [...wilma, "--file", "x.json"]],
  ])("refuses %s as wrong usage", async (_, argv) => {
    const result = await add(...argv);
    expect(result.stderr).not.toContain("bug");
    expect(result.exitCode).toBe(2);
    expect(result.stderr).not.toContain("12345");
    expect(await count()).toBe(0);
  });

  it("holds identifiers against their domain's check digit and form, naming the field and not the value", async () => {
    await makeDomain("NHS", { check_digit: "nhs" });
    await makeDomain("DL", { pattern: "[A-Z]\\d{4}" });
    for (const wrong of ["NHS=9434765918", "DL=12345678"]) {
      const { exitCode, stderr } = await add(...wilma, "--identifier", wrong);
      expect(exitCode).toBe(2);
      expect(stderr).toContain("identifiers[0].value");
      expect(stderr).not.toContain(wrong.split("=")[1]);
    }
    expect(
      (await add(...wilma, "--identifier", "NHS=943 476 5919", "--identifier", "DL=A1234")).exitCode,
    ).toBe(0);
  });
});

describe("mpi patient add: files", () => {
  const write = (name: string, content: unknown) =>
    writeFile(path.join(folder, name), typeof content === "string" ? content : JSON.stringify(content));

  it("takes a document of its own, as JSON and as YAML", async () => {
    await write("own.json", { birthDate: "1980-03", names: [{ family: "Quillfeather", given: ["Wilma"] }] });
    await write("own.yaml", "birthDate: 1951-11-02\nnames:\n  - family: Bracegirdle\n    given: Horatio\n");
    expect((await add("--file", "own.json")).exitCode).toBe(0);
    expect((await add("--file", "own.yaml")).exitCode).toBe(0);
    const rows = await index.sql`
      select n.family, n.given, p.birth_date::text, p.birth_date_precision
      from patients p join patient_names n on n.patient_id = p.id order by n.family`;
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { family: "Bracegirdle", given: ["Horatio"], birth_date: "1951-11-02", birth_date_precision: "day" },
      { family: "Quillfeather", given: ["Wilma"], birth_date: "1980-03-01", birth_date_precision: "month" },
    ]);
  });

  it("takes a FHIR R4 Patient", async () => {
    await makeDomain("MRN");
    await write("fhir.json", {
      resourceType: "Patient",
      meta: { profile: ["http://example.org/x"] },
      name: [{ use: "official", family: "Quillfeather", given: ["Wilma", "Jane"], suffix: ["Jr"] }],
      gender: "female",
      birthDate: "1980-03",
      deceasedDateTime: "2020-02-29T10:00:00+01:00",
      multipleBirthInteger: 2,
      maritalStatus: { coding: [{ code: "M" }] },
      identifier: [
        { system: "urn:test:mrn", value: "A-77" },
        { system: "urn:other", value: "1", type: { coding: [{ code: "PPN" }] } },
      ],
      telecom: [{ system: "phone", use: "mobile", value: "217-555-0142" }],
      address: [{ use: "home", line: ["4 Elm St", "Flat 2"], city: "Springfield", postalCode: "62704" }],
      contact: [{ relationship: [{ coding: [{ code: "MTH" }] }], name: { text: "Petra Thistlewood" } }],
    });
    const { stdout } = await add("--file", "fhir.json", "--output", "json");
    const { id } = JSON.parse(stdout) as { id: string };
    const show = await runCli(["patient", "show", id, "--output", "json"], { database: index.database.url });
    expect((JSON.parse(show.stdout) as { record: object }).record).toMatchObject({
      gender: "female",
      birthDate: { date: "1980-03-01", precision: "month" },
      deceased: true,
      deceasedAt: "2020-02-29 09:00:00+00",
      multipleBirth: true,
      birthOrder: 2,
      maritalStatus: "M",
      motherName: "Petra Thistlewood",
      names: [{ family: "Quillfeather", given: ["Wilma", "Jane"], suffix: ["Jr"], use: "official" }],
      identifiers: [{ type: "MRN" }, { type: "PPN", system: "urn:other" }],
      contacts: [{ system: "phone", use: "mobile" }],
      addresses: [{ line1: "4 Elm St", line2: "Flat 2", use: "home" }],
    });
  });

  it("reads standard input", async () => {
    const { exitCode } = await runCli(["patient", "add", "--file", "-"], {
      database: index.database.url,
      stdin: JSON.stringify({ names: [{ family: "Quist" }] }),
    });
    expect(exitCode).toBe(0);
  });

  it.each([
    ["text that is neither JSON nor YAML", '{"names": [Secretname', 2],
    ["a field nobody knows", { names: [{ family: "Secretname" }], shoeSize: 9 }, 2],
    ["a date that no calendar has", { names: [{ family: "Secretname" }], birthDate: "1980-02-30" }, 2],
    ["a number for a name", { names: [{ family: 7777777 }] }, 2],
    ["a list", [{ names: [{ family: "Secretname" }] }], 2],
    ["nothing", "", 2],
    ["another FHIR resource", { resourceType: "Observation", valueString: "Secretname" }, 2],
    [
      "a FHIR date that no calendar has",
      { resourceType: "Patient", name: [{ family: "Secretname" }], birthDate: "1980-13" },
      2,
    ],
    ["a bomb of aliases", "a: &a [x,x]\nb: &b [*a,*a]\nnames: *b\n", 2],
  ])("refuses %s without repeating it", async (_, content, code) => {
    await write("bad.json", content);
    const result = await add("--file", "bad.json");
    expect(result.stderr).not.toContain("bug");
    expect(result.exitCode).toBe(code);
    expect(result.stderr).not.toMatch(/Secretname|7777777|1980-/);
    expect(await count()).toBe(0);
  });

  it("says that a file is not there", async () => {
    expect((await add("--file", "none.json")).exitCode).toBe(3);
  });
});

describe("mpi patient add: who is there already", () => {
  const twin = [...wilma, "--gender", "female", "--phone", "(217) 555-0142"];

  it("refuses without a terminal where somebody is likely to be the same, and shows who and why", async () => {
    const id = await index.add(stored);
    const { exitCode, stdout, stderr } = await add(...twin, "--output", "json");
    expect(exitCode).toBe(4);
    expect(await count()).toBe(1);
    const { items } = JSON.parse(stdout) as { items: Record<string, unknown>[] };
    expect(items).toMatchObject([{ id, name: "Quillfeather, Wilma", identifiers: ["MRN ****"] }]);
    expect(items[0]!["probability"]).toBeGreaterThan(0.8);
    expect(items[0]!["why"]).toContain("Family name: same");
    expect(stderr).not.toContain("Quillfeather");
    expect(await index.sql`select entity_id, operation from audit_log where action = 'SEARCH'`).toMatchObject(
      [{ entity_id: id, operation: "PATIENT_ADD" }],
    );
  });

  it("asks the site's model where MPI_MODEL names one", async () => {
    const surer = { ...defaultModel.thresholds, review: 0.999_999_999, automatic: 0.999_999_999_9 };
    await writeFile(path.join(folder, "site.json"), JSON.stringify({ ...defaultModel, thresholds: surer }));
    const addUnder = (model: string) =>
      runCli(["patient", "add", ...twin], {
        database: index.database.url,
        cwd: folder,
        env: { MPI_MODEL: model },
      });
    await index.add(stored);
    expect((await addUnder("built-in")).exitCode).toBe(4);
    expect((await addUnder("none.json")).exitCode).toBe(3);
    const { exitCode, stderr } = await addUnder("site.json");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Possibly the same person");
    expect(await count()).toBe(2);
  });

  it("refuses in a dry run too, and remembers who was shown", async () => {
    const id = await index.add(stored);
    expect((await add(...twin, "--dry-run")).exitCode).toBe(4);
    expect(await index.sql`select from audit_log where action = 'SEARCH' and entity_id = ${id}`).toHaveLength(
      1,
    );
  });

  it.each([
    [
      "another spelling and a nickname",
      ["--family", "Quilfether", "--given", "Billie"],
      "Quillfeather, Wilma",
    ],
    ["names the wrong way round", ["--family", "Wilma", "--given", "Quillfeather"], "Quillfeather, Wilma"],
    [
      "a birth date with day and month exchanged",
      ["--family", "Quillfeather", "--given", "Wilma", "--birth-date", "1980-06-03"],
      "Quillfeather, Wilma",
    ],
  ])("looks for %s", async (_, argv, name) => {
    const id = await index.add({ ...stored, name, birthDate: "1980-03-06" });
    const date = argv.includes("--birth-date") ? [] : ["--birth-date", "1980-03-06"];
    const { stdout } = await add(
      ...argv,
      ...date,
      "--gender",
      "female",
      "--phone",
      "217-555-0142",
      "--output",
      "json",
    );
    expect(stdout).toContain(id);
  });

  it("adds somebody who is merely of the same name", async () => {
    await index.add({ name: "Quillfeather, Wilma", birthDate: "1931-08-20", gender: "female" });
    expect((await add(...wilma)).exitCode).toBe(0);
  });

  it("does not look at deleted and retired records", async () => {
    await index.add(stored);
    await index.sql`update patients set deleted_at = now()`;
    expect((await add(...twin)).exitCode).toBe(0);
  });

  it("adds all the same with --allow-duplicate", async () => {
    await index.add(stored);
    const { exitCode, stderr } = await add(...twin, "--allow-duplicate");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Possibly the same person");
    expect(await count("(select distinct enterprise_id from patients) persons")).toBe(2);
  });

  it("makes another record of the same person with --link-to, under the older enterprise id", async () => {
    const id = await index.add(stored);
    const [before] = await index.sql<{ enterprise_id: string }[]>`select enterprise_id from patients`;
    const { exitCode, stdout } = await add(
      ...twin,
      "--link-to",
      id.slice(0, 8),
      "--reason",
      "same passport",
      "--output",
      "json",
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ enterpriseId: before!.enterprise_id });
    expect(await index.sql`select origin, reason from patient_links`).toMatchObject([
      { origin: "steward", reason: "same passport" },
    ]);
  });

  it("adds nothing where the record to link to cannot be linked", async () => {
    const id = await index.add(stored);
    await index.sql`update patients set deleted_at = now()`;
    expect((await add(...twin, "--link-to", id)).exitCode).toBe(4);
    expect((await add(...twin, "--link-to", "00000000")).exitCode).toBe(3);
    expect(await count()).toBe(1);
  });

  it("lets one of two processes that add the same unique identifier at the same moment win, the other end with 4", async () => {
    await makeDomain("MRN", { is_unique: true });
    for (let round = 0; round < 5; round += 1) {
      const results = await Promise.all(
        ["Quillfeather", "Bracegirdle"].map((family) =>
          add(
            "--family",
            `${family}${String(round)}`,
            "--identifier",
            `MRN=R-${String(round)}`,
            "--allow-duplicate",
          ),
        ),
      );
      expect(results.map((result) => result.exitCode).sort()).toEqual([0, 4]);
      expect(await count()).toBe(round + 1);
    }
  });

  it("does not let two processes that add the same person at the same moment miss each other", async () => {
    const results = await Promise.all([add(...twin), add(...twin), add(...twin)]);
    expect(results.map((result) => result.exitCode).sort()).toEqual([0, 4, 4]);
    expect(await count()).toBe(1);
  });
});

describe("mpi patient add: on a terminal", () => {
  const twin = ["patient", "add", ...wilma, "--gender", "female", "--phone", "217-555-0142"];

  it("asks for a patient field by field, and again for what is wrong", async () => {
    await makeDomain("MRN");
    const { enter, down } = keys;
    const result = await converse(
      ["patient", "add"],
      [
        [/Family name/, `Quillfeather${enter}`],
        [/Given names/, `Wilma Jane${enter}`],
        [/Birth date/, `15.3.1980${enter}`],
        [/A date of the calendar/, `${"\u007f".repeat(9)}1980-03-15${enter}`],
        [/Gender/, `${down}${down}${enter}`],
        [/Identifier \(CODE/, `MRN=A-77${enter}`],
        [/Another identifier/, enter],
        [/Telephone/, `217-555-0142${enter}`],
        [/E-mail/, enter],
        [/Street/, enter],
        [/City/, enter],
        [/Postal code/, enter],
      ],
      { database: index.database.url },
    );
    expect(result.exitCode).toBe(0);
    expect(
      (
        await index.sql`
          select p.gender, p.birth_date::text, n.family, n.given, i.value, c.value as phone
          from patients p join patient_names n on n.patient_id = p.id join patient_identifiers i on i.patient_id = p.id
          join patient_contacts c on c.patient_id = p.id`
      ).map((row) => ({ ...row })),
    ).toEqual([
      {
        gender: "female",
        birth_date: "1980-03-15",
        family: "Quillfeather",
        given: ["Wilma", "Jane"],
        value: "A-77",
        phone: "217-555-0142",
      },
    ]);
  });

  it("shows who is there and links to them", async () => {
    await index.add(stored);
    const result = await converse(twin, [[/The same as [0-9a-f]{8} Quillfeather, Wilma/, keys.enter]], {
      database: index.database.url,
    });
    expect(result.exitCode).toBe(0);
    expect(await count()).toBe(2);
    expect(await count("patient_links")).toBe(1);
  });

  it("adds somebody else, or stops with 130 and adds nobody", async () => {
    await index.add(stored);
    const { down, enter } = keys;
    const stopped = await converse(twin, [[/Stop: add nothing/, down + down + enter]], {
      database: index.database.url,
    });
    expect(stopped.exitCode).toBe(130);
    expect(await count()).toBe(1);
    const added = await converse(twin, [[/Somebody else: add/, down + enter]], {
      database: index.database.url,
    });
    expect(added.exitCode).toBe(0);
    expect(await count()).toBe(2);
    expect(await count("patient_links")).toBe(0);
  });
});
