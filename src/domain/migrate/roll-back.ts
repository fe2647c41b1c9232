import type { ConnectionTarget } from "../../db/client.ts";
import {
  migrateDown,
  planMigrateDown,
  type DoomedTable,
  type DownOptions,
  type DownResult,
} from "../../db/migrate/down.ts";

export type { DoomedTable };

/** What taking migrations back would do. */
export interface RollBackPlan {
  /** Tags, newest first. */
  readonly migrations: readonly string[];
  /** Tables that would be dropped and hold rows. */
  readonly filled: readonly DoomedTable[];
  readonly rows: number;
}

/** Says what `rollBack` would do. Changes nothing. */
export async function planRollBack(target: ConnectionTarget, to: string | undefined): Promise<RollBackPlan> {
  const plan = await planMigrateDown(target, to === undefined ? {} : { to });
  const filled = plan.tables.filter(({ rows }) => rows > 0);
  return {
    migrations: plan.migrations.map(({ tag }) => tag),
    filled,
    rows: filled.reduce((sum, { rows }) => sum + rows, 0),
  };
}

/**
 * Takes migrations back, newest first.
 *
 * @throws {MpiError} `conflict` where rows would be lost and no reason is given, also for rows that came after
 *   the plan was made.
 */
export const rollBack = (target: ConnectionTarget, options: DownOptions): Promise<DownResult> =>
  migrateDown(target, options);
