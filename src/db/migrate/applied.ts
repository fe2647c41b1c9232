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

/** Makes the table of applied migrations; it belongs to the runner and not to the schema. */
export async function ensureMigrationsTable(session: Session): Promise<void> {
  // Asked for first: "if not exists" needs the right to create even where there is nothing to do.
  if (await hasMigrationsTable(session)) return;
  await session.unsafe(`
    create table if not exists public.mpi_migrations (
      tag varchar(100) constraint mpi_migrations_pkey primary key,
      hash varchar(64) not null,
      applied_at timestamptz not null default clock_timestamp(),
      applied_by varchar(255) not null,
      version varchar(50) not null,
      duration integer
    )`);
}

async function hasMigrationsTable(session: Session): Promise<boolean> {
  const [row] = await session.unsafe<{ there: boolean }[]>(
    "select to_regclass('public.mpi_migrations') is not null as there",
  );
  return row!.there;
}

/** What the database says was applied, in order; nothing where it was never migrated. */
export async function listAppliedMigrations(session: Session): Promise<readonly AppliedMigration[]> {
  if (!(await hasMigrationsTable(session))) return [];
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
