import type { ConnectionTarget } from "../client.ts";
import {
  ensureMigrationTables,
  insertAppliedMigration,
  listAppliedMigrations,
  refuseMigrationProblems,
  type AppliedMigration,
} from "./applied.ts";
import { applyStatements, type LockPatience } from "./apply.ts";
import { readMigrationFiles } from "./files.ts";
import { withMigrationLock } from "./lock.ts";
import { programVersion } from "./program-version.ts";
import { checkServer } from "./preflight.ts";

export interface MigrateOptions extends LockPatience {
  /** Who applies; default the role that logged in. */
  readonly user?: string;
  /** Seconds to wait for another migration of the same database; default 60. */
  readonly waitSeconds?: number;
  /** Where the migrations lie; default the ones that ship with the program. */
  readonly directory?: string;
  /** Called before each migration that is applied. */
  readonly onMigration?: (tag: string) => void;
}

export interface MigrateResult {
  /** Applied by this call, in order. */
  readonly applied: readonly AppliedMigration[];
  /** How many had been applied before. */
  readonly alreadyApplied: number;
}

/**
 * Applies what is pending, each migration in a transaction of its own, in the journal's order. Safe to run
 * twice at once: the second waits and finds nothing to do.
 *
 * @throws {MpiError} `conflict` where an applied migration was edited or is unknown here; `locked` where another
 *   migration or a table lock does not end in time; `unavailable` where the server cannot be used or a
 *   statement fails, with the migration and statement named. Migrations before the failing one stay applied.
 */
export async function migrateUp(
  target: ConnectionTarget,
  options: MigrateOptions = {},
): Promise<MigrateResult> {
  const files = await readMigrationFiles(options.directory);
  const version = await programVersion();
  return withMigrationLock(
    target,
    options.waitSeconds ?? 60,
    async (lock, session) => {
      await checkServer(session);
      await ensureMigrationTables(session);
      const before = await listAppliedMigrations(session);
      refuseMigrationProblems(files, before);
      const done = new Set(before.map((migration) => migration.tag));
      for (const file of files.filter(({ tag }) => !done.has(tag))) {
        options.onMigration?.(file.tag);
        await applyStatements(session, file, options, {
          after: async (transaction) => {
            await insertAppliedMigration(transaction, file, { user: options.user, version }, "up");
            await lock.ensureHeld();
          },
        });
      }
      const after = await listAppliedMigrations(session);
      return { applied: after.filter(({ tag }) => !done.has(tag)), alreadyApplied: before.length };
    },
    options.signal,
  );
}
