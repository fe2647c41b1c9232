import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, shareTestDatabase, type TestDatabase } from "../support/database.ts";

interface AuditRow {
  readonly id: string;
  readonly action: string;
  readonly entity_type: string;
  readonly entity_id: string | null;
  readonly table_name: string | null;
  readonly row_id: string | null;
  readonly old_values: Readonly<Record<string, unknown>> | null;
  readonly new_values: Readonly<Record<string, unknown>> | null;
}

const listAudit = ({ sql }: TestDatabase, after = 0) => sql<AuditRow[]>`
  select id, action, entity_type, entity_id, table_name, row_id, old_values, new_values
  from audit_log where id > ${after} order by id`;

describe("the audit trail", () => {
  let database: TestDatabase;
  let a: string;
  let b: string;
  let organization: string;
  let last = 0;

  const run = async (statement: string) => {
    await database.sql.unsafe(statement);
    const rows = await listAudit(database, last);
    last = Number(rows.at(-1)?.id ?? last);
    return rows;
  };

  const shared = shareTestDatabase();
  beforeAll(async () => {
    database = shared();
    const { sql } = database;
    const [org] = await sql<
      { id: string }[]
    >`insert into organizations (name) values ('General') returning id`;
    organization = org!.id;
    const patients = await sql<
      { id: string }[]
    >`insert into patients (gender) values ('male'), ('female') returning id`;
    [a, b] = patients.map(({ id }) => id).sort() as [string, string];
    await run("select 1");
  });

  const owner = () => ({ patient: a, organization });
  const cases: readonly (readonly [
    table: string,
    entity:
      "patient" | "organization" | "identifier_domain" | "match_run" | "match_calibration" | "import_run",
    columns: string,
    values: () => string,
    change: string,
  ])[] = [
    ["patients", "patient", "gender", () => "'male'", "marital_status = 'M'"],
    ["patient_names", "patient", "patient_id, family", () => `'${a}', 'Smith'`, "family = 'Smyth'"],
    [
      "patient_identifiers",
      "patient",
      "patient_id, type, system, value",
      () => `'${a}', 'MR', 's', '1'`,
      "value = '2'",
    ],
    [
      "patient_addresses",
      "patient",
      "patient_id, city",
      () => `'${a}', 'Springfield'`,
      "city = 'Shelbyville'",
    ],
    ["patient_contacts", "patient", "patient_id, system, value", () => `'${a}', 'phone', '1'`, "value = '2'"],
    [
      "patient_quarantine",
      "patient",
      "patient_id, kind, payload, origin",
      () => `'${a}', 'overlay', '{}', 'csv'`,
      "state = 'applied'",
    ],
    ["organizations", "organization", "name", () => "'Other'", "name = 'Another'"],
    [
      "organization_identifiers",
      "organization",
      "organization_id, type, system, value",
      () => `'${organization}', 'NPI', 's', '1'`,
      "value = '2'",
    ],
    [
      "organization_addresses",
      "organization",
      "organization_id, city",
      () => `'${organization}', 'Springfield'`,
      "city = 'Shelbyville'",
    ],
    [
      "organization_contacts",
      "organization",
      "organization_id, system, value",
      () => `'${organization}', 'phone', '1'`,
      "value = '2'",
    ],
    [
      "role_organizations",
      "organization",
      "organization_id, role_name",
      () => `'${organization}', 'nurse'`,
      "role_name = 'doctor'",
    ],
    [
      "identifier_domains",
      "identifier_domain",
      "code, system, name",
      () => "'MRN', 'urn:mrn', 'Numbers'",
      "name = 'Record numbers'",
    ],
    [
      "match_runs",
      "match_run",
      "mode, model_version, model_hash, epoch",
      () => "'full', '1', 'h', 'e'",
      "state = 'succeeded'",
    ],
    [
      "match_calibrations",
      "match_calibration",
      "model_version, model_hash, model, content, content_hash, record_count, origin",
      () => "'1', 'h', '{}', '', 'h', 1, 'train'",
      "",
    ],
    [
      "import_runs",
      "import_run",
      "format, source_system, fingerprint",
      () => "'csv', 's', 'f'",
      "state = 'failed'",
    ],
  ];

  it.each(cases)(
    "has one row for each insert, update and delete in %s, before and after",
    async (table, entity, columns, values, change) => {
      const [inserted, ...more] = await run(`insert into ${table} (${columns}) values (${values()})`);
      expect(more).toEqual([]);
      const rowId = inserted!.row_id!;
      const entityId = columns.startsWith(`${entity}_id`)
        ? owner()[entity as "patient" | "organization"]
        : rowId;
      const common = { entity_type: entity, entity_id: entityId, table_name: table, row_id: rowId };
      expect(inserted).toMatchObject({
        ...common,
        action: "INSERT",
        old_values: null,
        new_values: { id: rowId },
      });
      if (change !== "") {
        const [column] = change.split(" ") as [string];
        const updated = await run(`update ${table} set ${change} where id = '${rowId}'`);
        expect(updated).toMatchObject([{ ...common, action: "UPDATE" }]);
        expect(updated[0]!.new_values![column]).toBe(/'(.*)'/.exec(change)![1]);
        expect(updated[0]!.old_values![column]).toEqual(inserted!.new_values![column]);
      }
      const deleted = await run(`delete from ${table} where id = '${rowId}'`);
      expect(deleted).toMatchObject([
        { ...common, action: "DELETE", old_values: { id: rowId }, new_values: null },
      ]);
    },
  );

  it.each([
    ["patient_links", "patient_id, other_patient_id, link_type", "'seealso'", "link_type = 'refer'"],
    [
      "patient_merges",
      "patient_id, survivor_id, group_id, inverse",
      "gen_random_uuid(), '{}'",
      "reason = 'same person'",
    ],
    [
      "patient_match_scores",
      "patient_id, candidate_id, total_score, state, decided_by, decided_at",
      "0.9, 'confirmed', 'x', now()",
      "state = 'rejected'",
    ],
  ])("has a row of %s in the history of both records", async (table, columns, values, change) => {
    const entities = (rows: readonly AuditRow[]) => rows.map(({ entity_id }) => entity_id).sort();
    expect(
      entities(await run(`insert into ${table} (${columns}) values ('${a}', '${b}', ${values})`)),
    ).toEqual([a, b]);
    expect(entities(await run(`update ${table} set ${change}`))).toEqual([a, b]);
    expect(entities(await run(`delete from ${table}`))).toEqual([a, b]);
  });

  it("covers every table but those that hold nothing of their own", async () => {
    const rows = await database.sql<{ name: string }[]>`
      select c.relname as name from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and not exists (select from pg_trigger g where g.tgrelid = c.oid and g.tgname like '%audit_insert')`;
    // Derived data, the trail itself, and the runner's own.
    expect(rows.map(({ name }) => name).sort()).toEqual([
      "audit_archives",
      "audit_log",
      "audit_seal_chunks",
      "audit_seal_months",
      "audit_seals",
      "match_key_changes",
      "match_key_index",
      "match_key_pages",
      "mpi_migration_events",
      "mpi_migrations",
      "name_dictionary",
    ]);
  });

  it("has a score's decision, not the score", async () => {
    expect(
      await run(
        `insert into patient_match_scores (patient_id, candidate_id, total_score) values ('${a}', '${b}', 0.5)`,
      ),
    ).toEqual([]);
    expect(
      await run("update patient_match_scores set total_score = 0.6, match_weight = 3, calculated_at = now()"),
    ).toEqual([]);
    expect(await run("update patient_match_scores set claimed_by = 'x', claimed_until = now()")).toEqual([]);
    expect(await run("update patient_match_scores set state = 'auto_linked'")).toHaveLength(2);
    expect(await run("delete from patient_match_scores")).toEqual([]);
  });

  it("has no row for an update that changes nothing but stamps, versions and keys", async () => {
    expect(await run("update patients set gender = gender")).toEqual([]);
    expect(await run("update organizations set name = name")).toEqual([]);
    expect(await run("update patients set version = version")).toEqual([]);
  });

  it("has the change of a person as a change of the record", async () => {
    const rows = await run(`update patients set enterprise_id = gen_random_uuid() where id = '${a}'`);
    expect(rows).toMatchObject([{ action: "UPDATE", entity_id: a, table_name: "patients" }]);
  });

  it("is not slipped past by an update that changes the row's own id", async () => {
    await run(`insert into patient_names (patient_id, family) values ('${a}', 'Before')`);
    const rows = await run("update patient_names set id = gen_random_uuid(), family = 'After'");
    expect(
      rows.map(({ old_values, new_values }) => [old_values?.["family"], new_values?.["family"]]),
    ).toEqual(
      expect.arrayContaining([
        ["Before", undefined],
        [undefined, "After"],
      ]),
    );
    await run("delete from patient_names");
  });

  it("has a row that moves to another record in both histories", async () => {
    await run(`insert into patient_names (patient_id, family) values ('${a}', 'Smith')`);
    const rows = await run(`update patient_names set patient_id = '${b}'`);
    expect(rows.map(({ entity_id }) => entity_id).sort()).toEqual([a, b]);
    await run("delete from patient_names");
  });

  it("has one row for each row of a statement that changes many, and none for one that finds no row", async () => {
    expect(
      await run(
        "insert into patients (gender, marital_status) select 'male', 'bulk' from generate_series(1, 100)",
      ),
    ).toHaveLength(100);
    expect(await run("update patients set birth_order = 1 where marital_status = 'bulk'")).toHaveLength(100);
    expect(await run("delete from patients where marital_status = 'bulk'")).toHaveLength(100);
    expect(await run("update patients set birth_order = 1 where false")).toEqual([]);
  });

  it("has the rows that go with their record", async () => {
    await run("insert into patients (id, gender) values ('00000000-0000-4000-8000-000000000001', 'male')");
    await run(
      "insert into patient_names (patient_id, family) values ('00000000-0000-4000-8000-000000000001', 'Smith')",
    );
    const rows = await run("delete from patients where id = '00000000-0000-4000-8000-000000000001'");
    expect(rows.map(({ action, table_name }) => `${action} ${table_name ?? ""}`).sort()).toEqual([
      "DELETE patient_names",
      "DELETE patients",
    ]);
  });

  it("leaves out nulls, what can be computed again, and stamps that say the same as the row of the trail", async () => {
    await run(`insert into patient_names (patient_id, family) values ('${a}', 'Smith')`);
    const [row] = await listAudit(database, last - 1);
    expect(Object.keys(row!.new_values!).sort()).toEqual([
      "family",
      "given",
      "id",
      "is_primary",
      "patient_id",
      "prefix",
      "suffix",
    ]);
    await run("delete from patient_names");
  });

  it("refuses to let rows go without a trace by TRUNCATE, on every audited table", async () => {
    const tables = await database.sql<{ name: string }[]>`
      select tgrelid::regclass::text as name from pg_trigger where tgname like '%audit_insert'`;
    expect(tables.length).toBeGreaterThan(15);
    for (const { name } of tables) {
      await expect(database.sql.unsafe(`truncate ${name} cascade`), name).rejects.toMatchObject({
        code: "23001",
      });
    }
  });
});

