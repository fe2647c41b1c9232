import type { Transaction } from "../../db/client.ts";
import type { PatientMatchScoreRow, PatientMatchScoreUpdate } from "../../db/rows.ts";
import { MpiError } from "../../lib/errors.ts";
import { lockPersons } from "../person/lock-persons.ts";
import { ChangeJournal } from "./change-journal.ts";
import { listLinksBetween } from "./decide-same.ts";
import { scoreColumns, type ScorePair } from "./pair-scorer.ts";
import { refreshConflicts } from "./refresh-conflicts.ts";
import { toStandingDecision } from "./standing-decisions.ts";
import { findPair, type DecisionResult } from "./write-decision.ts";

/**
 * Takes a decision back: the pair is scored anew and waits in the queue, or leaves it where it fell below the review
 * line. The links that the decision "same" made go with it; those of an import or a run stay.
 *
 * @throws {MpiError} `not-found` where nothing was decided, `conflict` where the two are merged.
 */
export async function clearDecision(
  tx: Transaction,
  a: string,
  b: string,
  scorePair?: ScorePair,
): Promise<DecisionResult> {
  const persons = await lockPersons(tx, [a, b]);
  const pair = await findPair(tx, a, b);
  if (pair?.state === "merged") {
    throw new MpiError("conflict", "These two are merged; a merge is taken back by un-merging.", {
      hint: "mpi patient unmerge brings the retired record back.",
      details: { reason: "merged" },
    });
  }
  if (pair === undefined || !["confirmed", "rejected", "deferred"].includes(pair.state)) {
    throw new MpiError("not-found", "Nobody has decided anything about this pair.");
  }
  const journal = new ChangeJournal(tx);
  if (pair.state === "confirmed") {
    const links = listLinksBetween(persons, a, b);
    await journal.deleteLinks(links.filter((link) => link.origin === "steward"));
  }
  const cleared = await rescorePair(tx, journal, pair, scorePair, {
    decidedBy: null,
    decidedAt: null,
    decisionOrigin: null,
    reason: null,
    basisFingerprint: null,
  });
  await journal.recomputePersons([...persons.members.keys()]);
  await refreshConflicts(tx, [...persons.members.keys()], journal);
  return { pair: cleared, closed: [toStandingDecision(pair)], changes: journal.changes() };
}

/** Scores an undecided pair anew: it waits in the queue, or leaves it where it is below the review line. */
export async function rescorePair(
  tx: Transaction,
  journal: ChangeJournal,
  pair: PatientMatchScoreRow,
  scorePair: ScorePair | undefined,
  also: PatientMatchScoreUpdate = {},
): Promise<PatientMatchScoreRow> {
  const score = await scorePair?.(tx, pair.patientId, pair.candidateId);
  const state = score?.isAboveReviewLine === false ? "superseded" : "pending";
  return journal.updatePair(pair, {
    ...(score === undefined ? {} : scoreColumns(score)),
    ...also,
    state,
    kind: "duplicate",
  });
}
