import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectionOptions, openDatabase, type ConnectionTarget } from "../../../src/db/client.ts";
import { grantedRoles, roleNames, tableGrants, type RoleName } from "../../../src/db/migrate/role-grants.ts";
import { applyRoles, listRoleStatements } from "../../../src/db/migrate/roles.ts";
import { migrateUp } from "../../../src/db/migrate/up.ts";
import { verifySchema } from "../../../src/db/migrate/verify.ts";
import { runMatch } from "../../../src/domain/match/run-match.ts";
import { defaultModel } from "../../../src/matching/model/default-model.ts";
import { createEmptyTestDatabase, shareTestDatabase } from "../../support/database.ts";

const a = "00000000-0000-4000-8000-0000000000b1";
const b = "00000000-0000-4000-8000-0000000000b2";

describe("the roles", () => {
  const shared = shareTestDatabase();
  const password = randomBytes(8).toString("hex");
  let prefix = "";
  const clients = new Map<RoleName, postgres.Sql>();

  const targetOf = (role: RoleName): ConnectionTarget => ({
    ...shared().target,
    user: `${prefix}_${role}_login`,
    password,
  });

  beforeAll(async () => {
    prefix = `t${shared().name.slice(-20)}`;
    await applyRoles(shared().target, { prefix, user: "dba" });
    for (const role of roleNames) {
      await shared().sql.unsafe(
        `create role ${prefix}_${role}_login login password '${password}' in role ${prefix}_${role}`,
      );
      clients.set(role, postgres({ ...connectionOptions(targetOf(role)), max: 1 }));
    }
    await shared().sql.unsafe(`
      insert into organizations (name) values ('General Hospital');
      insert into identifier_domains (code, system, name, is_unique) values ('MRN', 'urn:mrn', 'Numbers', true);
      insert into patients (id, gender, mother_identifier) values ('${a}', 'male', 'secret'), ('${b}', 'male', null);
      insert into patient_names (patient_id, family) values ('${a}', 'Smith');
      insert into patient_identifiers (patient_id, type, system, value) values ('${a}', 'MR', 'urn:mrn', '123456789');`);
  });
  afterAll(async () => {
    for (const client of clients.values()) await client.end({ timeout: 1 });
    const names = roleNames.flatMap((role) => [`${prefix}_${role}_login`, `${prefix}_${role}`]);
    for (const name of names) {
      await shared().sql.unsafe(
        `reassign owned by ${name} to current_user; drop owned by ${name}; drop role ${name}`,
      );
    }
  });

  class RollBack extends Error {}
  const attempt = (role: RoleName, statement: string) =>
    clients
      .get(role)!
      .begin(async (transaction) => {
        await transaction.unsafe(statement);
        throw new RollBack();
      })
      .catch((error: unknown) => (error instanceof RollBack ? "done" : (error as { code: string }).code));
  const forbidden = "42501";
  const appendOnly = "23001";

  it("lets the matcher match: everything, and then what has changed", { timeout: 60_000 }, async () => {
    const handle = await openDatabase(targetOf("matcher"));
    const run = (full: boolean) =>
      runMatch(
        handle.db,
        targetOf("matcher"),
        { user: "cron", operation: "MATCH_RUN" },
        {
          model: defaultModel,
          full,
          autoLink: true,
          dryRun: false,
          signal: new AbortController().signal,
          onPhase: () => undefined,
          monotonic: () => 0,
        },
      );
    try {
      expect(await run(true)).toMatchObject({ mode: "full", records: 2 });
      await shared().sql`update patients set gender = 'female' where id = ${b}`;
      const later = await run(false);
      expect(later.mode).toBe("incremental");
      // A transaction elsewhere on the server may hold the horizon back: then more is looked at again.
      expect(later.changedRecords).toBeGreaterThanOrEqual(1);
    } finally {
      await handle.close();
    }
  });

  const acts: readonly (readonly [act: string, statement: string, mayDo: readonly RoleName[]])[] = [
    [
      "read records",
      "select gender, birth_date from patients",
      ["owner", "steward", "matcher", "auditor", "reader"],
    ],
    ["read names", "select * from patient_names", ["owner", "steward", "matcher", "reader"]],
    [
      "read identifiers in clear",
      "select value from patient_identifiers",
      ["owner", "steward", "matcher", "auditor"],
    ],
    [
      "read their normal form",
      "select value_normalized from patient_identifiers",
      ["owner", "steward", "matcher", "auditor"],
    ],
    [
      "read their key",
      "select unique_key from patient_identifiers",
      ["owner", "steward", "matcher", "auditor"],
    ],
    [
      "read whole rows of them",
      "select * from patient_identifiers",
      ["owner", "steward", "matcher", "auditor"],
    ],
    [
      "search by them",
      "select id from patient_identifiers where value = '123456789'",
      ["owner", "steward", "matcher", "auditor"],
    ],
    [
      "read identifiers masked",
      "select system, value_masked from patient_identifiers",
      ["owner", "steward", "matcher", "auditor", "reader"],
    ],
    [
      "read a mother's identifier",
      "select mother_identifier from patients",
      ["owner", "steward", "matcher", "auditor"],
    ],
    ["add a record", "insert into patients (gender) values ('male')", ["owner", "steward"]],
    ["edit a record", "update patients set gender = 'other'", ["owner", "steward"]],
    ["delete a record for good", `delete from patients where id = '${b}'`, ["owner"]],
    [
      "add an identifier",
      `insert into patient_identifiers (patient_id, type, system, value) values ('${b}', 'MR', 'urn:mrn', '9')`,
      ["owner", "steward"],
    ],
    [
      "move a name",
      `delete from patient_names; insert into patient_names (patient_id, family) values ('${b}', 'Smith')`,
      ["owner", "steward"],
    ],
    [
      "merge",
      `insert into patient_merges (group_id, patient_id, survivor_id, inverse) values ('${a}', '${a}', '${b}', '{}')`,
      ["owner", "steward"],
    ],
    ["retire a record, as a merge does", "update patients set active = false", ["owner", "steward"]],
    [
      "link",
      `insert into patient_links (patient_id, other_patient_id, link_type) values ('${a}', '${b}', 'seealso')`,
      ["owner", "steward", "matcher"],
    ],
    [
      "join two persons",
      `update patients set enterprise_id = '${a}', enterprise_since = now()`,
      ["owner", "steward", "matcher"],
    ],
    [
      "score a pair",
      `insert into patient_match_scores (patient_id, candidate_id, total_score) values ('${a}', '${b}', 0.9)`,
      ["owner", "steward", "matcher"],
    ],
    [
      "begin a run",
      "insert into match_runs (mode, model_version, model_hash, epoch) values ('full', '1', 'h', 'e')",
      ["owner", "matcher"],
    ],
    [
      "keep a calibration",
      "insert into match_calibrations (model_version, model_hash, model, content, content_hash, record_count, origin) values ('1', 'h', '{}', '', 'h', 0, 'run')",
      ["owner", "matcher"],
    ],
    ["edit an organization", "update organizations set name = 'Other'", ["owner", "steward"]],
    ["edit an identifier domain", "update identifier_domains set is_unique = false", ["owner", "steward"]],
    [
      "say who sees which organization",
      "insert into role_organizations (role_name, organization_id) select 'x', id from organizations",
      ["owner"],
    ],
    ["read the audit trail", "select * from audit_log", ["owner", "steward", "auditor"]],
    [
      "write the audit trail",
      "insert into audit_log (action, entity_type) values ('READ', 'patient')",
      ["owner"],
    ],
    [
      "log a read",
      "select mpi_audit_read('READ', 'patient', '{}')",
      ["owner", "steward", "matcher", "auditor", "reader"],
    ],
    ["seal the audit trail", "select mpi_audit_seal()", ["owner", "auditor"]],
    [
      "write a seal by hand",
      "insert into audit_seals (id, epoch, floor_id, lower_xid, upper_xid, next_xid, position, max_id, row_count, previous_head, head) values (1, '', 0, '0', '0', '0', 0, 0, 0, '', '')",
      ["owner"],
    ],
    ["say that something was administered", "select mpi_audit_admin('x', 'X', '{}')", ["owner"]],
    ["top up partitions", "select mpi_audit_ensure_partitions(12)", ["owner", "matcher", "auditor"]],
    ["make a partition", "select mpi_audit_create_partition('1999-01-01')", ["owner"]],
    [
      "make a temporary table",
      "create temporary table stage (id int)",
      ["owner", "steward", "matcher", "auditor", "reader"],
    ],
    ["make a table", "create table public.mine (id int)", ["owner"]],
    ["add a column", "alter table patients add column colour text", ["owner"]],
    ["switch a trigger off", "alter table patients disable trigger patients_audit_update", ["owner"]],
    [
      "read what was migrated",
      "select tag from mpi_migrations",
      ["owner", "steward", "matcher", "auditor", "reader"],
    ],
  ];

  for (const role of roleNames) {
    const permitted = acts.filter(([, , mayDo]) => mayDo.includes(role));
    const refused = acts.filter(([, , mayDo]) => !mayDo.includes(role));
    it.each(permitted)(`let a ${role} %s`, async (_act, statement) => {
      expect(await attempt(role, statement)).toBe("done");
    });
    if (refused.length > 0) {
      it.each(refused)(`do not let a ${role} %s`, async (_act, statement) => {
        expect(await attempt(role, statement)).toBe(forbidden);
      });
    }
  }

  it.each(roleNames)("let nobody change the audit trail, not a %s either", async (role) => {
    const refusal = role === "owner" ? appendOnly : forbidden;
    expect(await attempt(role, "update audit_log set user_id = 'x'")).toBe(refusal);
    expect(await attempt(role, "delete from audit_log where false")).toBe(refusal);
    expect(await attempt(role, "truncate audit_log")).toBe(refusal);
    expect(await attempt(role, "delete from audit_log_default")).toBe(refusal);
  });

  it("mask identifiers down to their last four characters, and short ones altogether", async () => {
    await shared()
      .sql`insert into patient_identifiers (patient_id, type, system, value) values (${b}, 'PIN', 'urn:pin', '1234')`;
    const rows = await clients.get("reader")!`select value_masked from patient_identifiers order by 1`;
    expect(rows).toEqual([{ value_masked: "****" }, { value_masked: "****6789" }]);
    await shared().sql`delete from patient_identifiers where system = 'urn:pin'`;
  });

  it("write the audit trail through the triggers, under the login's own name", async () => {
    const id = "00000000-0000-4000-8000-0000000000c1";
    await clients.get("steward")!`insert into patients (id, gender) values (${id}, 'female')`;
    const rows = await shared().sql`select database_user, user_id from audit_log where entity_id = ${id}`;
    expect(rows).toEqual([{ database_user: `${prefix}_steward_login`, user_id: `${prefix}_steward_login` }]);
  });

  it("lose what somebody granted them besides when they are made again, and keep what they need", async () => {
    const { sql, target } = shared();
    await sql.unsafe(`
      grant insert, update on audit_log to ${prefix}_steward;
      grant select on patient_identifiers to ${prefix}_reader;
      grant select on match_calibrations to public;
      grant execute on function mpi_audit_admin(text, text, jsonb) to ${prefix}_reader;`);
    expect(await attempt("reader", "select mpi_audit_admin('x', 'X', '{}')")).toBe("done");
    expect(await attempt("auditor", "select * from match_calibrations")).toBe("done");
    await applyRoles(target, { prefix });
    expect(await attempt("steward", "insert into audit_log (action, entity_type) values ('READ', 'x')")).toBe(
      forbidden,
    );
    expect(await attempt("reader", "select value from patient_identifiers")).toBe(forbidden);
    expect(await attempt("reader", "select mpi_audit_admin('x', 'X', '{}')")).toBe(forbidden);
    expect(await attempt("auditor", "select * from match_calibrations")).toBe(forbidden);
    expect(await attempt("reader", "select system from patient_identifiers")).toBe("done");
  });

  it("are written into the audit trail when they are made", async () => {
    const rows = await shared().sql`
      select user_id, action, operation, new_values from audit_log where operation = 'MIGRATE_ROLES' order by id limit 1`;
    expect(rows).toEqual([
      { user_id: "dba", action: "ADMIN", operation: "MIGRATE_ROLES", new_values: { prefix } },
    ]);
  });

  it("are no drift", async () => {
    expect(await verifySchema(shared().target)).toEqual([]);
  });

  it("leave no table out of account", async () => {
    const rows = await shared().sql<{ name: string }[]>`
      select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`;
    expect(Object.keys(tableGrants).sort()).toEqual(rows.map(({ name }) => name).sort());
  });

  it("let the owner migrate on", async () => {
    await expect(migrateUp(targetOf("owner"))).resolves.toMatchObject({ applied: [] });
    expect(await attempt("owner", "create index x on patients (birth_order)")).toBe("done");
  });

  it("are printed as the very statements that are applied", async () => {
    const statements = await listRoleStatements(shared().target, { prefix });
    expect(await applyRoles(shared().target, { prefix })).toEqual(statements);
    for (const role of grantedRoles) expect(statements.join("\n")).toContain(`${prefix}_${role}`);
  });
});

