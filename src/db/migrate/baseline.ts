import { MpiError } from "../../lib/errors.ts";
import type { ConnectionTarget } from "../client.ts";
import { ensureMigrationTables, insertAppliedMigration, listAppliedMigrations } from "./applied.ts";
import { readMigrationFiles } from "./files.ts";
import { withMigrationLock } from "./lock.ts";
import { checkServer } from "./preflight.ts";
import { programVersion } from "./program-version.ts";
import { findSchemaDrift } from "./verify.ts";

export interface BaselineOptions {
  readonly user?: string;
  readonly waitSeconds?: number;
  readonly directory?: string;
}

/**
 * Adopts a database that has the schema but no record of migrations: restored without the runner's tables, or
 * built from schema.sql. Every migration is recorded as applied, none is run.
 *
 * @returns the tags recorded.
 * @throws {MpiError} `conflict` where something is recorded already; `check-failed` where the schema differs.
 */
export async function baselineMigrations(
  target: ConnectionTarget,
  options: BaselineOptions = {},
): Promise<readonly string[]> {
  const files = await readMigrationFiles(options.directory);
  const version = await programVersion();
  return withMigrationLock(target, options.waitSeconds ?? 60, async (lock, session) => {
    await checkServer(session);
    if ((await listAppliedMigrations(session)).length > 0) {
      throw new MpiError("conflict", "This database has a record of migrations already.", {
        hint: 'Look at it with "mpi migrate status".',
      });
    }
    const drift = await findSchemaDrift(session, options.directory);
    if (drift.length > 0) {
      throw new MpiError(
        "check-failed",
        `The schema differs from what the migrations make in ${String(drift.length)} places.`,
        { hint: 'Look at them with "mpi migrate verify".', details: { differences: drift.length } },
      );
    }
    await ensureMigrationTables(session);
    await session.begin(async (transaction) => {
      for (const file of files) {
        await insertAppliedMigration(transaction, file, { user: options.user, version }, "baseline");
      }
      await lock.ensureHeld();
    });
    return files.map(({ tag }) => tag);
  });
}
