import type { Database } from "../../db/client.ts";
import {
  ensurePartitions,
  selectAuditPartitions,
  selectMissingMonths,
  type AuditPartition,
} from "../../db/queries/audit-partitions.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";

export type { AuditPartition };

/** How far ahead the trail has its months, unless somebody asks for more. */
export const monthsAhead = 12;

export interface PartitionState {
  /** Partitions that were made. */
  readonly made: number;
  /** Months that should have one and have none, because somebody held the trail. */
  readonly missing: readonly string[];
  /** Rows still in the default partition: late, not lost. */
  readonly strayRows: number;
}

/**
 * Sees to it that this month and the next ones have their partitions, and takes rows out of the default partition to
 * their months. Never waits for long: where a transaction holds the trail, what could not be done is in the answer,
 * and the next call tries again.
 */
export function ensureAuditPartitions(
  db: Database,
  audit: AuditContext,
  options: { readonly ahead?: number; readonly dryRun?: boolean } = {},
): Promise<PartitionState> {
  const { ahead = monthsAhead, ...transaction } = options;
  return withTransaction(
    db,
    audit,
    async (tx) => ({ made: await ensurePartitions(tx, ahead), ...(await selectMissingMonths(tx, ahead)) }),
    transaction,
  );
}

/** The same without the answer, for a role that may not look into the trail: every match run calls it. */
export const topUpAuditPartitions = (db: Database, audit: AuditContext): Promise<number> =>
  withTransaction(db, audit, (tx) => ensurePartitions(tx, monthsAhead));

/** The months of the trail, in their order, the default partition last. */
export const listAuditPartitions = (db: Database): Promise<readonly AuditPartition[]> =>
  selectAuditPartitions(db);
