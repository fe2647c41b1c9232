import { sql } from "drizzle-orm";
import type { Queryable } from "../client.ts";

export interface IndexContent {
  readonly records: number;
  /** Records that are not from the sources named. */
  readonly others: number;
  readonly runs: number;
}

/** How much there is in the index, and how much of it does not come from `sources`. */
export async function countIndexContent(db: Queryable, sources: readonly string[]): Promise<IndexContent> {
  const [row] = await db.execute<{ records: string; others: string; runs: string }>(sql`
    select count(*) as records,
      count(*) filter (where source_system is null or source_system <> all(${sql.param([...sources])}::text[])) as others,
      (select count(*) from match_runs where state = 'succeeded') as runs
    from patients`);
  return { records: Number(row!.records), others: Number(row!.others), runs: Number(row!.runs) };
}

export interface BestPair {
  readonly patientId: string;
  readonly candidateId: string;
  readonly totalScore: number;
  readonly state: string;
  readonly [column: string]: unknown;
}

/** The pairs that matching is surest of, among those that differ in something. */
export const selectBestPairs = (db: Queryable, limit: number): Promise<readonly BestPair[]> =>
  db.execute<BestPair>(sql`
    select patient_id as "patientId", candidate_id as "candidateId", total_score::float8 as "totalScore", state
    from patient_match_scores where state in ('pending', 'auto_linked')
    order by total_score desc, match_weight desc, patient_id, candidate_id limit ${limit}`);

/** Links that runs made, and pairs that wait for a person. */
export async function countMatches(
  db: Queryable,
): Promise<{ readonly linked: number; readonly waiting: number; readonly persons: number }> {
  const [row] = await db.execute<{ linked: string; waiting: string; persons: string }>(sql`
    select count(*) filter (where state = 'auto_linked') as linked, count(*) filter (where state = 'pending') as waiting,
      (select count(distinct enterprise_id) from patients) as persons
    from patient_match_scores`);
  return { linked: Number(row!.linked), waiting: Number(row!.waiting), persons: Number(row!.persons) };
}