describe("who acts and why", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  const act = (settings: Readonly<Record<string, string>>) =>
    database.sql.begin(async (transaction) => {
      for (const [name, value] of Object.entries(settings)) {
        await transaction`select set_config(${`mpi.${name}`}, ${value}, true)`;
      }
      await transaction`insert into patients (gender) values ('male')`;
      await transaction`insert into organizations (name) values ('x')`;
    });

  it("stand beside every change, with the role that logged in and the transaction that holds them together", async () => {
    await act({
      user_id: "nurse.joy",
      ip_address: "192.0.2.7",
      user_agent: "mpi/1.0",
      operation: "PATIENT_ADD",
      reason: "walk-in",
    });
    const rows = await database.sql`
      select user_id, database_user = session_user as role, ip_address, user_agent, operation, reason,
        count(*) over (partition by transaction_id)::int as together, "timestamp" between now() - interval '1 minute' and now() as recent
      from audit_log`;
    const expected = {
      user_id: "nurse.joy",
      role: true,
      ip_address: "192.0.2.7",
      user_agent: "mpi/1.0",
      operation: "PATIENT_ADD",
      reason: "walk-in",
      together: 2,
      recent: true,
    };
    expect(rows).toEqual([expected, expected]);
  });

  it("are the role that logged in where nobody claims anything", async () => {
    await act({});
    expect(
      await database.sql`select distinct user_id = session_user as role, operation, reason, ip_address, user_agent from audit_log`,
    ).toEqual([{ role: true, operation: null, reason: null, ip_address: null, user_agent: null }]);
  });

  it("do not outlive their transaction", async () => {
    await act({ user_id: "nurse.joy", operation: "PATIENT_ADD" });
    await database.sql`insert into patients (gender) values ('male')`;
    const [row] =
      await database.sql`select user_id = session_user as role, operation from audit_log order by id desc limit 1`;
    expect(row).toEqual({ role: true, operation: null });
  });

  it("are cut to what the columns hold, so that a long one never stops a change", async () => {
    await act({
      user_id: "u".repeat(300),
      user_agent: "a".repeat(600),
      operation: "o".repeat(60),
      ip_address: "i".repeat(60),
    });
    const [row] = await database.sql`
      select length(user_id) as u, length(user_agent) as a, length(operation) as o, length(ip_address) as i from audit_log limit 1`;
    expect(row).toEqual({ u: 255, a: 500, o: 50, i: 45 });
  });
});

