import type { ConnectionTarget } from "../client.ts";
import { MpiError } from "../../lib/errors.ts";
import { withMigrationLock } from "./lock.ts";
import {
  functionGrants,
  grantedRoles,
  roleComments,
  roleNames,
  tableGrants,
  type TableGrant,
} from "./role-grants.ts";
import { withSession, type Session } from "./session.ts";

export interface RoleOptions {
  /** Roles belong to the whole cluster: `mpi` gives mpi_owner, mpi_steward and so on. */
  readonly prefix: string;
}

export interface ApplyRoleOptions extends RoleOptions {
  readonly user?: string;
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal;
}

/**
 * The statements that make the roles of a migrated database and give each exactly what it needs, whatever it had
 * before. They can be run again at any time.
 *
 * @throws {MpiError} `usage` for a prefix that is no plain name; `unavailable` where the schema is not there.
 */
export const listRoleStatements = (
  target: ConnectionTarget,
  options: RoleOptions,
): Promise<readonly string[]> => withSession(target, (session) => buildStatements(session, options));

/** Runs them in one transaction, and writes into the audit trail that it was done. */
export const applyRoles = (target: ConnectionTarget, options: ApplyRoleOptions): Promise<readonly string[]> =>
  withMigrationLock(
    target,
    options.waitSeconds ?? 60,
    async (lock, session) => {
      const statements = await buildStatements(session, options);
      await session.begin(async (transaction) => {
        await transaction.unsafe("set local lock_timeout = 3000");
        if (options.user !== undefined) {
          await transaction.unsafe("select set_config('mpi.user_id', $1, true)", [options.user]);
        }
        for (const statement of statements) await transaction.unsafe(statement);
        await transaction.unsafe(
          "select mpi_audit_admin('pg_roles', 'MIGRATE_ROLES', jsonb_build_object('prefix', $1::text))",
          [options.prefix],
        );
        await lock.ensureHeld();
      });
      return statements;
    },
    options.signal,
  );

async function buildStatements(session: Session, { prefix }: RoleOptions): Promise<readonly string[]> {
  if (!/^[a-z][a-z0-9_]{0,49}$/.test(prefix)) {
    throw new MpiError("usage", "The prefix must be a small letter, then small letters, digits and _.");
  }
  const name = (role: string) => `${prefix}_${role}`;
  const everyone = grantedRoles.map(name).join(", ");
  const facts = await readFacts(session);
  const database = quote(facts.database);
  return [
    ...roleNames.flatMap((role) => [
      `do $$ begin if to_regrole('${name(role)}') is null then create role ${name(role)} nologin; end if; end $$`,
      `comment on role ${name(role)} is 'Master Patient Index: ${roleComments[role]}'`,
    ]),
    // Who is no superuser must be a member to give things away, and goes on migrating afterwards.
    ...(facts.isSuperuser ? [] : [`grant ${name("owner")} to ${quote(facts.user)}`]),
    `grant create, usage on schema public to ${name("owner")}`,
    `grant create, temporary on database ${database} to ${name("owner")}`,
    ...facts.tables.map((table) => `alter table public.${table} owner to ${name("owner")}`),
    ...facts.functions.map((signature) => `alter function ${signature} owner to ${name("owner")}`),
    `revoke all on all tables in schema public from public, ${everyone}`,
    `revoke all on all sequences in schema public from public, ${everyone}`,
    `revoke all on all functions in schema public from ${everyone}`,
    `revoke create on schema public from public, ${everyone}`,
    `grant connect, temporary on database ${database} to ${everyone}`,
    `grant usage on schema public to ${everyone}`,
    ...Object.entries(tableGrants).flatMap(([table, grants]) =>
      grantedRoles.flatMap((role) => {
        const grant = grants[role];
        if (grant === undefined) return [];
        const privileges = spellPrivileges(grant, facts.columns.get(table) ?? []);
        return [`grant ${privileges} on public.${table} to ${name(role)}`];
      }),
    ),
    ...Object.entries(functionGrants).map(
      ([signature, roles]) =>
        `grant execute on function public.${signature} to ${roles.map(name).join(", ")}`,
    ),
  ];
}

function spellPrivileges({ privileges, except }: TableGrant, columns: readonly string[]): string {
  if (except === undefined) return privileges;
  return `${privileges} (${columns
    .filter((column) => !except.includes(column))
    .map(quote)
    .join(", ")})`;
}

interface Facts {
  readonly database: string;
  readonly user: string;
  readonly isSuperuser: boolean;
  /** Tables and partitions of ours, ready to be written into SQL. */
  readonly tables: readonly string[];
  readonly functions: readonly string[];
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

async function readFacts(session: Session): Promise<Facts> {
  const [who] = await session.unsafe<{ database: string; user: string; superuser: boolean }[]>(
    `select current_database() as database, current_user as user,
       (select rolsuper from pg_roles where rolname = current_user) as superuser`,
  );
  const tables = await session.unsafe<{ table: string; columns: string[] }[]>(`
    select quote_ident(c.relname) as table,
      (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    order by c.relname collate "C"`);
  const functions = await session.unsafe<{ signature: string }[]>(`
    select format('public.%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) as signature
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
      and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
    order by 1`);
  const there = new Set(tables.map(({ table }) => table));
  const missing = Object.keys(tableGrants).find((table) => !there.has(table));
  if (missing !== undefined) {
    throw new MpiError("unavailable", `The table ${missing} is not there: the database is not migrated.`, {
      hint: 'Run "mpi migrate" first.',
    });
  }
  return {
    database: who!.database,
    user: who!.user,
    isSuperuser: who!.superuser,
    tables: tables.map(({ table }) => table),
    functions: functions.map(({ signature }) => signature),
    columns: new Map(tables.map(({ table, columns }) => [table, columns])),
  };
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
