import { sql, type SQL } from "drizzle-orm";
import type { Queryable } from "../client.ts";

/** Pairs that one record is part of, with the other record of each, by both indexes. */
const pairsOf = (record: SQL) => sql`(
  select id, state, candidate_id as other from patient_match_scores where patient_id = ${record}
  union all
  select id, state, patient_id from patient_match_scores where candidate_id = ${record})`;

/** True where the person `mine` was decided to be different from a third that the person `yours` matches too. */
const pullsBothWays = (mine: SQL, yours: SQL) => sql`exists (
  select from patients m
    cross join lateral ${pairsOf(sql`m.id`)} d
    join patients o on o.id = d.other
    join patients x on x.enterprise_id = ${yours}
    cross join lateral ${pairsOf(sql`x.id`)} t
    join patients y on y.id = t.other and y.enterprise_id = o.enterprise_id
  where m.enterprise_id = ${mine} and d.state = 'rejected' and o.enterprise_id not in (${mine}, ${yours})
    and t.state in ('pending', 'deferred', 'auto_linked'))`;

export interface ConflictChange {
  readonly pairId: string;
  readonly isConflict: boolean;
  [column: string]: unknown;
}

/**
 * Open pairs of these records whose mark as a conflict is out of date. A pair is a conflict where one of its records
 * matches two persons who were decided to be different: it can belong to one of them at most.
 */
export async function selectConflictChanges(
  db: Queryable,
  recordIds: readonly string[],
): Promise<readonly ConflictChange[]> {
  if (recordIds.length === 0) return [];
  const ids = sql`${sql.param([...recordIds])}::uuid[]`;
  return db.execute<ConflictChange>(sql`
    select id as "pairId", is_conflict as "isConflict"
    from (
      select s.id, s.kind, ${pullsBothWays(sql`a.enterprise_id`, sql`b.enterprise_id`)}
        or ${pullsBothWays(sql`b.enterprise_id`, sql`a.enterprise_id`)} as is_conflict
      from patient_match_scores s
        join patients a on a.id = s.patient_id
        join patients b on b.id = s.candidate_id and b.enterprise_id <> a.enterprise_id
      where (s.patient_id = any(${ids}) or s.candidate_id = any(${ids}))
        and s.state in ('pending', 'deferred') and s.kind in ('duplicate', 'conflict')) open
    where (kind = 'conflict') <> is_conflict
    order by id`);
}

/** Records with an open or automatically linked pair to one of `recordIds`: whoever a decision there may concern. */
export async function selectLiveNeighbours(
  db: Queryable,
  recordIds: readonly string[],
): Promise<readonly string[]> {
  if (recordIds.length === 0) return [];
  const rows = await db.execute<{ id: string }>(sql`
    select distinct t.other as id
    from unnest(${sql.param([...recordIds])}::uuid[]) r (id) cross join lateral ${pairsOf(sql`r.id`)} t
    where t.state in ('pending', 'deferred', 'auto_linked')
    order by 1`);
  return rows.map((row) => row.id);
}
