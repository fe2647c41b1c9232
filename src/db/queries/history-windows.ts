import { sql } from "drizzle-orm";
import type { Queryable } from "../client.ts";

/** A record's history, or the part of it that belongs to another record's: while they were one. */
export interface HistoryWindow {
  readonly entityId: string;
  /** From, inclusive; null is the beginning. */
  readonly from: string | null;
  /** Up to, not including; null is for ever. */
  readonly until: string | null;
}

/** A merge of the record's family: who went into whom, and when the two were one. */
interface MergeStep {
  readonly mergeId: string | null;
  readonly patientId: string;
  readonly survivorId: string;
  /** Null where the merge is known by its links alone. */
  readonly mergedAt: string;
  readonly unmergedAt: string | null;
  [column: string]: unknown;
}

/**
 * A record's own history and, while they were one, that of the records merged into it and of those it was merged
 * into, over any number of merges; not of others that were merged into the same. A merge that stands brings the whole
 * past of the retired record with it; one that was taken back only the time between.
 */
export async function selectHistoryWindows(db: Queryable, id: string): Promise<readonly HistoryWindow[]> {
  const steps = await selectMergeSteps(db, id);
  // Most records were never merged, and the trail is in many partitions: planning for it would cost the most.
  if (steps.length === 0) return [{ entityId: id, from: null, until: null }];
  const moments = await selectMergeMoments(db, steps);
  const times = steps.map(({ mergeId, mergedAt, unmergedAt }) => {
    const moment = moments.get(mergeId ?? "");
    return {
      starts: moment?.began ?? mergedAt,
      ends: unmergedAt === null ? null : (moment?.ended ?? unmergedAt),
    };
  });
  const array = (values: readonly (string | null)[]) => sql.param(values.map((value) => value));
  const rows = await db.execute<{ entityId: string; from: string | null; until: string | null }>(sql`
    with recursive step (patient_id, survivor_id, starts, ends, stands) as (
      select patient_id, survivor_id, starts, coalesce(ends + interval '1 microsecond', 'infinity'), ends is null
      from unnest(${array(steps.map(({ patientId }) => patientId))}::uuid[], ${array(steps.map(({ survivorId }) => survivorId))}::uuid[],
        ${array(times.map(({ starts }) => starts))}::text[]::timestamptz[],
        ${array(times.map(({ ends }) => ends))}::text[]::timestamptz[]) s (patient_id, survivor_id, starts, ends)
    ), family (id, starts, ends, way) as (
      select ${id}::uuid, '-infinity'::timestamptz, 'infinity'::timestamptz, 'self'
      union
      select next.id, greatest(f.starts, next.starts), least(f.ends, next.ends), next.way
      from family f
      cross join lateral (
        select survivor_id as id, starts, ends, 'up' as way from step where patient_id = f.id and f.way <> 'down'
        union all
        select patient_id, case when stands then '-infinity' else starts end, ends, 'down'
        from step where survivor_id = f.id and f.way <> 'up'
      ) next
      where greatest(f.starts, next.starts) < least(f.ends, next.ends)
    )
    select id as "entityId", nullif(starts, '-infinity')::text as "from", nullif(ends, 'infinity')::text as "until"
    from family order by id, starts`);
  return rows.map(({ entityId, from, until }) => ({ entityId, from, until }));
}

/** Every merge on the ways up and down from a record, and links that came from elsewhere, without a merge of ours. */
async function selectMergeSteps(db: Queryable, id: string): Promise<readonly MergeStep[]> {
  return db.execute<MergeStep>(sql`
    with recursive known (merge_id, patient_id, survivor_id, merged_at, unmerged_at) as (
      select m.id, m.patient_id, m.survivor_id, m.merged_at, m.unmerged_at
      from patient_merges m where m.patient_id = ${id}::uuid or m.survivor_id = ${id}::uuid
      union
      select l.id, l.patient_id, l.other_patient_id, l.created_at, null
      from patient_links l
      where l.link_type = 'replaced_by' and (l.patient_id = ${id}::uuid or l.other_patient_id = ${id}::uuid)
      union
      select next.*
      from known k
      cross join lateral (
        select m.id, m.patient_id, m.survivor_id, m.merged_at, m.unmerged_at
        from patient_merges m where k.patient_id in (m.patient_id, m.survivor_id) or k.survivor_id in (m.patient_id, m.survivor_id)
        union all
        select l.id, l.patient_id, l.other_patient_id, l.created_at, null
        from patient_links l
        where l.link_type = 'replaced_by' and (k.patient_id in (l.patient_id, l.other_patient_id) or k.survivor_id in (l.patient_id, l.other_patient_id))
      ) next
    )
    select m.id as "mergeId", k.patient_id as "patientId", k.survivor_id as "survivorId",
      k.merged_at::text as "mergedAt", k.unmerged_at::text as "unmergedAt"
    from known k left join patient_merges m on m.id = k.merge_id
    where m.id is not null or not exists (
      select from patient_merges own where own.patient_id = k.patient_id and own.survivor_id = k.survivor_id)`);
}

/** What a merge's transaction wrote about the two lies on both sides of the moment that the merge remembers. */
async function selectMergeMoments(
  db: Queryable,
  steps: readonly MergeStep[],
): Promise<ReadonlyMap<string, { readonly began: string; readonly ended: string | null }>> {
  const merges = steps.filter(({ mergeId }) => mergeId !== null);
  const ids = sql.param(merges.map(({ mergeId }) => mergeId));
  const records = sql.param([...new Set(merges.flatMap((step) => [step.patientId, step.survivorId]))]);
  const rows = await db.execute<{ mergeId: string; began: string; ended: string | null }>(sql`
    with trail as materialized (
      select a.transaction_id, a."timestamp" as at, a.entity_id, a.action,
        case when a.table_name = 'patient_merges' then a.row_id end as merge_id
      from audit_log a where a.entity_id = any(${records}::uuid[])
    ), told as (
      select distinct on (t.merge_id, t.action) t.merge_id, t.action, t.transaction_id
      from trail t where t.merge_id = any(${ids}::uuid[]) and t.action in ('INSERT', 'UPDATE')
      order by t.merge_id, t.action, t.at desc
    )
    select m.id as "mergeId", least(m.merged_at, (
        select min(t.at) from told join trail t using (transaction_id)
        where told.merge_id = m.id and told.action = 'INSERT' and t.entity_id in (m.patient_id, m.survivor_id)))::text as began,
      greatest(m.unmerged_at, (
        select max(t.at) from told join trail t using (transaction_id)
        where told.merge_id = m.id and told.action = 'UPDATE' and t.entity_id in (m.patient_id, m.survivor_id)))::text as ended
    from patient_merges m where m.id = any(${ids}::uuid[])`);
  return new Map(rows.map(({ mergeId, began, ended }) => [mergeId, { began, ended }]));
}
