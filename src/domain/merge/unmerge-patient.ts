import type { Transaction } from "../../db/client.ts";
import { closeMerge, findMergeById, updatePatient } from "../../db/queries/merges.ts";
import type { PatientLinkRow, PatientMatchScoreRow, PatientMergeRow } from "../../db/rows.ts";
import { MpiError } from "../../lib/errors.ts";
import { ChangeJournal } from "../decision/change-journal.ts";
import type { ScorePair } from "../decision/pair-scorer.ts";
import { refreshBasis } from "../decision/refresh-basis.ts";
import { refreshConflicts } from "../decision/refresh-conflicts.ts";
import { rescoreAround } from "../decision/rescore-around.ts";
import { writeDecision } from "../decision/write-decision.ts";
import { lockPersons, type LockedPersons } from "../person/lock-persons.ts";
import { partPersons, type ThirdChoice } from "../person/part-persons.ts";
import { findMergeUnit, isMergeLink, listComponents } from "../person/person-graph.ts";
import { findNextInCharge } from "../person/require-usable.ts";
import type { PersonChange } from "../person/recompute-persons.ts";
import { requireVersions } from "./check-merge.ts";
import { OpenMerges, toOpenMerge, type OpenMerge } from "./merge-inverse.ts";
import type { RowReturn, Take } from "./plan-return.ts";
import { returnRows } from "./return-rows.ts";
import { restorePair, settleThirds } from "./settle-pairs.ts";
import { withdrawFields, type FieldReturn } from "./withdraw-fields.ts";

export interface UnmergeRequest {
  readonly mergeId: string;
  readonly reason: string | null;
  /** The two are not remembered as different: matching may propose them again, and everything is as before. */
  readonly allowRematch?: boolean;
  /** Who gets values that came with the merge and were edited since; default the survivor, who has them. */
  readonly take?: Take;
  /** With whom records stay that hold both. */
  readonly third?: ThirdChoice;
  /** Version of each record that a preview was made from; where one has changed, nothing is done. */
  readonly versions?: ReadonlyMap<string, number>;
}

/** What un-merging does: the same in a dry run and for real. */
export interface UnmergeResult {
  readonly mergeId: string;
  /** The record that comes back. */
  readonly record: string;
  readonly survivor: string;
  /** The record that its rows come back from: the end of the chain of merges. */
  readonly inCharge: string;
  readonly rows: readonly RowReturn[];
  /** Identifiers that another record has been given meanwhile; they come back as `old`. */
  readonly identifiersTaken: readonly string[];
  readonly fields: readonly FieldReturn[];
  /** Records that held both, and what was asked for them. */
  readonly thirds: readonly string[];
  /** The decision that is remembered; null with `allowRematch`. */
  readonly decided: PatientMatchScoreRow | null;
  readonly persons: readonly PersonChange[];
  /** Version of each record before. */
  readonly versions: ReadonlyMap<string, number>;
}

/**
 * Takes a merge back (laws U1 to U7): the retired record is active again with its own rows, wherever further merges
 * have carried them, and its own links; the survivor loses only what came with this merge.
 *
 * @throws {MpiError} `not-found`; `conflict` where the merge was taken back already, a record changed since
 *   `versions`, or a third record holds both and `third` does not say where it stays.
 */
export async function unmergePatient(
  tx: Transaction,
  request: UnmergeRequest,
  scorePair?: ScorePair,
): Promise<UnmergeResult> {
  const found = await getOpenMerge(tx, request.mergeId);
  const persons = await lockPersons(tx, [found.patientId, found.survivorId]);
  // It may have been taken back while we waited for the locks.
  const merge = toOpenMerge(await getOpenMerge(tx, request.mergeId));
  const { patientId: record, survivorId: survivor } = merge;
  if (request.versions !== undefined) requireVersions(persons, request.versions);

  const everyone = [...persons.members.keys()];
  const merges = await OpenMerges.load(tx, everyone);
  const leaving = listLeaving(persons, record);
  const chain = listChain(persons, survivor);
  const parting = planParting(persons, merge, request);

  const fields = await withdrawFields(tx, merges, { merge, leaving, chain, take: request.take ?? "b" });
  const { rows, identifiersTaken } = await returnRows(tx, merges, {
    merge,
    leaving,
    chain,
    take: request.take ?? "b",
  });
  await updatePatient(tx, record, { active: merge.inverse.wasActive });
  await merges.save();

  const journal = new ChangeJournal(tx);
  await journal.deleteLinks(parting.taken);
  await journal.insertLinks(parting.restored);
  await settleThirds(tx, journal, parting.cut, { record, survivor, ...parting }, request, scorePair);
  const decided =
    request.allowRematch === true
      ? null
      : await writeDecision(
          tx,
          journal,
          { a: record, b: survivor, state: "rejected", origin: "unmerge", reason: request.reason },
          scorePair,
        );
  const personOf = listPersons(everyone, parting.links);
  for (const change of merge.inverse.changes.pairs) await restorePair(tx, journal, change, merge, personOf);
  await journal.recomputePersons(
    everyone,
    new Map(merge.inverse.changes.persons.map((change) => [change.recordId, change.before])),
  );
  const inCharge = chain.at(-1)!;
  await rescoreAround(tx, journal, [record, inCharge], scorePair);
  await refreshConflicts(tx, everyone, journal);
  await refreshBasis(tx, [record, inCharge]);
  await closeMerge(tx, merge.id, request.reason);
  return {
    mergeId: merge.id,
    record,
    survivor,
    inCharge,
    rows,
    identifiersTaken,
    fields,
    thirds: parting.thirds,
    decided,
    persons: journal.changes().persons,
    versions: new Map([record, ...chain].map((id) => [id, persons.members.get(id)!.version])),
  };
}

