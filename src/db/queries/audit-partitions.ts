import { sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";

/** A part of audit_log: a month, or the default that takes rows whose month has none. */
export interface AuditPartition {
  readonly name: string;
  /** `2026-11`; null for the default partition. */
  readonly month: string | null;
  /** Exact for the default partition and for one that was never analysed, else what the server estimates. */
  readonly rows: number;
  readonly bytes: number;
  [column: string]: unknown;
}

/** In the order of their months, the default last. */
export async function selectAuditPartitions(db: Queryable): Promise<readonly AuditPartition[]> {
  const partitions = await db.execute<AuditPartition>(sql`
    select c.relname as name, pg_total_relation_size(c.oid)::float8 as bytes, c.reltuples::float8 as rows,
      case when pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT' then
        to_char(substring(pg_get_expr(c.relpartbound, c.oid) from 'FROM \\(''([^'']+)''\\)')::timestamptz at time zone 'UTC', 'YYYY-MM') end as month
    from pg_partition_tree('audit_log') t join pg_class c on c.oid = t.relid
    where t.isleaf
    order by month nulls last`);
  const exact = partitions.filter(({ month, rows }) => month === null || rows < 0);
  const counts = await db.execute<{ name: string; rows: number }>(
    sql.join(
      exact.map(
        ({ name }) =>
          sql`select ${name}::text as name, count(*)::float8 as rows from ${sql.identifier(name)}`,
      ),
      sql` union all `,
    ),
  );
  const counted = new Map(counts.map(({ name, rows }) => [name, rows]));
  return partitions.map((partition) => ({
    ...partition,
    rows: counted.get(partition.name) ?? partition.rows,
  }));
}

/**
 * Takes rows out of the default partition to their months, and makes the partitions of this month and the next ones
 * that are missing. Where a long transaction holds the trail it gives up at once and returns 0.
 */
export async function ensurePartitions(tx: Transaction, monthsAhead: number): Promise<number> {
  const rows = await tx.execute<{ made: number }>(
    sql`select mpi_audit_ensure_partitions(${monthsAhead}::integer) as made`,
  );
  return rows[0]!.made;
}

/** This month and the next ones, so many, that have no partition; and the rows that wait in the default. */
export async function selectMissingMonths(
  db: Queryable,
  monthsAhead: number,
): Promise<{ readonly missing: readonly string[]; readonly strayRows: number }> {
  const rows = await db.execute<{ missing: string[] | null; strayRows: number }>(sql`
    select (
      select array_agg(to_char(m, 'YYYY-MM') order by m)
      from generate_series(date_trunc('month', now() at time zone 'UTC'),
        date_trunc('month', now() at time zone 'UTC') + make_interval(months => ${monthsAhead}::integer), interval '1 month') m
      where to_regclass('audit_log_' || to_char(m, 'YYYY_MM')) is null
    ) as missing, (select count(*) from audit_log_default)::float8 as "strayRows"`);
  const [row] = rows;
  return { missing: row!.missing ?? [], strayRows: row!.strayRows };
}
