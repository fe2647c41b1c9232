import { sql, type SQL } from "drizzle-orm";
import type { Queryable } from "../client.ts";

/** Pairs that one record is part of, with the other record of each, by both indexes. */
const pairsOf = (record: SQL) => sql`(
  select id, state, candidate_id as other from patient_match_scores where patient_id = ${record}
  union all
  select id, state, patient_id from patient_match_scores where candidate_id = ${record})`;

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
  // In steps, because the planner takes 11 ms over all of it as one join, which every decision would pay.
  return db.execute<ConflictChange>(sql`
    with open as materialized (
      select s.id, s.kind, a.enterprise_id as one, b.enterprise_id as other
      from patient_match_scores s
        join patients a on a.id = s.patient_id
        join patients b on b.id = s.candidate_id and b.enterprise_id <> a.enterprise_id
      where (s.patient_id = any(${ids}) or s.candidate_id = any(${ids}))
        and s.state in ('pending', 'deferred') and s.kind in ('duplicate', 'conflict')
    ), members as materialized (
      select p.id, p.enterprise_id as person
      from (select one from open union select other from open) asked (person)
        join patients p on p.enterprise_id = asked.person
    ), neighbours as materialized (
      select distinct m.person, p.enterprise_id as neighbour, pair.state = 'rejected' as is_different
      from members m
        cross join lateral ${pairsOf(sql`m.id`)} pair
        join patients p on p.id = pair.other
      where pair.state in ('rejected', 'pending', 'deferred', 'auto_linked')
    ), pulled as materialized (
      select different.person as mine, matched.person as yours
      from neighbours different join neighbours matched using (neighbour)
      where different.is_different and not matched.is_different
        and neighbour not in (different.person, matched.person)
    )
    select id as "pairId", is_conflict as "isConflict"
    from (
      select id, kind,
        (one, other) in (select mine, yours from pulled) or (other, one) in (select mine, yours from pulled)
          as is_conflict
      from open) found
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
