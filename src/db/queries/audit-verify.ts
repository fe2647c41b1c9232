import { sql, type SQL } from "drizzle-orm";
import type { Transaction } from "../client.ts";
import { auditHash } from "./audit-line.ts";

/** The seals of one epoch: transaction ids are compared only within it. */
export interface SealEpoch {
  /** Its rows have ids beyond `floorId`, and up to `ceilingId` where it is closed. */
  readonly floorId: string;
  readonly ceilingId: string | null;
  /** Beyond it a row of a closed epoch, or of one that a restore has ended, was not sealed by transaction. */
  readonly sealedToId: string;
  /** The seals by transaction, in order: the id of each and where it ends. */
  readonly seals: readonly { readonly id: number; readonly upperXid: string }[];
  /** The seal that took the rest. */
  readonly closingSealId: number | null;
  /** False where the server has moved to another epoch and no seal has closed this one yet. */
  readonly isCurrent: boolean;
}

/** A chunk or month whose rows do not give the hash that was sealed. */
export interface BrokenPart {
  readonly sealId: number;
  /** Null where the chunks agree and the month as a whole does not. */
  readonly block: string | null;
  [column: string]: unknown;
}

/** A row as the leaves of a chunk remember rows. */
export interface LeafRow {
  readonly id: string;
  readonly at: string;
  /** The first 8 bytes of the hash of what the row says now, as hex. */
  readonly start: string;
  [column: string]: unknown;
}

const array = (values: readonly (string | number)[]) => `{${values.join(",")}}`;
/** A number that goes into the text of a statement. */
const number = (value: string | number) => {
  if (!/^-?\d+$/.test(String(value))) throw new Error("a number was expected");
  return String(value);
};
/** @param text `2026-11` */
export function inMonth(text: string): SQL {
  if (!/^\d{4,6}-\d{2}$/.test(text)) throw new Error("a month was expected");
  const first = `timestamp '${text}-01'`;
  return sql.raw(
    `a."timestamp" >= (${first} at time zone 'UTC') and a."timestamp" < ((${first} + interval '1 month') at time zone 'UTC')`,
  );
}

/** Stands for a seal where a row cannot have been written by anything of ours. */
export const impossible = -1;

/**
 * The seal a row of audit_log `a` belongs to, by its id and transaction; null where none covers it yet, and
 * `impossible` for an id before the first and for a transaction that is still to come. Without parameters, so that
 * COPY can have it.
 */
export function sealOf(epochs: readonly SealEpoch[]): SQL {
  const cases = epochs.map((epoch) => {
    const floor = `a.id > ${number(epoch.floorId)}`;
    const within = epoch.ceilingId === null ? floor : `${floor} and a.id <= ${number(epoch.ceilingId)}`;
    const ids = `'{${epoch.seals.map(({ id }) => number(id)).join(",")}}'::bigint[]`;
    const uppers = `'{${epoch.seals.map(({ upperXid }) => number(upperXid)).join(",")}}'::xid8[]`;
    const byTransaction =
      epoch.seals.length === 0 ? "null::bigint" : `(${ids})[width_bucket(a.transaction_id, ${uppers}) + 1]`;
    const sealedBefore = `case when a.id <= ${number(epoch.sealedToId)} then ${byTransaction} end`;
    if (epoch.closingSealId !== null) {
      return `when ${within} then coalesce(${sealedBefore}, ${number(epoch.closingSealId)})`;
    }
    if (!epoch.isCurrent) return `when ${within} then ${sealedBefore}`;
    return `when ${within} then case
      when a.transaction_id >= pg_snapshot_xmax(pg_current_snapshot()) then ${String(impossible)} else ${byTransaction} end`;
  });
  return sql.raw(`(case when a.id < 1 then ${String(impossible)} ${cases.join(" ")} end)::bigint`);
}

/** Memory for sorting, and no time limit: this reads everything. */
export async function prepareForReadingAll(tx: Transaction): Promise<void> {
  await tx.execute(sql`select set_config('work_mem', '128MB', true), set_config('statement_timeout', '0', true),
    set_config('timezone', 'UTC', true)`);
}

