import { sql } from "drizzle-orm";
import type { Queryable } from "../client.ts";

/** What a person said of a pair. */
export interface DecidedMatch {
  readonly patientId: string;
  readonly candidateId: string;
  readonly isSame: boolean;
  readonly decidedBy: string | null;
  /** As PostgreSQL writes it. */
  readonly decidedAt: string | null;
  [column: string]: unknown;
}

/** All pairs that people decided, "later" left out; in order of their ids. */
export const selectDecidedMatches = (db: Queryable): Promise<readonly DecidedMatch[]> =>
  db.execute<DecidedMatch>(sql`
    select patient_id as "patientId", candidate_id as "candidateId", state = 'confirmed' as "isSame",
      decided_by as "decidedBy", decided_at::text as "decidedAt"
    from patient_match_scores where state in ('confirmed', 'rejected') order by patient_id, candidate_id`);
