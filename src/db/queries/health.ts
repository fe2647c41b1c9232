import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";

/** Rows of the trail that wait in the default partition. */
export async function countStrayAuditRows(db: Database): Promise<number> {
  const [row] = await db.execute<{ n: number }>(sql`select count(*)::float8 as n from audit_log_default`);
  return row!.n;
}

export interface SealState {
  /** ISO 8601; null where nothing was ever sealed. */
  readonly sealedAt: string | null;
  readonly hoursAgo: number | null;
  /** Rows since then, as their ids say. */
  readonly rowsSince: number;
  [column: string]: unknown;
}

export async function selectSealState(db: Database): Promise<SealState> {
  const [row] = await db.execute<SealState>(sql`
    select to_char(s.sealed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "sealedAt",
      (extract(epoch from now() - s.sealed_at) / 3600)::float8 as "hoursAgo",
      greatest((select case when is_called then last_value else 0 end from audit_log_id_seq) - coalesce(s.max_id, 0), 0)::float8 as "rowsSince"
    from (select 1) one left join lateral (select sealed_at, max_id from audit_seals order by id desc limit 1) s on true`);
  return row!;
}

/** Transactions that hold back what runs, seals and vacuum may see, and for how long. */
export async function findOldestTransactionHours(db: Database): Promise<number> {
  const [row] = await db.execute<{ hours: number | null }>(sql`
    select (extract(epoch from now() - min(xact_start)) / 3600)::float8 as hours
    from pg_stat_activity where backend_xmin is not null or backend_xid is not null`);
  return row!.hours ?? 0;
}

/** Indexes that a build left behind half made. */
export async function selectInvalidIndexes(db: Database): Promise<readonly string[]> {
  const rows = await db.execute<{ name: string }>(sql`
    select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
    where not i.indisvalid and c.relnamespace = 'public'::regnamespace order by 1`);
  return rows.map(({ name }) => name);
}

/** Tables with patients that were never analysed: the planner guesses. */
export async function selectUnanalysedTables(db: Database): Promise<readonly string[]> {
  const rows = await db.execute<{ name: string }>(sql`
    select c.relname as name from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relname like 'patient%' and c.relkind = 'r'
      and c.reltuples < 0 and c.relpages > 1000 order by 1`);
  return rows.map(({ name }) => name);
}

/** How much of the way to transaction id wraparound the oldest database has gone, 0 to 1. */
export async function readWraparound(db: Database): Promise<number> {
  const [row] = await db.execute<{ part: number }>(
    sql`select (max(age(datfrozenxid)) / 2147483647.0)::float8 as part from pg_database`,
  );
  return row!.part;
}
