import { sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { Queryable, Transaction } from "../client.ts";
import { auditLine } from "./audit-line.ts";
import { inMonth, sealOf, type SealEpoch } from "./audit-verify.ts";

/** A past month that is still in the database. */
export interface ArchivableMonth {
  /** `2026-01` */
  readonly month: string;
  readonly rows: number;
  /** Rows of it that some seal covers. */
  readonly sealedRows: number;
  /** Rows of it that lie in the default partition, because the month had none of its own. */
  readonly strayRows: number;
  [column: string]: unknown;
}

/** The months before `before` (and before this one) that have rows, oldest first. */
export async function selectArchivableMonths(
  db: Queryable,
  before: string,
): Promise<readonly ArchivableMonth[]> {
  const partitions = await db.execute<{ name: string; month: string }>(sql`
    select t.relid::regclass::text as name, replace(substr(t.relid::regclass::text, 11), '_', '-') as month
    from pg_partition_tree('audit_log') t
    where t.isleaf and t.relid::regclass::text ~ '^audit_log_[0-9]{4,6}_[0-9]{2}$'
      and (replace(substr(t.relid::regclass::text, 11), '_', '-') || '-01')::date + interval '1 month'
        <= least(${before}::date, date_trunc('month', clock_timestamp() at time zone 'UTC'))
    order by 2`);
  const months: ArchivableMonth[] = [];
  for (const { name, month } of partitions) {
    const rows = await db.execute<ArchivableMonth>(sql`
      select ${month} as month, (select count(*) from ${sql.raw(name)})::float8 as rows,
        (select coalesce(sum(row_count), 0) from audit_seal_months where month = ${`${month}-01`}::date)::float8 as "sealedRows",
        (select count(*) from audit_log_default a where ${inMonth(month)})::float8 as "strayRows"`);
    if (rows[0]!.rows + rows[0]!.strayRows > 0) months.push(rows[0]!);
  }
  return months;
}

/**
 * COPY of a month's rows as the lines they were hashed as, by seal and id. No line has a control character, so the
 * CSV format with quotes that cannot occur gives every line as it is.
 */
export function copyMonthStatement(month: string, epochs: readonly SealEpoch[]): string {
  const query = new PgDialect().sqlToQuery(sql`
    select ${auditLine()} from audit_log a where ${inMonth(month)} order by ${sealOf(epochs)}, a.id, a."timestamp"`);
  if (query.params.length > 0) throw new Error("COPY takes no parameters");
  return `copy (${query.sql}) to stdout (format csv, delimiter e'\\x02', quote e'\\x01')`;
}

/** What the seals say about a month: how many rows of each, and the hash over them. */
export async function selectMonthSeals(
  db: Queryable,
  month: string,
): Promise<readonly { readonly seal: number; readonly rows: number; readonly hash: string }[]> {
  return db.execute<{ seal: number; rows: number; hash: string }>(sql`
    select seal_id::float8 as seal, row_count::float8 as rows, encode(hash, 'hex') as hash
    from audit_seal_months where month = ${`${month}-01`}::date order by seal_id`);
}

/** Takes a month out of the database, and tells the trail. Refused where it is not what the file holds. */
export async function dropArchivedMonth(
  tx: Transaction,
  month: string,
  file: { readonly rows: number; readonly name: string; readonly hash: string },
): Promise<void> {
  await tx.execute(
    sql`select mpi_audit_drop_month(${`${month}-01`}::date, ${file.rows}::bigint, ${file.name}, decode(${file.hash}, 'hex'))`,
  );
}
