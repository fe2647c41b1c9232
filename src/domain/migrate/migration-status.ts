import type { ConnectionTarget } from "../../db/client.ts";
import { readMigrationStatus, type MigrationState } from "../../db/migrate/status.ts";

export type { MigrationState };

/** The migrations of a database, and whether this program can work on it. */
export interface MigrationStatus {
  readonly migrations: readonly MigrationState[];
  /** All applied, none edited, none unknown. */
  readonly isCurrent: boolean;
}

/** Compares the program's migrations with what a database says was applied. Changes nothing. */
export async function getMigrationStatus(target: ConnectionTarget): Promise<MigrationStatus> {
  const migrations = await readMigrationStatus(target);
  return { migrations, isCurrent: migrations.every(({ state }) => state === "applied") };
}