describe("a row of the audit trail", () => {
  const shared = shareTestDatabase();
  beforeAll(async () => {
    await shared().sql`insert into patients (gender) values ('male')`;
    await shared()
      .sql`insert into audit_log ("timestamp", action, entity_type) values ('1999-06-01', 'READ', 'patient')`;
  });

  const statements = (table: string) => [
    `update ${table} set user_id = 'somebody else'`,
    `update ${table} set user_id = 'x' where false`,
    `delete from ${table}`,
    `delete from ${table} where false`,
    `truncate ${table}`,
    `insert into ${table} (id, "timestamp", action, entity_type) select id, "timestamp", action, entity_type from ${table} on conflict (id, "timestamp") do update set user_id = 'x'`,
  ];

  /** The trail, the month's partition with the row in it, an empty month, and the default with a row in it. */
  const listTables = async () => {
    const [row] = await shared().sql<{ month: string; next: string }[]>`
      select 'audit_log_' || to_char(now() at time zone 'UTC', 'YYYY_MM') as month,
        'audit_log_' || to_char(now() at time zone 'UTC' + interval '2 months', 'YYYY_MM') as next`;
    return ["audit_log", row!.month, row!.next, "audit_log_default"];
  };

  it.each(["origin", "replica"])(
    "is changed by nobody, not even a superuser, with session_replication_role = %s",
    async (role) => {
      for (const table of await listTables()) {
        for (const statement of statements(table)) {
          await expect(
            shared().sql.begin(async (transaction) => {
              await transaction.unsafe(`set local session_replication_role = ${role}`);
              await transaction.unsafe(statement);
            }),
            statement,
          ).rejects.toMatchObject({
            code: "23001",
            message: expect.stringContaining("append-only") as string,
          });
        }
      }
      const [counts] = await shared().sql`select count(*)::int as rows from audit_log`;
      expect(counts).toEqual({ rows: 2 });
    },
  );

  it("is not updated into another month either", async () => {
    await expect(
      shared()
        .sql`update audit_log set "timestamp" = "timestamp" + interval '1 month' where entity_type = 'patient'`,
    ).rejects.toMatchObject({ code: "23001" });
  });

  it.each([
    "update audit_seals set row_count = 0 where false",
    "delete from audit_seals where false",
    "truncate audit_seals cascade",
  ])("is sealed for good: %s", async (statement) => {
    await expect(shared().sql.unsafe(statement)).rejects.toMatchObject({ code: "23001" });
  });

  it("is protected in a partition that is made later, too", async () => {
    await shared().sql`select mpi_audit_create_partition('2050-01-01')`;
    await expect(shared().sql`delete from audit_log_2050_01`).rejects.toMatchObject({ code: "23001" });
    await expect(shared().sql`truncate audit_log_2050_01`).rejects.toMatchObject({ code: "23001" });
  });

  it("has a hash that depends on everything in it and on no setting of the session", async () => {
    const hashOf = (settings: string) =>
      shared().sql.begin(async (transaction) => {
        await transaction.unsafe(settings);
        const rows = await transaction<{ same: boolean }[]>`
          select row_hash = mpi_audit_hash(id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id,
            operation, transaction_id, old_values, new_values, reason, ip_address, user_agent) as same from audit_log`;
        return rows.every(({ same }) => same);
      });
    for (const settings of [
      "set local timezone = 'Asia/Tokyo'",
      "set local datestyle = 'German'",
      "set local intervalstyle = 'sql_standard'",
      "set local bytea_output = 'escape'",
      "set local extra_float_digits = -15",
      "set local search_path = ''; set local search_path = public",
    ]) {
      expect(await hashOf(settings), settings).toBe(true);
    }
    const [row] = await shared().sql<{ hashes: number }[]>`
      with base as (select 1::bigint as i, now() as t, 'a'::varchar as v, gen_random_uuid() as u, '1'::xid8 as x, '{"k":1}'::jsonb as j)
      select count(distinct h)::int as hashes from base cross join lateral (values
        (mpi_audit_hash(i, t, v, v, v, v, u, v, u, v, x, j, j, v, v, v)),
        (mpi_audit_hash(2, t, v, v, v, v, u, v, u, v, x, j, j, v, v, v)),
        (mpi_audit_hash(i, t + interval '1 microsecond', v, v, v, v, u, v, u, v, x, j, j, v, v, v)),
        (mpi_audit_hash(i, t, 'b', v, v, v, u, v, u, v, x, j, j, v, v, v)),
        (mpi_audit_hash(i, t, v, 'b', v, v, u, v, u, v, x, j, j, v, v, v)),
        (mpi_audit_hash(i, t, v, v, 'b', v, u, v, u, v, x, j, j, v, v, v)),
        (mpi_audit_hash(i, t, v, v, v, 'b', u, v, u, v, x, j, j, v, v, v)),
        (mpi_audit_hash(i, t, v, v, v, v, null, v, u, v, x, j, j, v, v, v)),
        (mpi_audit_hash(i, t, v, v, v, v, u, 'b', u, v, x, j, j, v, v, v)),
        (mpi_audit_hash(i, t, v, v, v, v, u, v, null, v, x, j, j, v, v, v)),
        (mpi_audit_hash(i, t, v, v, v, v, u, v, u, 'b', x, j, j, v, v, v)),
        (mpi_audit_hash(i, t, v, v, v, v, u, v, u, v, '2', j, j, v, v, v)),
        (mpi_audit_hash(i, t, v, v, v, v, u, v, u, v, x, '{"k":2}', j, v, v, v)),
        (mpi_audit_hash(i, t, v, v, v, v, u, v, u, v, x, j, null, v, v, v)),
        (mpi_audit_hash(i, t, v, v, v, v, u, v, u, v, x, j, j, 'b', v, v)),
        (mpi_audit_hash(i, t, v, v, v, v, u, v, u, v, x, j, j, v, 'b', v)),
        (mpi_audit_hash(i, t, v, v, v, v, u, v, u, v, x, j, j, v, v, 'b'))) hashes (h)`;
    expect(row).toEqual({ hashes: 17 });
  });
});

