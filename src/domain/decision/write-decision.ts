import type { Transaction } from "../../db/client.ts";
import { selectBasisFingerprint } from "../../db/queries/basis.ts";
import { selectPairsBetween } from "../../db/queries/pairs.ts";
import type { PatientMatchScoreRow, PatientMatchScoreUpdate } from "../../db/rows.ts";
import type { ActChanges, ChangeJournal } from "./change-journal.ts";
import { scoreColumns, type ScorePair } from "./pair-scorer.ts";
import type { StandingDecision } from "./standing-decisions.ts";

/** Where a decision came from. */
export type DecisionOrigin = "review" | "link" | "unlink" | "merge" | "unmerge" | "import";

/** What an act about a pair did. `changes` is what takes it back. */
export interface DecisionResult {
  readonly pair: PatientMatchScoreRow;
  /** Earlier decisions that this one closed. */
  readonly closed: readonly StandingDecision[];
  readonly changes: ActChanges;
}

export const orderPair = (a: string, b: string): readonly [string, string] => (a < b ? [a, b] : [b, a]);

export async function findPair(
  tx: Transaction,
  a: string,
  b: string,
): Promise<PatientMatchScoreRow | undefined> {
  return (await selectPairsBetween(tx, [a], [b]))[0];
}

export interface DecisionToWrite {
  readonly a: string;
  readonly b: string;
  readonly state: "confirmed" | "rejected" | "deferred" | "merged";
  readonly origin: DecisionOrigin;
  readonly reason: string | null;
  readonly mergeId?: string;
}

/**
 * Puts a decision on the row of the pair, and makes the row where the pair was never scored. The fingerprint is of the
 * values as they are now.
 */
export async function writeDecision(
  tx: Transaction,
  journal: ChangeJournal,
  decision: DecisionToWrite,
  scorePair: ScorePair | undefined,
): Promise<PatientMatchScoreRow> {
  const [patientId, candidateId] = orderPair(decision.a, decision.b);
  const words = {
    state: decision.state,
    kind: "duplicate",
    decisionOrigin: decision.origin,
    reason: decision.reason,
    basisFingerprint: await selectBasisFingerprint(tx, patientId, candidateId),
    mergeId: decision.mergeId ?? null,
    claimedBy: null,
    claimedUntil: null,
  } satisfies PatientMatchScoreUpdate;
  const known = await findPair(tx, patientId, candidateId);
  if (known !== undefined) return journal.signPair(known, words);
  const score = await scorePair?.(tx, patientId, candidateId);
  const scores = score === undefined ? { totalScore: 0 } : scoreColumns(score);
  return journal.signPair(await journal.insertPair({ patientId, candidateId, ...scores }), words);
}
