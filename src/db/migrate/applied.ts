import type postgres from "postgres";
import { MpiError } from "../../lib/errors.ts";
import type { MigrationFile } from "./files.ts";
import type { Session } from "./session.ts";

/** One row of `mpi_migrations`. */
export interface AppliedMigration {
  readonly tag: string;
  readonly hash: string;
  /** ISO 8601 in UTC. */
  readonly appliedAt: string;
  readonly appliedBy: string;
  /** Version of the program that applied it. */
  readonly version: string;
  /** Milliseconds; null where it was adopted by a baseline. */
  readonly duration: number | null;
}

/**
 * Makes the runner's two tables: what is applied, and what ever happened. They belong to the runner and not to
 * the schema, so that taking the schema back does not take back who did it.
 */
export async function ensureMigrationTables(session: Session): Promise<void> {
  // Asked for first: "if not exists" needs the right to create even where there is nothing to do.
  if (await hasMigrationTables(session)) return;
  await session.unsafe(`
    create table if not exists public.mpi_migrations (
      tag varchar(100) constraint mpi_migrations_pkey primary key,
      hash varchar(64) not null,
      applied_at timestamptz not null default clock_timestamp(),
      applied_by varchar(255) not null,
      version varchar(50) not null,
      duration integer
    );
    create table if not exists public.mpi_migration_events (
      id bigint generated always as identity constraint mpi_migration_events_pkey primary key,
      at timestamptz not null default clock_timestamp(),
      action varchar(10) not null constraint mpi_migration_events_action_check check (action = any (array['up', 'down', 'baseline'])),
      tag varchar(100) not null,
      user_id varchar(255) not null,
      database_user varchar(63) not null default session_user,
      version varchar(50) not null,
      reason text,
      rows_dropped bigint
    )`);
}

async function hasMigrationTables(session: Session): Promise<boolean> {
  const [row] = await session.unsafe<{ there: boolean }[]>(
    `select to_regclass('public.mpi_migrations') is not null
       and to_regclass('public.mpi_migration_events') is not null as there`,
  );
  return row!.there;
}

/** Who does something to the schema, and with which version of the program. */
export interface MigrationActor {
  /** Undefined: the role that logged in. */
  readonly user: string | undefined;
  readonly version: string;
}

/** Remembers a migration as applied, in the transaction that applies it. */
export async function insertAppliedMigration(
  transaction: postgres.TransactionSql,
  file: MigrationFile,
  actor: MigrationActor,
  action: "up" | "baseline",
): Promise<void> {
  await transaction.unsafe(
    `insert into public.mpi_migrations (tag, hash, applied_by, version, duration)
     values ($1, $2, coalesce($3, session_user), $4,
       case when $5 = 'up' then (extract(epoch from clock_timestamp() - now()) * 1000)::integer end)`,
    [file.tag, file.hash, actor.user ?? null, actor.version, action],
  );
  await insertEvent(transaction, action, file.tag, actor, undefined, undefined);
}

/** Forgets a migration, in the transaction that takes it back; the event stays. */
export async function deleteAppliedMigration(
  transaction: postgres.TransactionSql,
  tag: string,
  actor: MigrationActor,
  reason: string | undefined,
  rowsDropped: number,
): Promise<void> {
  await transaction.unsafe("delete from public.mpi_migrations where tag = $1", [tag]);
  await insertEvent(transaction, "down", tag, actor, reason, rowsDropped);
}

async function insertEvent(
  transaction: postgres.TransactionSql,
  action: "up" | "down" | "baseline",
  tag: string,
  actor: MigrationActor,
  reason: string | undefined,
  rowsDropped: number | undefined,
): Promise<void> {
  await transaction.unsafe(
    `insert into public.mpi_migration_events (action, tag, user_id, version, reason, rows_dropped)
     values ($1, $2, coalesce($3, session_user), $4, $5, $6::bigint)`,
    [action, tag, actor.user ?? null, actor.version, reason ?? null, rowsDropped ?? null],
  );
}

/** What the database says was applied, in order; nothing where it was never migrated. */
export async function listAppliedMigrations(session: Session): Promise<readonly AppliedMigration[]> {
  if (!(await hasMigrationTables(session))) return [];
  return session.unsafe<AppliedMigration[]>(`
    select tag, hash, to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "appliedAt",
      applied_by as "appliedBy", version, duration
    from public.mpi_migrations order by tag`);
}

/** How the applied migrations differ from the files, other than by being fewer. */
export interface MigrationProblem {
  readonly tag: string;
  readonly kind: "edited" | "missing" | "gap";
}

/**
 * `edited`: the file changed after it was applied. `missing`: applied, but there is no such file (a newer
 * program was here). `gap`: not applied although a later one is.
 */
export function findMigrationProblems(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): readonly MigrationProblem[] {
  const byTag = new Map(applied.map((migration) => [migration.tag, migration]));
  const tags = new Set(files.map((file) => file.tag));
  const newest = files.reduce((last, file, position) => (byTag.has(file.tag) ? position : last), -1);
  return [
    ...files.flatMap((file, position): MigrationProblem[] => {
      const migration = byTag.get(file.tag);
      if (migration === undefined) return position < newest ? [{ tag: file.tag, kind: "gap" }] : [];
      return migration.hash === file.hash ? [] : [{ tag: file.tag, kind: "edited" }];
    }),
    ...applied
      .filter((migration) => !tags.has(migration.tag))
      .map(({ tag }): MigrationProblem => ({ tag, kind: "missing" })),
  ];
}

const explanations = {
  edited: (tag: string) => `Migration ${tag} was applied to this database, and its file was changed since.`,
  missing: (tag: string) =>
    `Migration ${tag} was applied to this database, and this program does not know it.`,
  gap: (tag: string) => `Migration ${tag} was never applied to this database, although a later one was.`,
};

const hints = {
  edited: "Install the version that applied it, or put the file back as it was.",
  missing: "A newer version of this program was here: use that one.",
  gap: "Put the table mpi_migrations right by hand, or restore a backup.",
};

/** @throws {MpiError} `conflict` at the first difference that is more than pending migrations. */
export function refuseMigrationProblems(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): void {
  const [problem] = findMigrationProblems(files, applied);
  if (problem === undefined) return;
  throw new MpiError("conflict", explanations[problem.kind](problem.tag), {
    hint: hints[problem.kind],
    details: { migration: problem.tag, problem: problem.kind },
  });
}
