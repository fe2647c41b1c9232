import { sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";

/** What is decided at a moment: transactions below `xmin` are over. */
export interface FeedHorizon {
  /** Names the database cluster; a restore into another one has another. */
  readonly epoch: string;
  readonly xmin: string;
  /** Nothing that can be seen is of a transaction from this one on; some of them may have begun. */
  readonly xmax: string;
  /**
   * Transactions from this one on begin after the moment, so that their rows have ids beyond `topId`. That is not
   * `xmax`, which is only one more than the last that is over. Null on a standby, which cannot tell.
   */
  readonly nextXid: string | null;
  /** The highest id of the audit trail that can be seen; 0 where it is empty. */
  readonly topId: number;
  /** Seconds since 1970. */
  readonly at: number;
}

/**
 * Where the feed may read up to.
 *
 * @param tx REPEATABLE READ, so that all of it is of one moment.
 */
export async function selectFeedHorizon(tx: Transaction): Promise<FeedHorizon> {
  const [moment] = await tx.execute<{ epoch: string; xmin: string; xmax: string; at: number }>(sql`
    select system_identifier::text as epoch, pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
      pg_snapshot_xmax(pg_current_snapshot())::text as xmax, floor(extract(epoch from now()))::float8 as at
    from pg_control_system()`);
  // The newest row's id is nearly the highest; rows beyond it are few, and the BRIN index finds them.
  const [newest] = await tx.execute<{ id: number }>(sql`
    select a.id::float8 as id from audit_log a order by a."timestamp" desc, a.id desc limit 1`);
  const [top] =
    newest === undefined
      ? [{ id: 0 }]
      : await tx.execute<{ id: number }>(sql`
          select max(a.id)::float8 as id from audit_log a where a.id >= ${newest.id}`);
  // Ours, taken after the snapshot: whoever gets a later one begins after it.
  const [own] = await tx.execute<{ next: string | null }>(sql`
    select case when pg_is_in_recovery() then null else (pg_current_xact_id()::text::numeric + 1)::text end as next`);
  return { ...moment!, topId: top.id, nextXid: own!.next };
}

/**
 * The last id of an epoch before this one, 0 where there is none: after a restore into another cluster the rows that came
 * along bear transaction ids of the old one, some of them from the future. Reads the whole trail.
 */
export async function selectOldEpochEnd(tx: Transaction, xmax: string): Promise<number> {
  const [row] = await tx.execute<{ id: number }>(sql`
    select coalesce(max(a.id), 0)::float8 as id from audit_log a where a.transaction_id >= ${xmax}::xid8`);
  return row!.id;
}

/** The first id of the audit trail at or after a moment; undefined where nothing has happened since. */
export async function findFirstIdSince(tx: Transaction, since: string): Promise<number | undefined> {
  const [row] = await tx.execute<{ id: number | null }>(sql`
    select min(a.id)::float8 as id from audit_log a where a."timestamp" >= ${since}::timestamptz`);
  return row!.id ?? undefined;
}

/** The end of the last month that was taken out of the audit trail, in seconds since 1970; undefined where none was. */
export async function findArchivedUntil(db: Queryable): Promise<number | undefined> {
  const [row] = await db.execute<{ at: number | null }>(sql`
    select extract(epoch from max(month) + interval '1 month')::float8 as at from audit_archives`);
  return row!.at ?? undefined;
}

/** A stretch of the audit trail: by id and by transaction. */
export interface FeedStretch {
  /** Ids beyond it, up to and including `lastId`. */
  readonly afterId: number;
  readonly lastId: number;
  /** Transactions from this one on, below `upper`. */
  readonly lower: string;
  readonly upper: string;
}

/** What happened to one record or link within one transaction, without any patient's value. */
export interface FeedRow {
  readonly kind: string;
  /** The id of the audit row that the event stands for. */
  readonly id: number;
  readonly timestamp: string;
  readonly transactionId: string;
  readonly userId: string;
  readonly operation: string | null;
  readonly patientId: string;
  /** Columns and lists that changed. */
  readonly changed: readonly string[] | null;
  readonly otherId: string | null;
  /** Of a merge or a link. */
  readonly rowId: string | null;
  readonly linkType: string | null;
  readonly enterpriseId: string | null;
  readonly formerEnterpriseId: string | null;
  [column: string]: unknown;
}

/**
 * Rows on either side of a stretch that are looked at with it: what one transaction wrote about one record is one event,
 * also where its rows lie on two stretches. A batch of an import writes some 8,000 rows, three of them at a time.
 */
const margin = 32_768;

/**
 * The events of a stretch, in order of id. All rows of one transaction about one record's content are one event; it
 * stands where the last of them does, a new record where the first does. Links that only a merge writes are left
 * out: the merge itself says it.
 */
export async function selectFeedRows(tx: Transaction, stretch: FeedStretch): Promise<readonly FeedRow[]> {
  return tx.execute<FeedRow>(sql`
    with line as materialized (
      select a.id, a."timestamp" as at, a.transaction_id, a.user_id, a.operation, a.action, a.table_name, a.entity_id, a.row_id,
        a.old_values as old, a.new_values as new
      from audit_log a
      where a.id > ${stretch.afterId - margin} and a.id <= ${stretch.lastId + margin}
        and a.transaction_id >= ${stretch.lower}::xid8 and a.transaction_id < ${stretch.upper}::xid8
        and a.entity_type = 'patient' and a.action in ('INSERT', 'UPDATE', 'DELETE')
        and a.table_name in ('patients', 'patient_names', 'patient_identifiers', 'patient_addresses', 'patient_contacts',
          'patient_merges', 'patient_links')
    ), content as (
      select l.*, case
          when l.table_name <> 'patients' then array[substr(l.table_name, 9)]
          when l.action = 'UPDATE' then array(
            select coalesce(o.key, n.key)
            from jsonb_each(l.old) o full join jsonb_each(l.new) n on n.key = o.key
            where o.value is distinct from n.value
              and coalesce(o.key, n.key) not in ('version', 'updated_at', 'updated_by', 'enterprise_id', 'enterprise_since', 'deleted_at', 'deleted_by'))
          else '{}' end as changed
      from line l
      where l.table_name not in ('patient_merges', 'patient_links')
    ), record as (
      select c.transaction_id, c.entity_id, min(c.id) as first_id, max(c.id) as last_id, min(c.at) as first_at, max(c.at) as last_at,
        min(c.user_id) as user_id, min(c.operation) as operation,
        bool_or(c.table_name = 'patients' and c.action = 'INSERT') as created,
        max(c.new ->> 'enterprise_id') filter (where c.table_name = 'patients' and c.action = 'INSERT') as enterprise_id
      from content c
      group by c.transaction_id, c.entity_id
    ), change as (
      select c.transaction_id, c.entity_id, array_agg(distinct field order by field) as changed, max(c.id) as last_id
      from content c cross join lateral unnest(c.changed) field
      group by c.transaction_id, c.entity_id
    ), event as (
      select 1 as rank, 'created' as kind, r.first_id as id, r.first_at as at, r.transaction_id, r.user_id, r.operation, r.entity_id as patient_id,
        null::text[] as changed, null::text as other_id, null::uuid as row_id, null::text as link_type, r.enterprise_id, null::text as former_enterprise_id
      from record r where r.created
      union all
      select 2, 'updated', g.last_id, r.last_at, r.transaction_id, r.user_id, r.operation, r.entity_id, g.changed, null, null, null, null, null
      from change g join record r on r.transaction_id = g.transaction_id and r.entity_id = g.entity_id
      where not r.created
      union all
      select 3, case when c.action = 'UPDATE' and c.new ->> 'deleted_at' is null then 'restored' else 'deleted' end, c.id, c.at, c.transaction_id,
        c.user_id, c.operation, c.entity_id, null, null, null, null, null, null
      from content c
      where c.table_name = 'patients' and (c.action = 'DELETE' or c.action = 'UPDATE' and (c.old ->> 'deleted_at' is null) <> (c.new ->> 'deleted_at' is null))
      union all
      select 4, case when l.action = 'DELETE' then 'unlinked' else 'linked' end, l.id, l.at, l.transaction_id, l.user_id, l.operation,
        l.entity_id, null, coalesce(l.new, l.old) ->> 'other_patient_id', l.row_id, coalesce(l.new, l.old) ->> 'link_type', null, null
      from line l
      where l.table_name = 'patient_links' and l.action in ('INSERT', 'DELETE')
        and coalesce(l.new, l.old) ->> 'link_type' in ('seealso', 'refer')
        and l.entity_id = (coalesce(l.new, l.old) ->> 'patient_id')::uuid
      union all
      select 5, case when l.action = 'INSERT' then 'merged' else 'unmerged' end, l.id, l.at, l.transaction_id, l.user_id, l.operation,
        l.entity_id, null, l.new ->> 'survivor_id', l.row_id, null, null, null
      from line l
      where l.table_name = 'patient_merges' and l.entity_id = (l.new ->> 'patient_id')::uuid
        and (l.action = 'INSERT' or l.action = 'UPDATE' and l.old ->> 'unmerged_at' is null and l.new ->> 'unmerged_at' is not null)
      union all
      select 6, 'enterpriseIdChanged', c.id, c.at, c.transaction_id, c.user_id, c.operation, c.entity_id, null, null, null, null,
        c.new ->> 'enterprise_id', c.old ->> 'enterprise_id'
      from content c
      where c.table_name = 'patients' and c.action = 'UPDATE' and c.old ->> 'enterprise_id' <> c.new ->> 'enterprise_id'
    )
    select kind, id::float8 as id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as timestamp,
      transaction_id::text as "transactionId", user_id as "userId", operation, patient_id as "patientId", changed, other_id as "otherId",
      row_id as "rowId", link_type as "linkType", enterprise_id as "enterpriseId", former_enterprise_id as "formerEnterpriseId"
    from event
    where event.id > ${stretch.afterId} and event.id <= ${stretch.lastId}
    order by event.id, rank`);
}
