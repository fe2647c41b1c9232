import { beforeAll, describe, expect, it } from "vitest";
import { baselineMigrations } from "../../../src/db/migrate/baseline.ts";
import { migrateDown } from "../../../src/db/migrate/down.ts";
import { readMigrationStatus } from "../../../src/db/migrate/status.ts";
import { verifySchema, type Drift } from "../../../src/db/migrate/verify.ts";
import { createEmptyTestDatabase, createTestDatabase, shareTestDatabase } from "../../support/database.ts";
import { copyMigrations } from "./support.ts";

/** What somebody does behind the migrations' back, each to another object, and what must be found. */
const drifts: readonly (readonly [act: string, sql: string, problem: string, kind: string, name: string])[] =
  [
    ["drops a table", "drop table import_runs", "missing", "table", "import_runs"],
    ["adds a table", "create table notes (id int primary key, text text)", "extra", "table", "notes"],
    [
      "drops a column",
      "alter table patients drop column created_by",
      "missing",
      "column",
      "patients.created_by",
    ],
    ["adds a column", "alter table patients add column colour text", "extra", "column", "patients.colour"],
    [
      "changes a type",
      "alter table patient_addresses alter column city type varchar(300)",
      "altered",
      "column",
      "patient_addresses.city",
    ],
    [
      "changes a default",
      "alter table patients alter column deceased set default true",
      "altered",
      "column",
      "patients.deceased",
    ],
    [
      "allows a null",
      "alter table patients alter column active drop not null",
      "altered",
      "column",
      "patients.active",
    ],
    [
      "forbids a null",
      "alter table patients alter column gender set not null",
      "altered",
      "column",
      "patients.gender",
    ],
    [
      "drops a check",
      "alter table patients drop constraint patients_birth_order_check",
      "missing",
      "constraint",
      "patients.patients_birth_order_check",
    ],
    [
      "weakens a check",
      "alter table patients drop constraint patients_gender_check, add constraint patients_gender_check check (gender <> 'x')",
      "altered",
      "constraint",
      "patients.patients_gender_check",
    ],
    [
      "stops enforcing a foreign key",
      "alter table patient_names disable trigger all",
      "altered",
      "constraint",
      "patient_names.patient_names_patient_id_fkey",
    ],
    [
      "leaves a foreign key unchecked",
      "alter table patient_contacts drop constraint patient_contacts_patient_id_fkey, add constraint patient_contacts_patient_id_fkey foreign key (patient_id) references patients (id) on delete cascade not valid",
      "altered",
      "constraint",
      "patient_contacts.patient_contacts_patient_id_fkey",
    ],
    [
      "drops an index",
      "drop index idx_patients_birth_date",
      "missing",
      "index",
      "patients.idx_patients_birth_date",
    ],
    ["adds an index", "create index mine on patients (birth_date)", "extra", "index", "patients.mine"],
    [
      "narrows an index",
      "drop index idx_patients_gender; create index idx_patients_gender on patients (gender) where active",
      "altered",
      "index",
      "patients.idx_patients_gender",
    ],
    [
      "edits a function",
      "create or replace function update_updated_at_column() returns trigger language plpgsql as $$ begin return new; end $$",
      "altered",
      "function",
      "update_updated_at_column()",
    ],
    [
      "opens a function to everybody",
      "grant execute on function mpi_audit_drain_default() to public",
      "altered",
      "function",
      "mpi_audit_drain_default()",
    ],
    [
      "drops a trigger",
      "drop trigger patients_audit_update on patients",
      "missing",
      "trigger",
      "patients.patients_audit_update",
    ],
    [
      "switches a trigger off",
      "alter table patients disable trigger patients_audit_insert",
      "altered",
      "trigger",
      "patients.patients_audit_insert",
    ],
    [
      "lets replication change the trail",
      "alter table audit_seals enable trigger audit_seals_immutable",
      "altered",
      "trigger",
      "audit_seals.audit_seals_immutable",
    ],
    [
      "unlocks a month's statements",
      "select mpi_audit_create_partition('1999-01-01'); alter table audit_log_1999_01 disable trigger audit_log_immutable",
      "unprotected",
      "partition",
      "audit_log_1999_01",
    ],
    [
      "unlocks a month's rows",
      "select mpi_audit_create_partition('1999-02-01'); alter table audit_log_1999_02 disable trigger audit_log_immutable_row",
      "unprotected",
      "partition",
      "audit_log_1999_02",
    ],
    [
      "makes a partition by hand",
      "create table audit_log_1999_03 partition of audit_log for values from ('1999-03-01') to ('1999-04-01')",
      "unprotected",
      "partition",
      "audit_log_1999_03",
    ],
    ["adds a policy", "create policy hidden on patients using (false)", "extra", "policy", "patients.hidden"],
    ["adds a view", "create view v as select 1 as one", "extra", "view", "v"],
  ];

/** Objects that "disable trigger all" changes besides the one that is asked about. */
const byTheWay = /^patient_names\./;

