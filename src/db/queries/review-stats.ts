import { sql } from "drizzle-orm";
import type { Queryable } from "../client.ts";

export interface OpenCountRow {
  readonly kind: string;
  readonly open: number;
  readonly oldest: string | null;
  readonly oldestDays: number | null;
  [column: string]: unknown;
}

/** What waits, by kind, with the age of the oldest. */
export const selectOpenCounts = (db: Queryable): Promise<readonly OpenCountRow[]> =>
  db.execute<OpenCountRow>(sql`
    with waiting as (
      select case when s.state = 'deferred' then 'deferred' else s.kind end as kind, s.calculated_at as since
      from patient_match_scores s
        join patients a on a.id = s.patient_id and a.active and a.deleted_at is null
        join patients b on b.id = s.candidate_id and b.active and b.deleted_at is null
      where (s.state in ('pending', 'deferred') and a.enterprise_id <> b.enterprise_id)
        or (s.kind = 'basis_changed' and s.state in ('confirmed', 'rejected'))
      union all
      select 'overlay', created_at from patient_quarantine where state = 'pending')
    select kind, count(*)::integer as open, min(since)::text as oldest,
      round(extract(epoch from now() - min(since)) / 86400, 1)::float8 as "oldestDays"
    from waiting group by kind order by kind`);

export interface StewardRow {
  readonly steward: string;
  readonly same: number;
  readonly different: number;
  readonly later: number;
  readonly merged: number;
  /** Hours of the clock in which this steward decided anything. */
  readonly activeHours: number;
  [column: string]: unknown;
}

/** What each steward decided since a moment. */
export const selectStewardCounts = (db: Queryable, since: string): Promise<readonly StewardRow[]> =>
  db.execute<StewardRow>(sql`
    select decided_by as steward,
      count(*) filter (where state = 'confirmed')::integer as same,
      count(*) filter (where state = 'rejected')::integer as different,
      count(*) filter (where state = 'deferred')::integer as later,
      count(*) filter (where state = 'merged')::integer as merged,
      count(distinct date_trunc('hour', decided_at))::integer as "activeHours"
    from patient_match_scores
    where decided_at >= ${since}::timestamptz and decided_by is not null and state in ('confirmed', 'rejected', 'deferred', 'merged')
    group by decided_by order by count(*) desc, decided_by`);

export interface MeasureRow {
  readonly numerator: number;
  readonly denominator: number;
  [column: string]: unknown;
}

/**
 * Pairs that several stewards decided, and those of them that all decided alike; from the audit trail. A decision that
 * its steward took back does not count.
 */
export async function selectAgreement(db: Queryable, since: string): Promise<MeasureRow> {
  const [row] = await db.execute<MeasureRow>(sql`
    with last as (
      select distinct on (row_id, user_id) row_id, user_id, new_values ->> 'state' as state
      from audit_log
      where timestamp >= ${since}::timestamptz and table_name = 'patient_match_scores' and action in ('INSERT', 'UPDATE')
        and new_values ->> 'state' is not null and old_values ->> 'state' is distinct from new_values ->> 'state'
      order by row_id, user_id, timestamp desc, id desc),
    said as (
      select row_id, user_id, case state when 'rejected' then 'different' else 'same' end as verdict
      from last where state in ('confirmed', 'merged', 'rejected')),
    pairs as (
      select row_id, count(distinct verdict) as verdicts from said group by row_id having count(*) > 1)
    select count(*) filter (where verdicts = 1)::integer as numerator, count(*)::integer as denominator from pairs`);
  return row!;
}

/** Merges since a moment, and those of them that were taken back. */
export async function selectFalseMerges(db: Queryable, since: string): Promise<MeasureRow> {
  const [row] = await db.execute<MeasureRow>(sql`
    select count(unmerged_at)::integer as numerator, count(*)::integer as denominator
    from patient_merges where merged_at >= ${since}::timestamptz`);
  return row!;
}
