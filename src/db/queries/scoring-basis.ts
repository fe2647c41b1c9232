import { sql } from "drizzle-orm";
import type { Queryable } from "../client.ts";

/** The model and calibration that the pairs in the queue were scored with. */
export interface ScoringBasisRow {
  readonly id: string;
  readonly model: unknown;
  /** Compressed JSON. */
  readonly content: Buffer;
  [column: string]: unknown;
}

/** Those of the last run that succeeded; without one, the newest that were learned. */
export async function findScoringBasis(db: Queryable): Promise<ScoringBasisRow | undefined> {
  const [row] = await db.execute<ScoringBasisRow>(sql`
    select c.id, c.model, c.content
    from match_calibrations c left join match_runs r on r.calibration_id = c.id and r.state = 'succeeded'
    order by r.started_at desc nulls last, c.created_at desc
    limit 1`);
  return row;
}