describe("the partitions of the audit trail", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  const ensure = async (months: number) => {
    const [row] = await database.sql<
      { made: number }[]
    >`select mpi_audit_ensure_partitions(${months}) as made`;
    return row!.made;
  };

  it("are there for this month and twelve more from the start, and are topped up", async () => {
    const [row] = await database.sql`
      select count(*)::int as months, bool_or(relid::text = 'audit_log_' || to_char(now() at time zone 'UTC', 'YYYY_MM')) as now
      from pg_partition_tree('audit_log') where isleaf and relid <> 'audit_log_default'::regclass`;
    expect(row).toEqual({ months: 13, now: true });
    expect(await ensure(12)).toBe(0);
    expect(await ensure(14)).toBe(2);
  });

  it("begin and end at midnight UTC, whatever the session's zone", async () => {
    await database.sql.begin(async (transaction) => {
      await transaction`set local timezone = 'America/New_York'`;
      await transaction`select mpi_audit_create_partition('1999-05-01')`;
    });
    await database.sql`
      insert into audit_log ("timestamp", action, entity_type) values ('1999-05-01 00:00:00Z', 'READ', 'x'), ('1999-05-31 23:59:59.999999Z', 'READ', 'x')`;
    expect(await database.sql`select count(*)::int as rows from audit_log_1999_05`).toEqual([{ rows: 2 }]);
  });

  it("never lose a row whose month is missing, and take it in once they are topped up", async () => {
    await database.sql`
      insert into audit_log (id, "timestamp", action, entity_type, new_values) values
        (-1, '1999-05-15', 'READ', 'patient', '{"a": 1}'), (-2, '1999-07-15', 'READ', 'patient', null)`;
    const before = await database.sql`select id, row_hash from audit_log where id < 0 order by id`;
    await ensure(12);
    expect(await database.sql`select id, row_hash from audit_log where id < 0 order by id`).toEqual(before);
    expect(
      await database.sql`select tableoid::regclass::text as partition from audit_log where id < 0 order by id desc`,
    ).toEqual([{ partition: "audit_log_1999_05" }, { partition: "audit_log_1999_07" }]);
    expect(await database.sql`select count(*)::int as rows from audit_log_default`).toEqual([{ rows: 0 }]);
    expect(
      await database.sql`select action, operation, new_values from audit_log where operation is not null`,
    ).toEqual([{ action: "ADMIN", operation: "AUDIT_DRAIN", new_values: { rows: 2 } }]);
    await expect(database.sql`delete from audit_log_default`).rejects.toMatchObject({ code: "23001" });
    await expect(database.sql`truncate audit_log_1999_05`).rejects.toMatchObject({ code: "23001" });
  });

  it("are not waited for while a long transaction has the trail", { timeout: 20_000 }, async () => {
    await database.sql.begin(async (transaction) => {
      await transaction`insert into patients (gender) values ('male')`;
      const start = performance.now();
      expect(await ensure(20)).toBe(0);
      expect(performance.now() - start).toBeLessThan(10_000);
    });
    expect(await ensure(20)).toBe(8);
  });
});