describe("making roles", () => {
  it.each(["", "1x", "a b", "a;drop", "Ä", "x".repeat(60)])("refuses the prefix %j", async (prefix) => {
    const { target } = await createEmptyTestDatabase();
    await expect(listRoleStatements(target, { prefix })).rejects.toMatchObject({ code: "usage" });
  });

  it("refuses a database that is not migrated", async () => {
    const { target } = await createEmptyTestDatabase();
    await expect(listRoleStatements(target, { prefix: "x" })).rejects.toMatchObject({ code: "unavailable" });
  });

  it("works for a role that owns the database and may create roles, without a superuser", async () => {
    const database = await createEmptyTestDatabase();
    const password = randomBytes(8).toString("hex");
    const prefix = `t${database.name.slice(-20)}`;
    await database.sql.unsafe(`
      create role ${prefix}_dba login createrole password '${password}';
      alter database ${database.name} owner to ${prefix}_dba`);
    const target = { ...database.target, user: `${prefix}_dba`, password };
    try {
      await migrateUp(target);
      await applyRoles(target, { prefix });
      // Who migrated before does so afterwards, as a member of the owner.
      await expect(migrateUp(target)).resolves.toMatchObject({ applied: [] });
      expect(await database.sql`select tableowner from pg_tables where tablename = 'patients'`).toEqual([
        { tableowner: `${prefix}_owner` },
      ]);
    } finally {
      await database.sql.unsafe(`alter database ${database.name} owner to current_user`);
      const names = [...roleNames.map((role) => `${prefix}_${role}`), `${prefix}_dba`];
      for (const name of names) {
        await database.sql.unsafe(
          `do $$ begin if to_regrole('${name}') is not null then
             reassign owned by ${name} to current_user; drop owned by ${name} cascade; drop role ${name}; end if; end $$`,
        );
      }
    }
  });
});
