import type { Transaction } from "../../db/client.ts";
import { selectLinksById } from "../../db/queries/links.ts";
import { findPairById } from "../../db/queries/pairs.ts";
import type { PatientMatchScoreRow } from "../../db/rows.ts";
import { MpiError } from "../../lib/errors.ts";
import { lockPersons } from "../person/lock-persons.ts";
import type { ActChanges } from "./change-journal.ts";
import { ChangeJournal } from "./change-journal.ts";
import { refreshConflicts } from "./refresh-conflicts.ts";

/** The columns of a pair that are somebody's word; a run refreshes the others meanwhile, and may. */
const wordColumns = [
  "state",
  "kind",
  "decidedBy",
  "decidedAt",
  "decisionOrigin",
  "reason",
  "basisFingerprint",
  "mergeId",
] as const;

type Word = Pick<PatientMatchScoreRow, (typeof wordColumns)[number]>;

export const wordOf = (pair: PatientMatchScoreRow): Word => ({
  state: pair.state,
  kind: pair.kind,
  decidedBy: pair.decidedBy,
  decidedAt: pair.decidedAt,
  decisionOrigin: pair.decisionOrigin,
  reason: pair.reason,
  basisFingerprint: pair.basisFingerprint,
  mergeId: pair.mergeId,
});

/** True where nobody has said anything else about the pair since. */
export const hasSameWord = (pair: PatientMatchScoreRow, other: PatientMatchScoreRow): boolean =>
  wordColumns.every((column) => column === "kind" || pair[column] === other[column]);

/**
 * Takes an act back exactly: pairs, links and enterprise ids are what they were before it.
 *
 * @throws {MpiError} `conflict` where somebody has changed one of them since.
 */
export async function undoChanges(tx: Transaction, changes: ActChanges): Promise<ActChanges> {
  const records = new Set<string>();
  for (const { before, after } of changes.pairs) {
    for (const row of [before, after]) if (row !== null) records.add(row.patientId).add(row.candidateId);
  }
  for (const { before, after } of changes.links) {
    for (const row of [before, after]) if (row !== null) records.add(row.patientId).add(row.otherPatientId);
  }
  const persons = await lockPersons(tx, [...records]);
  const journal = new ChangeJournal(tx);
  await restoreLinks(tx, journal, changes.links);
  await restorePairs(tx, journal, changes.pairs);
  await journal.recomputePersons(
    [...records],
    new Map(changes.persons.map((change) => [change.recordId, change.before])),
  );
  await refreshConflicts(tx, [...persons.members.keys()], journal);
  return journal.changes();
}

async function restoreLinks(tx: Transaction, journal: ChangeJournal, changes: ActChanges["links"]) {
  const after = changes.flatMap((change) => (change.after === null ? [] : [change.after]));
  const present = new Map(
    (
      await selectLinksById(
        tx,
        after.map((link) => link.id),
      )
    ).map((link) => [link.id, link]),
  );
  for (const link of after) {
    const now = present.get(link.id);
    if (now?.origin !== link.origin || now.linkType !== link.linkType) throw changedMeanwhile();
  }
  await journal.deleteLinks(
    changes.flatMap((change) => (change.before === null && change.after !== null ? [change.after] : [])),
  );
  for (const { before, after: left } of changes) {
    if (before === null) continue;
    if (left === null) await journal.insertLinks([before]);
    else {
      const { origin, runId, reason, linkType } = before;
      await journal.updateLink(left, { origin, runId, reason, linkType });
    }
  }
}

async function restorePairs(tx: Transaction, journal: ChangeJournal, changes: ActChanges["pairs"]) {
  for (const { before, after } of changes) {
    const id = (after ?? before)!.id;
    const now = await findPairById(tx, id);
    if (after === null || now === undefined || !hasSameWord(now, after)) throw changedMeanwhile();
    if (before !== null) await journal.updatePair(now, wordOf(before));
    // A run has scored the pair since, which it would have done without the decision too.
    else if (now.runId !== after.runId) await journal.updatePair(now, unsaid);
    else await journal.deletePair(now);
  }
}

const unsaid: Word = {
  state: "pending",
  kind: "duplicate",
  decidedBy: null,
  decidedAt: null,
  decisionOrigin: null,
  reason: null,
  basisFingerprint: null,
  mergeId: null,
};

const changedMeanwhile = () =>
  new MpiError("conflict", "This cannot be undone any more: the pair or its links have changed since.", {
    hint: '"mpi review clear" takes a decision back; "mpi patient unmerge" a merge.',
  });
