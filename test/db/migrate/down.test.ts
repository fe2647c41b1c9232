import { describe, expect, it } from "vitest";
import { migrateDown, planMigrateDown } from "../../../src/db/migrate/down.ts";
import { dumpSchema } from "../../../src/db/migrate/dump.ts";
import { migrateUp } from "../../../src/db/migrate/up.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { copyMigrations } from "./support.ts";

const reason = "rehearsal of a roll-back";

const addPatient = ({ sql }: TestDatabase) => sql`insert into patients (gender) values ('female')`;

describe("migrating down", () => {
  it("takes back the newest migration alone unless told otherwise", async () => {
    const { target } = await createTestDatabase();
    const result = await migrateDown(target);
    expect(result).toEqual({ takenBack: ["0004_indexes_and_triggers"], rowsDropped: 0 });
  });

  it("leaves an identical catalogue after up, down and up, from every version", async () => {
    const { target } = await createTestDatabase();
    const before = await dumpSchema(target);
    for (const to of ["0003_audit", "2", "0001", "0000_organizations", "none"]) {
      await migrateDown(target, { to, reason });
      await migrateUp(target);
      expect(await dumpSchema(target), `after going back to ${to}`).toBe(before);
    }
  });

  it("leaves nothing of ours but the extensions and the record of what was done", async () => {
    const database = await createTestDatabase();
    await migrateDown(database.target, { to: "none", user: "dba" });
    const dump = await dumpSchema(database.target);
    expect(dump.match(/^-- \[.*/gm)).toEqual([
      "-- [extension] fuzzystrmatch",
      "-- [extension] pg_trgm",
      "-- [extension] pgcrypto",
    ]);
    const events = await database.sql`
      select tag, user_id from mpi_migration_events where action = 'down' order by id`;
    expect(events).toEqual(
      [
        "0004_indexes_and_triggers",
        "0003_audit",
        "0002_patient_children",
        "0001_patients",
        "0000_organizations",
      ].map((tag) => ({ tag, user_id: "dba" })),
    );
  });

  it("refuses to drop a table that holds rows, and says which", async () => {
    const database = await createTestDatabase();
    await addPatient(database);
    await expect(migrateDown(database.target, { to: "0000" })).rejects.toMatchObject({
      code: "conflict",
      details: { tables: [{ migration: "0003_audit", table: "audit_log", rows: 1 }] },
    });
    expect(await database.sql`select count(*)::int as patients from patients`).toEqual([{ patients: 1 }]);
    expect(await database.sql`select tag from mpi_migrations order by tag desc limit 1`).toEqual([
      { tag: "0004_indexes_and_triggers" },
    ]);
  });

  it("drops them with a reason, and remembers reason and rows", async () => {
    const database = await createTestDatabase();
    await addPatient(database);
    const result = await migrateDown(database.target, { to: "0000", reason, user: "dba" });
    expect(result.rowsDropped).toBe(2);
    expect(
      await database.sql`
        select tag, reason, rows_dropped::int as rows from mpi_migration_events where action = 'down' and rows_dropped > 0 order by id`,
    ).toEqual([
      { tag: "0003_audit", reason, rows: 1 },
      { tag: "0001_patients", reason, rows: 1 },
    ]);
  });

  it("writes into the audit trail as long as that stands", async () => {
    const database = await createTestDatabase();
    await migrateDown(database.target, { reason, user: "dba" });
    expect(await database.sql`select user_id, action, operation, reason, new_values from audit_log`).toEqual([
      {
        user_id: "dba",
        action: "ADMIN",
        operation: "MIGRATE_DOWN",
        reason,
        new_values: { migration: "0004_indexes_and_triggers", rows: 0 },
      },
    ]);
  });

  it("says beforehand what it would do, and does nothing", async () => {
    const database = await createTestDatabase();
    await addPatient(database);
    const before = await dumpSchema(database.target);
    const plan = await planMigrateDown(database.target, { to: "0001_patients" });
    expect(plan.migrations.map(({ tag }) => tag)).toEqual([
      "0004_indexes_and_triggers",
      "0003_audit",
      "0002_patient_children",
    ]);
    expect(plan.tables.find(({ table }) => table === "audit_log")).toMatchObject({ rows: 1 });
    expect(plan.tables.find(({ table }) => table === "patient_names")).toMatchObject({ rows: 0 });
    expect(await dumpSchema(database.target)).toBe(before);
  });

  it.each(["0099", "patients", ""])("does not know a migration named '%s'", async (to) => {
    const { target } = await createTestDatabase();
    await expect(migrateDown(target, { to })).rejects.toMatchObject({ code: "usage" });
  });

  it("does not go forward", async () => {
    const { target } = await createTestDatabase();
    await migrateDown(target, { to: "0002" });
    await expect(migrateDown(target, { to: "0003" })).rejects.toMatchObject({ code: "usage" });
  });

  it("takes nothing back where a statement of the way back fails", async () => {
    const database = await createTestDatabase();
    const copy = await copyMigrations();
    await copy.add(
      "0005_table",
      "create table extra (id int);",
      "drop table extra;\n--> statement-breakpoint\ndrop table nowhere;",
    );
    await migrateUp(database.target, { directory: copy.directory });
    await expect(migrateDown(database.target, { directory: copy.directory })).rejects.toMatchObject({
      details: { sqlState: "42P01" },
    });
    expect(await database.sql`select to_regclass('extra') is not null as there`).toEqual([{ there: true }]);
    expect(await database.sql`select count(*)::int as applied from mpi_migrations`).toEqual([{ applied: 6 }]);
  });
});
