import type { Transaction } from "../../db/client.ts";
import type { PatientLinkRow, PatientMatchScoreRow } from "../../db/rows.ts";
import { MpiError } from "../../lib/errors.ts";
import { listPersonOf, lockPersons, type LockedPersons } from "../person/lock-persons.ts";
import { findMergeUnit, isMergeLink } from "../person/person-graph.ts";
import { requireTwo, requireUsable } from "../person/require-usable.ts";
import { ChangeJournal } from "./change-journal.ts";
import type { ScorePair } from "./pair-scorer.ts";
import { refreshConflicts } from "./refresh-conflicts.ts";
import {
  closeDecisions,
  contradictionError,
  findContradiction,
  toStandingDecision,
} from "./standing-decisions.ts";
import { findPair, writeDecision, type DecisionOrigin, type DecisionResult } from "./write-decision.ts";

export interface SameDecision {
  readonly a: string;
  readonly b: string;
  /** `refer` says that B holds the main information; default `seealso`. */
  readonly linkType?: "seealso" | "refer";
  readonly origin: Extract<DecisionOrigin, "review" | "link" | "import">;
  readonly reason: string | null;
  /** Goes against decisions "different", and closes them. */
  readonly override?: boolean;
}

/**
 * Two records are the same person's: remembers it and links them, so that their persons become one. Nothing of
 * either record changes, and neither is retired.
 *
 * @throws {MpiError} `conflict` where it was decided that a record of the one person and a record of the other are
 *   different (M10, M11), where one is retired or deleted, or where nothing would change.
 */
export async function decideSame(
  tx: Transaction,
  decision: SameDecision,
  scorePair?: ScorePair,
): Promise<DecisionResult> {
  const { a, b } = decision;
  requireTwo(a, b);
  const persons = await lockPersons(tx, [a, b]);
  if (findMergeUnit(a, persons.links).has(b)) throw alreadyMerged(a, b);
  requireUsable(persons, a);
  requireUsable(persons, b);

  const contradiction = await findContradiction(tx, listPersonOf(persons, a), listPersonOf(persons, b));
  const { different } = contradiction;
  if (different.length > 0 && decision.override !== true) throw contradictionError(contradiction);

  const linkType = decision.linkType ?? "seealso";
  const between = listLinksBetween(persons, a, b);
  refuseRepetition(decision, linkType, between, await findPair(tx, a, b));

  const journal = new ChangeJournal(tx);
  await closeDecisions(journal, different);
  await writeLink(journal, decision, linkType, between);
  const pair = await writeDecision(tx, journal, { ...decision, state: "confirmed" }, scorePair);
  await journal.recomputePersons([a, b]);
  await refreshConflicts(tx, [...persons.members.keys()], journal);
  return { pair, closed: different.map(toStandingDecision), changes: journal.changes() };
}

export const listLinksBetween = (
  persons: Pick<LockedPersons, "links">,
  a: string,
  b: string,
): readonly PatientLinkRow[] =>
  persons.links.filter(
    (link) =>
      !isMergeLink(link) &&
      ((link.patientId === a && link.otherPatientId === b) ||
        (link.patientId === b && link.otherPatientId === a)),
  );

const isSuch = (link: PatientLinkRow, linkType: string, from: string) =>
  link.linkType === linkType && (linkType === "seealso" || link.patientId === from);

function refuseRepetition(
  decision: SameDecision,
  linkType: string,
  between: readonly PatientLinkRow[],
  pair: PatientMatchScoreRow | undefined,
): void {
  const isSaid = pair?.state === "confirmed" && pair.kind !== "basis_changed";
  const isLinked = between.some((link) => link.origin !== "run" && isSuch(link, linkType, decision.a));
  if (!isSaid || !isLinked) return;
  throw new MpiError("conflict", `${decision.a} and ${decision.b} are linked already.`, {
    details: { reason: "already-linked", decidedBy: pair.decidedBy, decidedAt: pair.decidedAt },
  });
}

/** A run's link between the two becomes the steward's own, or gives way to it. */
async function writeLink(
  journal: ChangeJournal,
  decision: SameDecision,
  linkType: "seealso" | "refer",
  between: readonly PatientLinkRow[],
): Promise<void> {
  const origin = decision.origin === "import" ? "import" : "steward";
  const present = between.find((link) => isSuch(link, linkType, decision.a));
  await journal.deleteLinks(between.filter((link) => link.origin === "run" && link !== present));
  if (present === undefined) {
    await journal.insertLinks([
      { patientId: decision.a, otherPatientId: decision.b, linkType, origin, reason: decision.reason },
    ]);
  } else if (present.origin === "run") {
    await journal.updateLink(present, { origin, runId: null, reason: decision.reason });
  }
}

export const alreadyMerged = (a: string, b: string): MpiError =>
  new MpiError("conflict", `${a} and ${b} are one record already: one was merged into the other.`, {
    hint: "mpi patient unmerge takes a merge back.",
    details: { reason: "already-merged" },
  });
