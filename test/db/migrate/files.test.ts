import { describe, expect, it } from "vitest";
import { parseMigration, readDownFile, readMigrationFiles } from "../../../src/db/migrate/files.ts";
import { copyMigrations } from "./support.ts";

describe("a migration's text", () => {
  it("is split at the breakpoints and numbered from one", () => {
    const { statements } = parseMigration("0001_x", "select 1;\n--> statement-breakpoint\nselect 2;\n");
    expect(statements.map(({ number, sql }) => [number, sql])).toEqual([
      [1, "select 1;"],
      [2, "select 2;"],
    ]);
  });

  it("is named by its first line that is no comment", () => {
    const { statements } = parseMigration("0001_x", "-- why\n\n-- and how\ncreate table x (\n  y int\n);");
    expect(statements[0]!.firstLine).toBe("create table x (");
  });

  it("keeps a function's body in one piece", () => {
    const body = "create function f() returns int language sql as $$ select 1; select 2; $$;";
    expect(parseMigration("0001_x", body).statements).toHaveLength(1);
  });

  it("has the same hash with the line ends of Windows", () => {
    const text = "select 1;\n--> statement-breakpoint\nselect 2;\n";
    expect(parseMigration("0001_x", text.replaceAll("\n", "\r\n")).hash).toBe(
      parseMigration("0001_x", text).hash,
    );
    expect(parseMigration("0001_x", `${text} `).hash).not.toBe(parseMigration("0001_x", text).hash);
  });
});

describe("the journal", () => {
  it("names the seed's five sets in their order, and each has a way back", async () => {
    const files = await readMigrationFiles();
    expect(files.slice(0, 5).map(({ tag }) => tag)).toEqual([
      "0000_organizations",
      "0001_patients",
      "0002_patient_children",
      "0003_audit",
      "0004_indexes_and_triggers",
    ]);
    for (const { tag } of files) expect((await readDownFile(tag)).statements).not.toHaveLength(0);
  });

  it("is refused where a later entry is older than the one before", async () => {
    const copy = await copyMigrations();
    const journal = JSON.parse(await copy.read("meta/_journal.json")) as { entries: { when: number }[] };
    journal.entries[3]!.when = journal.entries[2]!.when;
    await copy.write("meta/_journal.json", JSON.stringify(journal));
    await expect(readMigrationFiles(copy.directory)).rejects.toMatchObject({
      code: "conflict",
      message: "The migration journal is out of order at 0003_audit.",
    });
  });

  it("is refused where two entries have the same number", async () => {
    const copy = await copyMigrations();
    await copy.add("0004_again", "select 1;");
    await expect(readMigrationFiles(copy.directory)).rejects.toMatchObject({ code: "conflict" });
  });

  it("is refused where a file that it names is missing", async () => {
    const copy = await copyMigrations();
    await copy.remove("0002_patient_children.sql");
    await expect(readMigrationFiles(copy.directory)).rejects.toMatchObject({
      code: "conflict",
      message: "The migration file 0002_patient_children.sql is missing.",
    });
  });
});
