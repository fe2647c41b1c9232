import { createDatabase, isDatabaseMissing } from "../../db/migrate/create-database.ts";
import { readMigrationFiles } from "../../db/migrate/files.ts";
import { describeMigrations, readMigrationStatus } from "../../db/migrate/status.ts";
import { migrateUp, type MigrateOptions, type MigrateResult } from "../../db/migrate/up.ts";
import type { ConnectionTarget } from "../../db/client.ts";
import { describeTarget } from "../../db/errors.ts";
import { MpiError } from "../../lib/errors.ts";

export interface MigrateDatabaseOptions extends MigrateOptions {
  /** Asked where the server has no such database. */
  readonly mayCreateDatabase: () => Promise<boolean>;
  readonly onDatabaseCreated?: () => void;
  /** Say what would be applied, and change nothing. */
  readonly dryRun: boolean;
}

export interface MigrateDatabaseResult extends MigrateResult {
  readonly createdDatabase: boolean;
  /** Tags that a dry run would have applied. */
  readonly pending: readonly string[];
}

/**
 * Brings a database up to this program's schema, creating it where it is missing and that is wanted.
 *
 * @throws {MpiError} `unavailable` where there is no such database and none may be created; else as `migrateUp`.
 */
export async function migrateDatabase(
  target: ConnectionTarget,
  options: MigrateDatabaseOptions,
): Promise<MigrateDatabaseResult> {
  const isMissing = await isDatabaseMissing(target);
  if (isMissing && !options.dryRun) {
    if (!(await options.mayCreateDatabase())) {
      throw new MpiError("unavailable", `There is no database ${describeTarget(target)}.`, {
        hint: "Create it, or let --create-database do so.",
        details: { reason: "no-database" },
      });
    }
    await createDatabase(target);
    options.onDatabaseCreated?.();
  }
  if (options.dryRun) {
    const states = isMissing
      ? describeMigrations(await readMigrationFiles(), [])
      : await readMigrationStatus(target);
    const pending = states.filter(({ state }) => state === "pending");
    return {
      createdDatabase: isMissing,
      applied: [],
      alreadyApplied: states.length - pending.length,
      pending: pending.map(({ tag }) => tag),
    };
  }
  return { ...(await migrateUp(target, options)), createdDatabase: isMissing, pending: [] };
}
