import type { ConnectionTarget } from "../client.ts";
import {
  findMigrationProblems,
  listAppliedMigrations,
  type AppliedMigration,
  type MigrationProblem,
} from "./applied.ts";
import { readMigrationFiles, type MigrationFile } from "./files.ts";
import { withSession } from "./session.ts";

/** A migration and what the database says of it. */
export interface MigrationState {
  readonly tag: string;
  readonly state: "applied" | "pending" | MigrationProblem["kind"];
  readonly applied: AppliedMigration | undefined;
}

/** Compares the migrations with the database; reads only, takes no lock, works on a standby. */
export const readMigrationStatus = (
  target: ConnectionTarget,
  directory?: string,
): Promise<readonly MigrationState[]> =>
  withSession(target, async (session) =>
    describeMigrations(await readMigrationFiles(directory), await listAppliedMigrations(session)),
  );

/** Every migration that is known here or there, in order. */
export function describeMigrations(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): readonly MigrationState[] {
  const problems = new Map(findMigrationProblems(files, applied).map(({ tag, kind }) => [tag, kind]));
  const byTag = new Map(applied.map((migration) => [migration.tag, migration]));
  const tags = [...new Set([...files.map(({ tag }) => tag), ...byTag.keys()])].sort();
  return tags.map((tag) => ({
    tag,
    state: problems.get(tag) ?? (byTag.has(tag) ? "applied" : "pending"),
    applied: byTag.get(tag),
  }));
}
