import { parse } from "csv-parse/sync";
import { beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { openTestIndex, type TestIndex } from "../../../support/test-index.ts";

let index: TestIndex;

beforeEach(async () => {
  index = await openTestIndex();
});

const mpi = (...argv: readonly string[]) => runCli(argv, { database: index.database.url });
const rows = (text: string) => parse(text, { columns: true }) as unknown as readonly Record<string, string>[];

describe("mpi export csv", () => {
  it("writes a line for each record with its current values, and identifiers by their domains", async () => {
    expect((await mpi("domain", "add", "MRN", "--system", "urn:test:mrn", "--name", "MRN")).exitCode).toBe(0);
    await index.add({
      names: [
        { family: "Old, name", use: "old" },
        { family: "Brandywine", given: ["Ada", "May"], use: "official", isPrimary: true },
        { family: "Thistlewood", use: "maiden" },
      ],
      birthDate: "1980-02-03",
      identifiers: [{ value: "M1" }, { value: "X9", type: "OTHER", system: "urn:other" }],
      addresses: [{ line1: 'The "Lodge"', city: "Springfield" }],
      contacts: [{ value: "555-0101" }, { system: "email", value: "ada@mail.example" }],
      source: { system: "clinic", id: "1" },
    });
    const { exitCode, stdout } = await mpi("export", "csv");
    expect(exitCode).toBe(0);
    expect(rows(stdout)).toHaveLength(1);
    expect(rows(stdout)[0]).toMatchObject({
      source_system: "clinic",
      source_id: "1",
      active: "true",
      given: "Ada May",
      family: "Brandywine",
      maiden_name: "Thistlewood",
      birth_date: "1980-02-03",
      line1: 'The "Lodge"',
      city: "Springfield",
      phone: "555-0101",
      email: "ada@mail.example",
      id_MRN: "M1",
      other_identifiers: "urn:other|X9",
    });
  });

  it("writes which ids mean whom, merged records with who stands for them", async () => {
    const a = await index.add({ name: "A, A", source: { system: "east", id: "1" } });
    const b = await index.add({ name: "B, B", source: { system: "west", id: "2" } });
    await mpi("patient", "merge", a, b, "--reason", "same", "--yes");
    const { stdout } = await mpi("export", "csv", "--crosswalk");
    const found = rows(stdout);
    expect(Object.keys(found[0]!)).toEqual([
      "source_system",
      "source_id",
      "enterprise_id",
      "record_id",
      "survivor_id",
      "active",
    ]);
    const east = found.find((row) => row["source_system"] === "east")!;
    const west = found.find((row) => row["source_system"] === "west")!;
    expect(east).toMatchObject({ record_id: a, survivor_id: b, active: "false" });
    expect(west).toMatchObject({ record_id: b, survivor_id: b, active: "true" });
    expect(east["enterprise_id"]).toBe(west["enterprise_id"]);
  });

  it("keeps a spreadsheet from running what a name says", async () => {
    await index.add({ name: '=HYPERLINK("x"), @Ada', contacts: [{ value: "+1 217 555 0101" }] });
    const { stdout } = await mpi("export", "csv");
    expect(rows(stdout)[0]).toMatchObject({
      family: `'=HYPERLINK("x")`,
      given: "'@Ada",
      phone: "'+1 217 555 0101",
    });
    const raw = await mpi("export", "csv", "--raw-values");
    expect(rows(raw.stdout)[0]).toMatchObject({ family: '=HYPERLINK("x")', phone: "+1 217 555 0101" });
  });

  it("writes one audit row for each patient", async () => {
    await index.add({ name: "A, A" });
    await mpi("export", "csv", "--crosswalk");
    const audit = await index.sql`select new_values from audit_log where action = 'EXPORT'`;
    expect(audit.map((row) => row["new_values"] as unknown)).toEqual([{ format: "csv crosswalk" }]);
  });

  it("writes a header alone where there is nobody", async () => {
    expect((await mpi("export", "csv", "--crosswalk")).stdout).toBe(
      "source_system,source_id,enterprise_id,record_id,survivor_id,active\n",
    );
  });

  it("pseudonymises ids so that two exports can be joined", async () => {
    await index.add({ name: "A, A", source: { system: "east", id: "1" } });
    const env = { MPI_PSEUDONYM_KEY: "a secret of good length" };
    const options = { database: index.database.url, env };
    const records = await runCli(["export", "csv", "--pseudonymize"], options);
    const crosswalk = await runCli(["export", "csv", "--crosswalk", "--pseudonymize"], options);
    expect(rows(crosswalk.stdout)[0]!["record_id"]).toBe(rows(records.stdout)[0]!["record_id"]);
    expect(rows(crosswalk.stdout)[0]!["source_id"]).not.toBe("1");
  });
});