/** The months that have rows, wherever they lie, or seals. */
export async function selectAuditMonths(tx: Transaction): Promise<readonly string[]> {
  const partitions = await tx.execute<{ name: string }>(sql`
    select t.relid::regclass::text as name from pg_partition_tree('audit_log') t where t.isleaf`);
  const months = new Set<string>();
  for (const { name } of partitions) {
    // A month's partition may have been made by hand, with bounds of its own: what counts is what is in it.
    const rows = await tx.execute<{ month: string }>(sql`
      with recursive step as (
        (select "timestamp" as at from ${sql.raw(name)} order by "timestamp" limit 1)
        union all
        select (select p."timestamp" from ${sql.raw(name)} p
          where p."timestamp" >= (date_trunc('month', step.at at time zone 'UTC') + interval '1 month') at time zone 'UTC'
          order by p."timestamp" limit 1)
        from step where step.at is not null
      )
      select to_char(at at time zone 'UTC', 'YYYY-MM') as month from step where at is not null`);
    for (const { month: text } of rows) months.add(text);
  }
  const sealed = await tx.execute<{ month: string }>(
    sql`select distinct to_char(month, 'YYYY-MM') as month from audit_seal_months`,
  );
  for (const { month: text } of sealed) months.add(text);
  return [...months].sort();
}

/**
 * Hashes every row of a month again and compares with what was sealed, set-based. Returns the parts that differ and
 * how many rows there are, sealed and not.
 */
export async function compareMonth(
  tx: Transaction,
  text: string,
  epochs: readonly SealEpoch[],
): Promise<{ readonly sealed: number; readonly unsealed: number; readonly broken: readonly BrokenPart[] }> {
  const rows = await tx.execute<{
    kind: "chunk" | "month" | "count";
    sealId: number | null;
    block: string | null;
    rows: number;
  }>(sql`
    with found as materialized (
      select r.seal_id, r.block, count(*) as row_count, sha256(string_agg(r.hash, ''::bytea order by r.id, r.at)) as hash,
        bool_or(r.hash <> r.row_hash) as is_stale
      from (
        select a.id, a."timestamp" as at, a.id >> 16 as block, a.row_hash, ${auditHash()} as hash, ${sealOf(epochs)} as seal_id
        from audit_log a where ${inMonth(text)}
      ) r
      group by 1, 2
    )
    select 'chunk' as kind, coalesce(f.seal_id, c.seal_id)::float8 as "sealId", coalesce(f.block, c.block)::text as block, 0::float8 as rows
    from (select * from found where seal_id is not null) f
    full join (select * from audit_seal_chunks where month = ${`${text}-01`}::date) c on c.seal_id = f.seal_id and c.block = f.block
    where f.hash is distinct from c.hash or f.row_count is distinct from c.row_count or f.is_stale
    union all
    select 'chunk', null, f.block::text, 0 from found f where f.seal_id is null and f.is_stale
    union all
    select 'month', coalesce(f.seal_id, m.seal_id)::float8, null, 0
    from (
      select seal_id, sha256(string_agg(hash, ''::bytea order by block)) as hash, sum(row_count) as row_count
      from found where seal_id is not null group by 1
    ) f
    full join (select * from audit_seal_months where month = ${`${text}-01`}::date) m on m.seal_id = f.seal_id
    where f.hash is distinct from m.hash or f.row_count is distinct from m.row_count
    union all
    select 'count', null, case when seal_id is null then 'unsealed' else 'sealed' end, sum(row_count)::float8 from found group by 3
    order by 2 nulls last, 1, 3`);
  const count = (which: string) => rows.find((row) => row.kind === "count" && row.block === which)?.rows ?? 0;
  return {
    sealed: count("sealed"),
    unsealed: count("unsealed"),
    broken: rows
      .filter((row) => row.kind !== "count")
      .map((row) => ({ sealId: row.sealId ?? 0, block: row.block })),
  };
}

/** The leaves that were sealed for a chunk, as hex; undefined where there is no such chunk. */
export async function findChunkLeaves(
  tx: Transaction,
  sealId: number,
  text: string,
  block: string,
): Promise<string | undefined> {
  const rows = await tx.execute<{ leaves: string }>(sql`
    select encode(leaves, 'hex') as leaves from audit_seal_chunks
    where seal_id = ${sealId} and month = ${`${text}-01`}::date and block = ${block}::bigint`);
  return rows[0]?.leaves;
}

