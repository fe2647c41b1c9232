import { sql, type SQL } from "drizzle-orm";
import type { Queryable } from "../client.ts";
import type { HistoryWindow } from "./history-windows.ts";

/** Where a page ends: the time and id of its last entry. */
export interface HistoryCursor {
  readonly timestamp: string;
  readonly id: string;
}

/** Which rows of the audit trail are wanted. Absent is not asked; everything asked must hold. */
export interface AuditFilter {
  readonly windows?: readonly HistoryWindow[];
  readonly user?: string;
  /** ISO dates or times; from, inclusive. */
  readonly since?: string;
  /** Up to, not including. */
  readonly until?: string;
  readonly action?: string;
  /** Changes of data alone, without who looked. */
  readonly changesOnly?: boolean;
  readonly operation?: string;
  readonly table?: string;
  /** Searches for a term: its field and its keyed hash. */
  readonly term?: { readonly field: string; readonly hash: string };
  readonly before?: HistoryCursor;
}

/** A type and not an interface: Drizzle wants rows that could have an index signature. */
export type AuditHistoryRow = {
  readonly id: string;
  /** ISO 8601, UTC, microseconds. */
  readonly timestamp: string;
  readonly userId: string;
  readonly databaseUser: string;
  readonly action: string;
  readonly entityType: string;
  readonly entityId: string | null;
  readonly tableName: string | null;
  readonly rowId: string | null;
  readonly operation: string | null;
  readonly transactionId: string;
  readonly oldValues: Readonly<Record<string, unknown>> | null;
  readonly newValues: Readonly<Record<string, unknown>> | null;
  readonly reason: string | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
};

/** Newest first, at most `limit` rows. */
export async function selectAuditHistory(
  db: Queryable,
  filter: AuditFilter,
  limit: number,
): Promise<readonly AuditHistoryRow[]> {
  const all = conditions(filter);
  const where = all.length === 0 ? sql`` : sql`where ${sql.join(all, sql` and `)}`;
  return db.execute<AuditHistoryRow>(sql`
    select a.id::text as id, to_char(a."timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as timestamp,
      a.user_id as "userId", a.database_user as "databaseUser", a.action, a.entity_type as "entityType",
      a.entity_id as "entityId", a.table_name as "tableName", a.row_id as "rowId", a.operation,
      a.transaction_id::text as "transactionId", a.old_values as "oldValues", a.new_values as "newValues", a.reason,
      a.ip_address as "ipAddress", a.user_agent as "userAgent"
    from audit_log a ${where} order by a."timestamp" desc, a.id desc limit ${limit}`);
}

function conditions(filter: AuditFilter): SQL[] {
  const all: SQL[] = [];
  if (filter.windows !== undefined) all.push(inWindows(filter.windows));
  if (filter.user !== undefined) all.push(sql`a.user_id = ${filter.user}`);
  if (filter.since !== undefined) all.push(sql`a."timestamp" >= ${filter.since}::timestamptz`);
  if (filter.until !== undefined) all.push(sql`a."timestamp" < ${filter.until}::timestamptz`);
  if (filter.action !== undefined) all.push(sql`a.action = ${filter.action}`);
  if (filter.changesOnly === true) all.push(sql`a.action in ('INSERT', 'UPDATE', 'DELETE')`);
  if (filter.operation !== undefined) all.push(sql`a.operation = ${filter.operation}`);
  if (filter.table !== undefined) all.push(sql`a.table_name = ${filter.table}`);
  if (filter.term !== undefined) {
    const { field, hash } = filter.term;
    all.push(sql`a.action = 'SEARCH' and a.new_values -> 'terms' -> ${field}::text ? ${hash}::text`);
  }
  if (filter.before !== undefined) {
    all.push(
      sql`(a."timestamp", a.id) < (${filter.before.timestamp}::timestamptz, ${filter.before.id}::bigint)`,
    );
  }
  return all;
}

/** The first half finds the rows by their index, the second sorts out those of other times. */
function inWindows(windows: readonly HistoryWindow[]): SQL {
  const array = (values: readonly (string | null)[]) => sql.param(values.map((value) => value));
  const ids = [...new Set(windows.map(({ entityId }) => entityId))];
  const found = sql`a.entity_id = any(${array(ids)}::uuid[])`;
  // Most records were never merged, and a join would be planned for each of the trail's partitions.
  if (windows.every(({ from, until }) => from === null && until === null)) return found;
  return sql`${found} and exists (
    select from unnest(${array(windows.map(({ entityId }) => entityId))}::uuid[],
      ${array(windows.map(({ from }) => from))}::text[]::timestamptz[],
      ${array(windows.map(({ until }) => until))}::text[]::timestamptz[]) w (id, starts, ends)
    where w.id = a.entity_id and a."timestamp" >= coalesce(w.starts, '-infinity') and a."timestamp" < coalesce(w.ends, 'infinity'))`;
}
