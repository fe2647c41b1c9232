import type { Transaction } from "../../db/client.ts";
import { selectPairsBetween } from "../../db/queries/pairs.ts";
import type { PatientLinkRow, PatientMatchScoreRow } from "../../db/rows.ts";
import { MpiError } from "../../lib/errors.ts";
import { lockPersons, type LockedPersons } from "../person/lock-persons.ts";
import { partPersons } from "../person/part-persons.ts";
import { findMergeUnit, findPath, findReachable, isMergeLink } from "../person/person-graph.ts";
import { requireMember, requireTwo } from "../person/require-usable.ts";
import { ChangeJournal } from "./change-journal.ts";
import { alreadyMerged } from "./decide-same.ts";
import type { ScorePair } from "./pair-scorer.ts";
import { refreshConflicts } from "./refresh-conflicts.ts";
import { closeDecisions, toStandingDecision } from "./standing-decisions.ts";
import { findPair, writeDecision, type DecisionOrigin, type DecisionResult } from "./write-decision.ts";

export interface DifferentDecision {
  readonly a: string;
  readonly b: string;
  readonly origin: Extract<DecisionOrigin, "review" | "unlink" | "import">;
  readonly reason: string | null;
  /**
   * Third records that hold the two together by automatic links alone: `release` withdraws those links, so that
   * the thirds belong to neither and wait in the queue as conflicts; `refuse` refuses. People's own links always
   * refuse.
   */
  readonly thirds: "refuse" | "release";
}

/**
 * Two records are not the same person's: takes away the links between them and remembers it for good. The memory
 * binds whole persons and outlives re-import, new models and merges of either side.
 *
 * @throws {MpiError} `conflict` where a merge made them one record, where a third record holds them together, or
 *   where this was decided before.
 */
export async function decideDifferent(
  tx: Transaction,
  decision: DifferentDecision,
  scorePair?: ScorePair,
): Promise<DecisionResult> {
  const { a, b } = decision;
  requireTwo(a, b);
  const persons = await lockPersons(tx, [a, b]);
  requireMember(persons, a);
  requireMember(persons, b);
  const left = findMergeUnit(a, persons.links);
  const right = findMergeUnit(b, persons.links);
  if (left.has(b)) throw alreadyMerged(a, b);
  const known = await findPair(tx, a, b);
  if (known?.state === "rejected" && known.kind !== "basis_changed") throw alreadyDifferent(a, b);

  const cut = findLinksToCut(persons, left, right, decision);
  const journal = new ChangeJournal(tx);
  await journal.deleteLinks(cut);
  const closed = await releasePairs(tx, journal, left, right, cut);
  const pair = await writeDecision(tx, journal, { ...decision, state: "rejected" }, scorePair);
  await journal.recomputePersons([...persons.members.keys()]);
  await refreshConflicts(tx, [...persons.members.keys()], journal);
  return { pair, closed: closed.map(toStandingDecision), changes: journal.changes() };
}

/** The links to take away; see `thirds` of the decision. */
function findLinksToCut(
  persons: LockedPersons,
  left: ReadonlySet<string>,
  right: ReadonlySet<string>,
  { a, b, thirds }: DifferentDecision,
): readonly PatientLinkRow[] {
  const direct = persons.links.filter((link) => !isMergeLink(link) && joins(link, left, right));
  const others = persons.links.filter((link) => !direct.includes(link));
  const way = findPath(a, right, others);
  if (way === undefined) return direct;
  if (thirds === "refuse") throw heldTogether(a, b, way);

  // What people linked to either side stays with it; only automatic links may give way.
  const own = others.filter((link) => link.origin !== "run");
  const ownWay = findPath(a, right, own);
  if (ownWay !== undefined) throw heldTogether(a, b, ownWay);
  return [
    ...direct,
    ...partPersons(findReachable(left, own), findReachable(right, own), others, "queue").cut,
  ];
}

const joins = (link: PatientLinkRow, left: ReadonlySet<string>, right: ReadonlySet<string>): boolean =>
  (left.has(link.patientId) && right.has(link.otherPatientId)) ||
  (right.has(link.patientId) && left.has(link.otherPatientId));

/**
 * Decisions "same" across the two sides are closed, and automatic links that were taken away leave their pairs open
 * again. Returns what was closed.
 */
async function releasePairs(
  tx: Transaction,
  journal: ChangeJournal,
  left: ReadonlySet<string>,
  right: ReadonlySet<string>,
  cut: readonly PatientLinkRow[],
): Promise<readonly PatientMatchScoreRow[]> {
  const across = await selectPairsBetween(tx, [...left], [...right]);
  const closed = across.filter((pair) => pair.state === "confirmed");
  await closeDecisions(journal, closed);
  const ends = [...new Set(cut.flatMap((link) => [link.patientId, link.otherPatientId]))];
  const isCut = (pair: PatientMatchScoreRow) =>
    cut.some((link) => joins(link, new Set([pair.patientId]), new Set([pair.candidateId])));
  const automatic = new Map(
    [...across, ...(await selectPairsBetween(tx, ends, ends)).filter(isCut)]
      .filter((pair) => pair.state === "auto_linked")
      .map((pair) => [pair.id, pair]),
  );
  for (const pair of automatic.values()) await journal.updatePair(pair, { state: "pending" });
  return closed;
}

const alreadyDifferent = (a: string, b: string) =>
  new MpiError("conflict", `${a} and ${b} were decided to be different already.`, {
    details: { reason: "already-different" },
  });

/** The refusal that lists the way by which third records hold two together, and what can be done. */
export function heldTogether(a: string, b: string, way: readonly PatientLinkRow[]): MpiError {
  const stops = [a];
  for (const link of way) {
    const at = stops.at(-1);
    stops.push(link.patientId === at ? link.otherPatientId : link.patientId);
  }
  const shown = stops.map((id) => id.slice(0, 8)).join(" - ");
  return new MpiError("conflict", `A third record holds these two together: ${shown}.`, {
    hint:
      `Unlink a record on that way first, or take one out of its person altogether: ` +
      `mpi patient unlink ${a.slice(0, 8)}, or mpi patient unlink ${b.slice(0, 8)}.`,
    details: {
      reason: "held-together",
      way: way.map((link) => ({
        link: link.id,
        records: [link.patientId, link.otherPatientId],
        type: link.linkType,
        origin: link.origin,
      })),
    },
  });
}
