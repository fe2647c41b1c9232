import type { Transaction } from "../../db/client.ts";
import { selectPairsOf } from "../../db/queries/pairs.ts";
import type { ChangeJournal } from "./change-journal.ts";
import { scoreColumns, type ScorePair } from "./pair-scorer.ts";

/**
 * Scores the stored pairs of some records anew, after their content changed. What a person decided stays decided; an
 * open pair leaves the queue where it fell below the review line and comes back where it rose above. Without a
 * scorer nothing happens: the next run finds the records by their change marker.
 */
export async function rescoreAround(
  tx: Transaction,
  journal: ChangeJournal,
  recordIds: readonly string[],
  scorePair: ScorePair | undefined,
): Promise<void> {
  if (scorePair === undefined) return;
  for (const pair of await selectPairsOf(tx, recordIds)) {
    if (pair.state === "merged") continue;
    const score = await scorePair(tx, pair.patientId, pair.candidateId);
    if (score === undefined) continue;
    const isUndecided = pair.decidedBy === null;
    const state =
      isUndecided && pair.state === "pending" && !score.isAboveReviewLine
        ? "superseded"
        : isUndecided && pair.state === "superseded" && score.isAboveReviewLine
          ? "pending"
          : pair.state;
    await journal.updatePair(pair, { ...scoreColumns(score), state });
  }
}
