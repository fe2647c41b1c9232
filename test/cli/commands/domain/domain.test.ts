import { beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { openTestIndex, type TestIndex } from "../../../support/test-index.ts";

let index: TestIndex;
beforeEach(async () => {
  index = await openTestIndex();
});

const domain = (...argv: string[]) => runCli(["domain", ...argv], { database: index.database.url });
const json = async <T>(...argv: string[]) =>
  JSON.parse((await domain(...argv, "--output", "json")).stdout) as T;
const addMrn = (...more: string[]) => domain("add", "MRN", "--system", "urn:test:mrn", ...more);

describe("mpi domain add", () => {
  it("makes a domain known, with its audit row", async () => {
    const { exitCode, stdout } = await addMrn(
      "--name",
      "General Hospital",
      "--unique",
      "--pattern",
      "\\d{3,}",
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain("General Hospital");
    const [row] =
      await index.sql`select code, system, is_unique, is_authoritative, pattern from identifier_domains`;
    expect({ ...row }).toEqual({
      code: "MRN",
      system: "urn:test:mrn",
      is_unique: true,
      is_authoritative: false,
      pattern: "\\d{3,}",
    });
    const audit =
      await index.sql`select user_id, operation from audit_log where entity_type = 'identifier_domain'`;
    expect(audit.map((each) => ({ ...each }))).toEqual([{ user_id: "tester", operation: "DOMAIN_ADD" }]);
  });

  it.each(["ssn", "nhs", "npi", "mbi"])(
    "knows the preset %s, which two records of a person may share",
    async (name) => {
      expect(await json("add", "--preset", name)).toMatchObject({
        code: name.toUpperCase(),
        isUnique: false,
      });
    },
  );

  it("changes nothing in a dry run", async () => {
    expect((await addMrn("--dry-run")).exitCode).toBe(0);
    expect(await index.sql`select from identifier_domains`).toHaveLength(0);
    expect(await index.sql`select from audit_log`).toHaveLength(0);
  });

  it("refuses a code in any case and a system that are taken", async () => {
    await addMrn();
    expect((await domain("add", "mrn", "--system", "urn:other")).exitCode).toBe(4);
    expect((await domain("add", "OTHER", "--system", "urn:test:mrn")).exitCode).toBe(4);
  });

  it.each([
    ["no code", ["--system", "urn:x"]],
    ["no system", ["MRN"]],
    ["a code that could not be typed", ["a b", "--system", "urn:x"]],
    ["a pattern that is none", ["MRN", "--system", "urn:x", "--pattern", "("]],
    ["a check digit nobody knows", ["MRN", "--system", "urn:x", "--check-digit", "crc"]],
    ["a NUL byte", ["MRN", "--system", "urn:\0"]],
    ["an empty name", ["MRN", "--system", "urn:x", "--name", ""]],
  ])("refuses %s", async (_, argv) => {
    const result = await domain("add", ...argv);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).not.toContain("bug");
  });

  it("refuses to be unique where records in use share a value, and names them without it", async () => {
    const a = await index.add({ name: "Quillfeather, Wilma", identifiers: [{ value: "SHARED 1" }] });
    const b = await index.add({ name: "Quillfeather, W", identifiers: [{ value: "shared-1" }] });
    const { exitCode, stderr } = await addMrn("--unique");
    expect(exitCode).toBe(4);
    expect(stderr).toContain(a);
    expect(stderr).toContain(b);
    expect(stderr.toLowerCase()).not.toContain("shared 1");
    expect((await addMrn()).exitCode).toBe(0);
    expect((await domain("edit", "MRN", "--unique")).exitCode).toBe(4);
  });
});

describe("mpi domain edit", () => {
  it("changes what is said, keeps the rest, and says what changed", async () => {
    await addMrn("--name", "Old", "--single-valued");
    const { exitCode, stderr } = await domain("edit", "mrn", "--name", "New", "--unique");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Name: Old -> New");
    expect((await json<{ items: object[] }>("list")).items).toMatchObject([
      { code: "MRN", name: "New", isUnique: true, isSingleValued: true, version: 2 },
    ]);
  });

  it("keeps two records from the same number from then on", async () => {
    await index.add({ name: "A, B", identifiers: [{ value: "1" }] });
    await addMrn();
    await domain("edit", "MRN", "--unique");
    await expect(index.add({ name: "C, D", identifiers: [{ value: "1" }] })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("refuses a code that nobody has, and to change nothing", async () => {
    expect((await domain("edit", "XYZ", "--unique")).exitCode).toBe(3);
    await addMrn();
    expect((await domain("edit", "MRN")).exitCode).toBe(2);
    expect(
      (await domain("edit", "MRN", "--organization", "00000000-0000-4000-8000-000000000000")).exitCode,
    ).toBe(3);
    expect((await domain("edit", "MRN", "--organization", "x")).exitCode).toBe(2);
  });
});

describe("mpi domain list", () => {
  it("counts identifiers, systems without a domain included", async () => {
    await addMrn();
    await index.add({ name: "A, B", identifiers: [{ value: "1" }, { value: "2", system: "urn:unknown" }] });
    const { items } = await json<{ items: object[] }>("list", "--count");
    expect(items).toMatchObject([
      { code: "MRN", system: "urn:test:mrn", identifiers: 1 },
      { code: "", system: "urn:unknown", identifiers: 1 },
    ]);
  });

  it("is empty, and success, where there is none", async () => {
    expect(await domain("list")).toMatchObject({ exitCode: 0, stdout: "" });
  });
});

describe("mpi domain check", () => {
  it("lists the records whose value is none of the domain's, without the value, and ends with 7", async () => {
    await domain("add", "NHS", "--system", "urn:nhs", "--check-digit", "nhs");
    await index.add({ name: "A, B", identifiers: [{ value: "943 476 5919", system: "urn:nhs" }] });
    const wrong = await index.add({
      name: "C, D",
      identifiers: [{ value: "943 476 5918", system: "urn:nhs" }],
    });
    await index.add({ name: "E, F", identifiers: [{ value: "1", system: "urn:nhs", use: "old" }] });
    const { exitCode, stdout, stderr } = await domain("check", "nhs", "--output", "json");
    expect(exitCode).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ patientId: wrong }], checked: 2, wrong: 1 });
    expect(stdout + stderr).not.toMatch(/476.?5918/);
    expect(await index.sql`select entity_id from audit_log where action = 'SEARCH'`).toMatchObject([
      { entity_id: wrong },
    ]);
  });

  it("succeeds where all are well formed, and refuses an unknown code", async () => {
    await addMrn();
    expect((await domain("check", "MRN")).exitCode).toBe(0);
    expect((await domain("check", "XYZ")).exitCode).toBe(3);
  });
});