describe("verifying a schema", () => {
  it("finds nothing where the migrations were run", async () => {
    const { target } = await createTestDatabase();
    expect(await verifySchema(target)).toEqual([]);
  });

  describe("that somebody tampered with", () => {
    const shared = shareTestDatabase();
    let found: readonly Drift[] = [];
    beforeAll(async () => {
      for (const [, sql] of drifts) await shared().sql.unsafe(sql);
      found = await verifySchema(shared().target);
    });

    it.each(drifts)("finds that he %s", (_act, _sql, problem, kind, name) => {
      expect(found).toContainEqual(expect.objectContaining({ problem, kind, name }));
    });

    it("finds nothing else", () => {
      const names = found.map(({ name }) => name).filter((name) => !byTheWay.test(name));
      const expected = drifts.map(([, , , , name]) => name).filter((name) => !byTheWay.test(name));
      expect(names.sort()).toEqual(expected.sort());
    });
  });

  it("tells what should be there and what is", async () => {
    const database = await createTestDatabase();
    await database.sql`alter table patient_addresses alter column city type varchar(300)`;
    const found = (await verifySchema(database.target)).filter(({ kind }) => kind === "column");
    expect(found).toEqual([
      {
        problem: "altered",
        kind: "column",
        name: "patient_addresses.city",
        expected: "city character varying(255)",
        actual: "city character varying(300)",
      },
    ]);
  });

  it("reports a missing table once, not each of its columns", async () => {
    const database = await createTestDatabase();
    await database.sql`drop table patient_contacts`;
    expect(await verifySchema(database.target)).toHaveLength(1);
  });

  it("takes no offence at months that the program made", async () => {
    const database = await createTestDatabase();
    await database.sql`select mpi_audit_create_partition('1999-01-15')`;
    expect(await verifySchema(database.target)).toEqual([]);
  });

  it("reports pending migrations, and what they would make", async () => {
    const { target } = await createTestDatabase();
    await migrateDown(target);
    const found = await verifySchema(target);
    expect(found[0]).toEqual({ problem: "pending", kind: "migration", name: "0004_indexes_and_triggers" });
    expect(found).toContainEqual(
      expect.objectContaining({ problem: "missing", kind: "function", name: "audit_patient_changes()" }),
    );
  });

  it("reports an applied migration whose file was edited", async () => {
    const { target } = await createTestDatabase();
    const copy = await copyMigrations();
    await copy.write("0001_patients.sql", `${await copy.read("0001_patients.sql")}-- more\n`);
    expect(await verifySchema(target, copy.directory)).toEqual([
      { problem: "edited", kind: "migration", name: "0001_patients" },
    ]);
  });

  it("finds every object missing in an empty database", async () => {
    const { target } = await createEmptyTestDatabase();
    const found = await verifySchema(target);
    expect(new Set(found.map(({ problem }) => problem))).toEqual(new Set(["pending", "missing"]));
  });
});

describe("the status of migrations", () => {
  it("is pending for each in an empty database, and applied afterwards", async () => {
    const empty = await createEmptyTestDatabase();
    expect(new Set((await readMigrationStatus(empty.target)).map(({ state }) => state))).toEqual(
      new Set(["pending"]),
    );
    const migrated = await createTestDatabase();
    const states = await readMigrationStatus(migrated.target);
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(["applied"]));
    expect(states[0]!.applied).toMatchObject({ tag: "0000_organizations" });
  });

  it("names what is edited, missing or left out", async () => {
    const database = await createTestDatabase();
    await database.sql`update mpi_migrations set hash = 'x' where tag = '0000_organizations'`;
    await database.sql`delete from mpi_migrations where tag = '0002_patient_children'`;
    await database.sql`insert into mpi_migrations (tag, hash, applied_by, version) values ('0099_future', 'x', 'x', '9.9.9')`;
    expect((await readMigrationStatus(database.target)).map(({ tag, state }) => [tag, state])).toEqual([
      ["0000_organizations", "edited"],
      ["0001_patients", "applied"],
      ["0002_patient_children", "gap"],
      ["0003_audit", "applied"],
      ["0004_indexes_and_triggers", "applied"],
      ["0099_future", "missing"],
    ]);
  });
});

describe("a baseline", () => {
  const forget = async () => {
    const database = await createTestDatabase();
    await database.sql`drop table mpi_migrations, mpi_migration_events`;
    return database;
  };

  it("records every migration of a schema that is there, and runs none", async () => {
    const database = await forget();
    const tags = await baselineMigrations(database.target, { user: "dba" });
    expect(tags).toContain("0004_indexes_and_triggers");
    expect(await verifySchema(database.target)).toEqual([]);
    expect(await database.sql`select distinct applied_by, duration from mpi_migrations`).toEqual([
      { applied_by: "dba", duration: null },
    ]);
  });

  it("refuses a schema that differs, and records nothing", async () => {
    const database = await forget();
    await database.sql`drop index idx_patients_birth_date`;
    await expect(baselineMigrations(database.target)).rejects.toMatchObject({
      code: "check-failed",
      details: { differences: 1 },
    });
    expect((await readMigrationStatus(database.target)).every(({ state }) => state === "pending")).toBe(true);
  });

  it("refuses where a record is there already", async () => {
    const { target } = await createTestDatabase();
    await expect(baselineMigrations(target)).rejects.toMatchObject({ code: "conflict" });
  });

  it("refuses an empty database", async () => {
    const { target } = await createEmptyTestDatabase();
    await expect(baselineMigrations(target)).rejects.toMatchObject({ code: "check-failed" });
  });
});
