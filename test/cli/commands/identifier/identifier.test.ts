import { beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { openTestIndex, type TestIndex } from "../../../support/test-index.ts";

let index: TestIndex;
let a: string;
let b: string;
beforeEach(async () => {
  index = await openTestIndex();
  await index.sql`
    insert into identifier_domains (code, system, name, is_unique, check_digit)
    values ('MRN', 'urn:test:mrn', 'General', true, 'none'), ('NHS', 'urn:test:nhs', 'NHS', false, 'nhs')`;
  a = await index.add({ name: "Quillfeather, Wilma", identifiers: [{ value: "A-77" }] });
  b = await index.add({ name: "Bracegirdle, Horatio", identifiers: [{ value: "B-1" }] });
});

const identifier = (...argv: string[]) => runCli(["identifier", ...argv], { database: index.database.url });
const rows = async () =>
  (
    await index.sql`select patient_id, value, use_type, unique_key is not null as holds from patient_identifiers order by value, patient_id`
  ).map((row) => ({ ...row }));

describe("mpi identifier", () => {
  it("lists a record's identifiers in full, and writes that they were read", async () => {
    const { stdout } = await identifier("list", a, "--output", "json");
    expect(JSON.parse(stdout)).toMatchObject({
      items: [{ type: "MRN", value: "A-77", system: "urn:test:mrn" }],
    });
    expect(
      await index.sql`select operation from audit_log where action = 'READ' and entity_id = ${a}`,
    ).toMatchObject([{ operation: "IDENTIFIER_LIST" }]);
  });

  it("adds one, by its domain's code and by a system, and raises the record's version", async () => {
    expect((await identifier("add", a, "NHS=943 476 5919")).exitCode).toBe(0);
    expect(
      (await identifier("add", "MRN:A-77", "x=9", "--system", "urn:other", "--use", "temp")).exitCode,
    ).toBe(0);
    expect(
      await index.sql`select type, system, value, use_type from patient_identifiers where patient_id = ${a} order by value`,
    ).toMatchObject([
      { type: "NHS", value: "943 476 5919" },
      { type: "MRN" },
      { type: "OTHER", system: "urn:other", value: "x=9", use_type: "temp" },
    ]);
    expect((await index.sql`select version from patients where id = ${a}`)[0]).toMatchObject({ version: 3 });
  });

  it.each([
    ["a value that fails the check digit", ["NHS=9434765918"], 2],
    ["a code that nobody has", ["XYZ=1"], 2],
    ["a value without a code", ["777777"], 2],
    ["a NUL byte", ["MRN=a\0b"], 2],
    ["one that the record has, in another spelling", ["MRN=a 77"], 4],
    ["one that another record has in a unique domain", ["MRN=b 1"], 4],
  ])("refuses to add %s, without repeating it", async (_, argv, code) => {
    const result = await identifier("add", a, ...argv);
    expect(result.stderr).not.toContain("bug");
    expect(result.exitCode).toBe(code);
    expect(result.stderr).not.toMatch(/9434765918|777777/);
    expect(await rows()).toHaveLength(2);
  });

  it("retires one, which is then free for another record", async () => {
    expect((await identifier("retire", a, "a77")).exitCode).toBe(2);
    expect((await identifier("retire", a, "a77", "--reason", "reissued")).exitCode).toBe(0);
    expect((await identifier("retire", a, "MRN=a77", "--reason", "reissued")).exitCode).toBe(4);
    expect((await identifier("add", b, "MRN=A-77")).exitCode).toBe(0);
    expect(await rows()).toEqual(
      expect.arrayContaining([
        { patient_id: a, value: "A-77", use_type: "old", holds: false },
        { patient_id: b, value: "A-77", use_type: null, holds: true },
      ]),
    );
    expect(
      (
        await index.sql`select reason from audit_log where operation = 'IDENTIFIER_RETIRE' and action = 'UPDATE'`
      )[0],
    ).toMatchObject({ reason: "reissued" });
  });

  it("moves one under the same id, with both records' histories showing it", async () => {
    const [before] = await index.sql<
      { id: string }[]
    >`select id from patient_identifiers where value = 'A-77'`;
    expect((await identifier("move", a, b, "MRN=A-77", "--reason", "the sister's card")).exitCode).toBe(0);
    expect(
      await index.sql`select id, patient_id, unique_key from patient_identifiers where value = 'A-77'`,
    ).toMatchObject([{ id: before!.id, patient_id: b, unique_key: "urn:test:mrn|A77" }]);
    const audit = await index.sql<{ entity_id: string; action: string }[]>`
      select entity_id, action from audit_log where operation = 'IDENTIFIER_MOVE' and table_name = 'patient_identifiers'`;
    expect(new Set(audit.map((row) => `${row.action} ${row.entity_id}`))).toEqual(
      new Set([`DELETE ${a}`, `INSERT ${b}`]),
    );
  });

  it("changes nothing in dry runs", async () => {
    const before = await rows();
    await identifier("add", a, "MRN=new", "--dry-run");
    await identifier("retire", a, "A-77", "--reason", "x", "--dry-run");
    await identifier("move", a, b, "A-77", "--reason", "x", "--dry-run");
    expect(await rows()).toEqual(before);
  });

  it("refuses records that are gone or retired, and identifiers that are not there", async () => {
    expect((await identifier("retire", a, "none", "--reason", "x")).exitCode).toBe(3);
    expect((await identifier("move", a, a, "A-77", "--reason", "x")).exitCode).toBe(2);
    expect((await identifier("list", "00000000")).exitCode).toBe(3);
    await index.sql`update patients set deleted_at = now() where id = ${a}`;
    expect((await identifier("add", a, "MRN=new")).exitCode).toBe(4);
    expect((await identifier("move", b, a, "B-1", "--reason", "x")).exitCode).toBe(4);
    await index.sql`update patients set deleted_at = null, active = false where id = ${a}`;
    expect((await identifier("retire", a, "A-77", "--reason", "x")).exitCode).toBe(4);
  });
});