describe("a read", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });

  it("is one row for each record shown, under one transaction, with what was asked", async () => {
    const ids = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];
    await database.sql.begin(async (transaction) => {
      await transaction`select set_config('mpi.user_id', 'nurse', true), set_config('mpi.operation', 'PATIENT_FIND', true)`;
      const [row] = await transaction<{ written: string }[]>`
        select mpi_audit_read('SEARCH', 'patient', ${ids}::uuid[], '{"fields": ["family"]}') as written`;
      expect(Number(row!.written)).toBe(2);
    });
    expect(
      await database.sql`
        select action, entity_id, user_id, operation, new_values, count(*) over (partition by transaction_id)::int as together
        from audit_log order by entity_id`,
    ).toEqual(
      ids.map((entity_id) => ({
        action: "SEARCH",
        entity_id,
        user_id: "nurse",
        operation: "PATIENT_FIND",
        new_values: { fields: ["family"] },
        together: 2,
      })),
    );
  });

  it("that found nobody is one row without a record", async () => {
    await database.sql`select mpi_audit_read('SEARCH', 'patient', '{}')`;
    expect(await database.sql`select action, entity_id from audit_log`).toEqual([
      { action: "SEARCH", entity_id: null },
    ]);
  });

  it.each(["INSERT", "ADMIN", "DELETE"])("cannot be written down as %s", async (action) => {
    await expect(database.sql`select mpi_audit_read(${action}, 'patient', '{}')`).rejects.toMatchObject({
      code: "22023",
    });
  });
});
