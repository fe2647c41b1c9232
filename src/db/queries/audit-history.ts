import { sql, type SQL } from "drizzle-orm";
import type { Queryable } from "../client.ts";

/** Which rows of the audit trail are wanted. Absent is not asked; everything asked must hold. */
export interface AuditFilter {
  readonly entityIds?: readonly string[];
  readonly entityType?: string;
  readonly user?: string;
  /** ISO dates or times; from, inclusive. */
  readonly since?: string;
  /** Up to, not including. */
  readonly until?: string;
  readonly action?: string;
  readonly operation?: string;
  readonly table?: string;
  /** Only rows before this id: the last one of the page before. */
  readonly before?: number;
}

/** A type and not an interface: Drizzle wants rows that could have an index signature. */
export type AuditHistoryRow = {
  readonly id: string;
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
  const all: SQL[] = [];
  if (filter.entityIds !== undefined) {
    all.push(
      sql`entity_type = ${filter.entityType ?? "patient"} and entity_id = any(${sql.param([...filter.entityIds])}::uuid[])`,
    );
  } else if (filter.entityType !== undefined) all.push(sql`entity_type = ${filter.entityType}`);
  if (filter.user !== undefined) all.push(sql`user_id = ${filter.user}`);
  if (filter.since !== undefined) all.push(sql`"timestamp" >= ${filter.since}::timestamptz`);
  if (filter.until !== undefined) all.push(sql`"timestamp" < ${filter.until}::timestamptz`);
  if (filter.action !== undefined) all.push(sql`action = ${filter.action}`);
  if (filter.operation !== undefined) all.push(sql`operation = ${filter.operation}`);
  if (filter.table !== undefined) all.push(sql`table_name = ${filter.table}`);
  if (filter.before !== undefined) all.push(sql`id < ${filter.before}`);
  const where = all.length === 0 ? sql`` : sql`where ${sql.join(all, sql` and `)}`;
  return db.execute<AuditHistoryRow>(sql`
    select id, "timestamp"::text as "timestamp", user_id as "userId", database_user as "databaseUser", action,
      entity_type as "entityType", entity_id as "entityId", table_name as "tableName", row_id as "rowId", operation,
      transaction_id::text as "transactionId", old_values as "oldValues", new_values as "newValues", reason,
      ip_address as "ipAddress", user_agent as "userAgent"
    from audit_log ${where} order by "timestamp" desc, id desc limit ${limit}`);
}

/** A record and all that were merged into it, or that it was merged into, by way of any number of merges. */
export async function selectMergeFamily(db: Queryable, id: string): Promise<readonly string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    with recursive family (id) as (
      select ${id}::uuid
      union
      select l.other_patient_id from family join patient_links l on l.patient_id = family.id
      where l.link_type in ('replaces', 'replaced_by'))
    select id from family order by id`);
  return rows.map((row) => row.id);
}
