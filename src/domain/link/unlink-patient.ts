import type { Transaction } from "../../db/client.ts";
import { selectPairsBetween } from "../../db/queries/pairs.ts";
import type { PatientMatchScoreRow } from "../../db/rows.ts";
import { MpiError } from "../../lib/errors.ts";
import { ChangeJournal, type ActChanges } from "../decision/change-journal.ts";
import { decideDifferent } from "../decision/decide-different.ts";
import type { ScorePair } from "../decision/pair-scorer.ts";
import { refreshConflicts } from "../decision/refresh-conflicts.ts";
import { closeDecisions, toStandingDecision, type StandingDecision } from "../decision/standing-decisions.ts";
import { writeDecision } from "../decision/write-decision.ts";
import { listPersonOf, lockPersons } from "../person/lock-persons.ts";
import { findMergeUnit, isMergeLink } from "../person/person-graph.ts";
import { findNextInCharge, requireMember } from "../person/require-usable.ts";

export interface UnlinkRequest {
  readonly record: string;
  /** From this record only; without it, out of the whole person. */
  readonly from?: string;
  readonly reason: string | null;
}

/** What unlinking did. `changes` is what takes it back. */
export interface UnlinkResult {
  /** Pairs now decided "different". */
  readonly decided: readonly PatientMatchScoreRow[];
  readonly closed: readonly StandingDecision[];
  readonly changes: ActChanges;
}

/**
 * Takes a record, with those merged into it, out of its person, or apart from one other record, and remembers that
 * they are different.
 *
 * @throws {MpiError} `conflict` where the record stands alone or is retired, where the other is not of its person, or
 *   where a third record holds the two together.
 */
export async function unlinkPatient(
  tx: Transaction,
  request: UnlinkRequest,
  scorePair?: ScorePair,
): Promise<UnlinkResult> {
  return request.from === undefined
    ? leavePerson(tx, request, scorePair)
    : leaveRecord(tx, { ...request, from: request.from }, scorePair);
}

async function leaveRecord(
  tx: Transaction,
  { record, from, reason }: UnlinkRequest & { readonly from: string },
  scorePair: ScorePair | undefined,
): Promise<UnlinkResult> {
  const persons = await lockPersons(tx, [record, from]);
  requireMember(persons, record);
  requireMember(persons, from);
  if (record !== from && !listPersonOf(persons, record).includes(from)) {
    throw new MpiError("conflict", `${record} and ${from} are not linked; they are two persons already.`, {
      hint: "mpi review decide remembers that they are different, so that no run ever links them.",
      details: { reason: "not-linked" },
    });
  }
  const result = await decideDifferent(
    tx,
    { a: record, b: from, origin: "unlink", reason, thirds: "refuse" },
    scorePair,
  );
  return { ...result, decided: [result.pair] };
}

async function leavePerson(
  tx: Transaction,
  { record, reason }: UnlinkRequest,
  scorePair: ScorePair | undefined,
): Promise<UnlinkResult> {
  const persons = await lockPersons(tx, [record]);
  requireMember(persons, record);
  if (findNextInCharge(persons, record) !== undefined) {
    throw new MpiError("conflict", `Record ${record} is retired: a merge holds it, not a link.`, {
      hint: "mpi patient unmerge takes the merge back.",
      details: { reason: "retired", record },
    });
  }
  const unit = findMergeUnit(record, persons.links);
  const rest = [...persons.members.keys()].filter((id) => !unit.has(id));
  if (rest.length === 0) {
    throw new MpiError("conflict", `Record ${record} stands alone; there is nothing to unlink.`, {
      details: { reason: "not-linked" },
    });
  }

  const journal = new ChangeJournal(tx);
  await journal.deleteLinks(
    persons.links.filter(
      (link) => !isMergeLink(link) && unit.has(link.patientId) !== unit.has(link.otherPatientId),
    ),
  );
  const across = await selectPairsBetween(tx, [...unit], rest);
  const closed = across.filter((pair) => pair.state === "confirmed");
  await closeDecisions(journal, closed);
  for (const pair of across.filter((each) => each.state === "auto_linked")) {
    await journal.updatePair(pair, { state: "pending" });
  }
  const decided: PatientMatchScoreRow[] = [];
  for (const other of rest.filter((id) => findNextInCharge(persons, id) === undefined)) {
    decided.push(
      await writeDecision(
        tx,
        journal,
        { a: record, b: other, state: "rejected", origin: "unlink", reason },
        scorePair,
      ),
    );
  }
  await journal.recomputePersons([...persons.members.keys()]);
  await refreshConflicts(tx, [...persons.members.keys()], journal);
  return { decided, closed: closed.map(toStandingDecision), changes: journal.changes() };
}
