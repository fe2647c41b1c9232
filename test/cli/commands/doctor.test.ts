import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../../src/db/client.ts";
import { examine as examineDatabase } from "../../../src/domain/doctor/examine.ts";
import { runCli } from "../../support/cli.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";

const examine = async (database: TestDatabase) => {
  const result = await runCli(["doctor", "--output", "json"], { database: database.url });
  const { items } = JSON.parse(result.stdout) as {
    items: { check: string; state: string; remedy: string }[];
  };
  return { ...result, items, of: (check: string) => items.find((item) => item.check === check) };
};
const inDatabase = async (statement: string) => {
  const database = await createTestDatabase();
  await database.sql.unsafe(statement);
  return examine(database);
};

describe("mpi doctor", () => {
  it("has no complaint about a database as the migrations make it", async () => {
    const { exitCode, items } = await examine(await createTestDatabase());
    expect(exitCode).toBe(0);
    expect(items.filter(({ state }) => state !== "ok")).toEqual([]);
  });

  it.each([
    [
      "audit default partition",
      "insert into audit_log (\"timestamp\", action, entity_type) values ('2001-01-05', 'READ', 'patient')",
      "mpi audit partitions --ensure",
    ],
    [
      "audit months",
      `do $$ begin execute 'drop table audit_log_' || to_char(now() at time zone 'UTC' + interval '1 month', 'YYYY_MM'); end $$`,
      "mpi audit partitions --ensure",
    ],
    ["schema", "drop index idx_patients_gender", "mpi migrate verify"],
    [
      "first load",
      "insert into import_runs (format, source_system, fingerprint) values ('csv', '(first load)', 'first load')",
      "the same mpi import csv … --first-load",
    ],
    [
      "indexes",
      "update pg_index set indisvalid = false where indexrelid = 'idx_patients_gender'::regclass",
      "reindex index idx_patients_gender",
    ],
  ])("complains with 7 about: %s", async (check, statement, remedy) => {
    const { exitCode, of, stderr } = await inDatabase(statement);
    expect(exitCode).toBe(7);
    expect(of(check)).toMatchObject({ state: "problem", remedy });
    expect(stderr).toContain(check);
  });

  it("advises to seal what was never sealed, which is no problem", async () => {
    const { exitCode, of } = await inDatabase("insert into patients default values");
    expect(exitCode).toBe(0);
    expect(of("audit seal")).toMatchObject({ state: "advice" });
  });

  it("says what the database role may not look at, and goes on", async () => {
    const database = await createTestDatabase();
    const [role, password] = [`${database.name}_nobody`.slice(-60), randomBytes(8).toString("hex")];
    await database.sql.unsafe(`create role "${role}" login password '${password}'`);
    try {
      const target = { ...database.target, user: role, password };
      const handle = await openDatabase(target);
      const findings = await examineDatabase(handle.db, target).finally(() => handle.close());
      const stateOf = (wanted: string) => findings.find(({ check }) => check === wanted)?.state;
      expect(stateOf("audit default partition")).toBe("unknown");
      expect(stateOf("indexes")).toBe("ok");
    } finally {
      await database.sql.unsafe(`drop role "${role}"`);
    }
  });

  it("prints a table for people, with what helps", async () => {
    const database = await createTestDatabase();
    await database.sql`insert into audit_log ("timestamp", action, entity_type) values ('2001-01-05', 'READ', 'patient')`;
    const result = await runCli(["doctor"], { database: database.url });
    expect(result.stdout).toMatch(/audit default partition +problem +holds 1 row whose month/);
  });
});