/** The rows that are in a chunk now, or would be (`sealId` 0: not sealed), in the order of their ids. */
export async function selectChunkRows(
  tx: Transaction,
  sealId: number,
  text: string,
  block: string,
  epochs: readonly SealEpoch[],
): Promise<readonly (LeafRow & { readonly isStale: boolean })[]> {
  return tx.execute<LeafRow & { isStale: boolean }>(sql`
    select r.id::text as id, r.at, encode(substr(r.hash, 1, 8), 'hex') as start, r.hash <> r.row_hash as "isStale"
    from (
      select a.id, to_char(a."timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, a.row_hash, ${auditHash()} as hash
      from audit_log a
      where ${inMonth(text)} and a.id >= ${block}::bigint << 16 and a.id < (${block}::bigint + 1) << 16
        and coalesce(${sealOf(epochs)}, 0) = ${sealId}
    ) r
    order by r.id, r.at`);
}

/** The first rows of a month. */
export async function selectMonthRows(
  tx: Transaction,
  text: string,
  limit: number,
): Promise<readonly { readonly id: string; readonly at: string }[]> {
  return tx.execute<{ id: string; at: string }>(sql`
    select a.id::text as id, to_char(a."timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
    from audit_log a where ${inMonth(text)} order by a."timestamp", a.id limit ${limit}`);
}

/** One place in the sealed order, and a row that may have stood there. */
export interface Placement {
  readonly leaf: LeafRow;
  readonly row: LeafRow;
}

/** Tries every suspicious row in every suspicious place: which row's content hashes to which leaf? */
export async function matchRowsToLeaves(
  tx: Transaction,
  leaves: readonly LeafRow[],
  rows: readonly LeafRow[],
): Promise<readonly Placement[]> {
  if (leaves.length === 0 || rows.length === 0) return [];
  const place = { id: sql`leaf.id`, at: sql`leaf.at` };
  const found = await tx.execute<{ leaf: number; row: number }>(sql`
    select leaf.n::float8 as leaf, suspect.n::float8 as row
    from unnest(${array(leaves.map(({ id }) => id))}::bigint[], ${array(leaves.map(({ at }) => at))}::timestamptz[],
      ${array(leaves.map(({ start }) => start))}::text[]) with ordinality leaf (id, at, start, n)
    cross join unnest(${array(rows.map(({ id }) => id))}::bigint[], ${array(rows.map(({ at }) => at))}::timestamptz[])
      with ordinality suspect (id, at, n)
    join audit_log a on a.id = suspect.id and a."timestamp" = suspect.at
    where encode(substr(${auditHash(place)}, 1, 8), 'hex') = leaf.start
    order by 1, 2`);
  return found.map(({ leaf, row }) => ({ leaf: leaves[leaf - 1]!, row: rows[row - 1]! }));
}

/** Names the server whose transaction ids are counted now. */
export async function readEpoch(tx: Transaction): Promise<string> {
  const rows = await tx.execute<{ epoch: string }>(sql`select mpi_audit_epoch() as epoch`);
  return rows[0]!.epoch;
}

export interface ArchiveRow {
  readonly month: string;
  readonly rowCount: number;
  readonly fileName: string;
  readonly fileHash: string;
  readonly archivedAt: string;
  readonly archivedBy: string;
  /** An ADMIN row of the trail tells the same; null where the month it fell into is archived too. */
  readonly isTold: boolean | null;
  [column: string]: unknown;
}

/** The months that were archived, and whether the trail itself says so. */
export async function selectArchives(tx: Transaction): Promise<readonly ArchiveRow[]> {
  return tx.execute<ArchiveRow>(sql`
    select to_char(f.month, 'YYYY-MM') as month, f.row_count::float8 as "rowCount", f.file_name as "fileName",
      encode(f.file_hash, 'hex') as "fileHash",
      to_char(f.archived_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "archivedAt", f.archived_by as "archivedBy",
      case when exists (select from audit_archives later where later.month = date_trunc('month', f.archived_at at time zone 'UTC')::date) then null
        else exists (
          select from audit_log a
          where a.action = 'ADMIN' and a.operation = 'AUDIT_ARCHIVE'
            and a."timestamp" between f.archived_at - interval '1 day' and f.archived_at + interval '1 day'
            and a.new_values ->> 'month' = to_char(f.month, 'YYYY-MM') and a.new_values ->> 'sha256' = encode(f.file_hash, 'hex')
        ) end as "isTold"
    from audit_archives f order by f.month`);
}
