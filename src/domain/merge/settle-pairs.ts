import type { Transaction } from "../../db/client.ts";
import { findPairById, selectPairsBetween } from "../../db/queries/pairs.ts";
import type { PatientLinkRow, PatientMatchScoreRow } from "../../db/rows.ts";
import type { ChangeJournal, RowChange } from "../decision/change-journal.ts";
import { rescorePair } from "../decision/clear-decision.ts";
import type { ScorePair } from "../decision/pair-scorer.ts";
import { closeDecisions } from "../decision/standing-decisions.ts";
import { hasSameWord, wordOf } from "../decision/undo-changes.ts";
import { findPair, orderPair, writeDecision } from "../decision/write-decision.ts";
import type { OpenMerge } from "./merge-inverse.ts";
import type { UnmergeRequest } from "./unmerge-patient.ts";

export interface Sides {
  readonly record: string;
  readonly survivor: string;
  /** Each side with what is merged into it. */
  readonly left: ReadonlySet<string>;
  readonly right: ReadonlySet<string>;
}

/**
 * What becomes of the pairs across a parting (law U5). A third record that stays with one side is remembered as
 * different from the other; one that stays with neither waits in the queue against both.
 */
export async function settleThirds(
  tx: Transaction,
  journal: ChangeJournal,
  cut: readonly PatientLinkRow[],
  sides: Sides,
  request: UnmergeRequest,
  scorePair: ScorePair | undefined,
): Promise<void> {
  if (request.allowRematch === true) return;
  const across = await selectPairsBetween(tx, [...sides.left], [...sides.right]);
  await closeDecisions(
    journal,
    across.filter((pair) => pair.state === "confirmed"),
  );
  for (const pair of across.filter((each) => each.state === "auto_linked")) {
    await journal.updatePair(pair, { state: "pending" });
  }
  const isSide = (id: string) => sides.left.has(id) || sides.right.has(id);
  for (const link of cut) {
    const [side, third] = isSide(link.patientId)
      ? [link.patientId, link.otherPatientId]
      : [link.otherPatientId, link.patientId];
    if (isSide(third)) continue;
    if (request.third === "queue") await queuePair(tx, journal, side, third, scorePair);
    else {
      await writeDecision(
        tx,
        journal,
        { a: side, b: third, state: "rejected", origin: "unmerge", reason: request.reason },
        scorePair,
      );
    }
  }
}

async function queuePair(
  tx: Transaction,
  journal: ChangeJournal,
  a: string,
  b: string,
  scorePair: ScorePair | undefined,
): Promise<void> {
  const [patientId, candidateId] = orderPair(a, b);
  const pair =
    (await findPair(tx, a, b)) ?? (await journal.insertPair({ patientId, candidateId, totalScore: 0 }));
  const scored = await rescorePair(tx, journal, pair, scorePair, {
    decidedBy: null,
    decidedAt: null,
    decisionOrigin: null,
    reason: null,
    basisFingerprint: null,
  });
  // A person asked for it to be queued, whatever its score.
  if (scored.state !== "pending") await journal.updatePair(scored, { state: "pending" });
}

/**
 * Gives a pair back what was said of it before the merge: the pair of the two records where the merge's own word
 * still stands, and a decision that the merge overrode where its records are two persons again. Where other links
 * hold them together, "different" is not in force again.
 */
export async function restorePair(
  tx: Transaction,
  journal: ChangeJournal,
  { before, after }: RowChange<PatientMatchScoreRow>,
  merge: OpenMerge,
  personOf: ReadonlyMap<string, string>,
): Promise<void> {
  if (after === null) return;
  const now = await findPairById(tx, after.id);
  if (now === undefined || !hasSameWord(now, after)) return;
  const isOnePerson = personOf.get(now.patientId) === personOf.get(now.candidateId);
  if (after.mergeId !== merge.id && isOnePerson) return;
  if (before !== null) {
    const restored = await journal.updatePair(now, wordOf(before));
    if (restored.state === "rejected" && isOnePerson) await closeDecisions(journal, [restored]);
  } else if (now.runId === after.runId) await journal.deletePair(now);
  else await journal.updatePair(now, { ...wordOf(now), ...undecided });
}

const undecided = {
  state: "pending",
  kind: "duplicate",
  decidedBy: null,
  decidedAt: null,
  decisionOrigin: null,
  reason: null,
  basisFingerprint: null,
  mergeId: null,
};