async function getOpenMerge(tx: Transaction, mergeId: string): Promise<PatientMergeRow> {
  const merge = await findMergeById(tx, mergeId);
  if (merge === undefined) throw new MpiError("not-found", `There is no merge ${mergeId}.`);
  if (merge.unmergedAt !== null) throw alreadyUnmerged(merge);
  return merge;
}

/** The answer to un-merging twice (U6). */
export const alreadyUnmerged = (merge: PatientMergeRow): MpiError =>
  new MpiError("conflict", `That merge was taken back already, on ${merge.unmergedAt?.slice(0, 10) ?? ""}.`, {
    details: { reason: "already-unmerged", merge: merge.id, by: merge.unmergedBy },
  });

/** The record with all that were merged into it, directly or by way of others. */
function listLeaving(persons: LockedPersons, record: string): ReadonlySet<string> {
  const leaving = new Set([record]);
  for (const id of leaving) {
    for (const link of persons.links) {
      if (link.otherPatientId === id && link.linkType === "replaced_by") leaving.add(link.patientId);
    }
  }
  return leaving;
}

/** The survivor and those that it was merged into in turn; the last one is in charge. */
function listChain(persons: LockedPersons, survivor: string): readonly string[] {
  const chain = new Set<string>();
  for (let at: string | undefined = survivor; at !== undefined && !chain.has(at);) {
    chain.add(at);
    at = findNextInCharge(persons, at);
  }
  return [...chain];
}

export interface PlannedParting {
  /** All links that go: the merge's own two, and those cut. */
  readonly taken: readonly PatientLinkRow[];
  /** Links that the merge took away and that come back. */
  readonly restored: readonly PatientLinkRow[];
  /** Links that are cut so that the two are two persons. */
  readonly cut: readonly PatientLinkRow[];
  readonly thirds: readonly string[];
  readonly left: ReadonlySet<string>;
  readonly right: ReadonlySet<string>;
  /** The links as they are afterwards. */
  readonly links: readonly PatientLinkRow[];
}

function planParting(persons: LockedPersons, merge: OpenMerge, request: UnmergeRequest): PlannedParting {
  const { patientId: record, survivorId: survivor } = merge;
  const own = persons.links.filter((link) => isMergeLink(link) && link.mergeId === merge.id);
  const rest = persons.links.filter((link) => !own.includes(link));
  const left = findMergeUnit(record, rest);
  const right = findMergeUnit(survivor, rest);
  if (request.allowRematch === true) {
    const isThere = (link: PatientLinkRow) =>
      rest.some(
        (other) =>
          other.patientId === link.patientId &&
          other.otherPatientId === link.otherPatientId &&
          other.linkType === link.linkType,
      );
    const restored = merge.inverse.changes.links.flatMap(({ before }) =>
      before === null || isThere(before) ? [] : [before],
    );
    return { taken: own, restored, cut: [], thirds: [], left, right, links: [...rest, ...restored] };
  }
  const { cut, thirds } = partPersons(left, right, rest, request.third ?? "queue");
  if (thirds.length > 0 && request.third === undefined) {
    throw new MpiError(
      "conflict",
      `${thirds.length === 1 ? "A record holds" : `${String(thirds.length)} records hold`} both: ${thirds.map((id) => id.slice(0, 8)).join(", ")}.`,
      {
        hint: "Say with --third a, b or queue whether it stays with the record that comes back, with the survivor, or is queued.",
        details: { reason: "thirds", thirds },
      },
    );
  }
  return {
    taken: [...own, ...cut],
    restored: [],
    cut,
    thirds,
    left,
    right,
    links: rest.filter((link) => !cut.includes(link)),
  };
}

/** A name for the person of each record, by these links. */
function listPersons(ids: readonly string[], links: readonly PatientLinkRow[]): ReadonlyMap<string, string> {
  return new Map(
    listComponents(ids, links).flatMap((component) => component.map((id) => [id, component[0]!] as const)),
  );
}
