import type { ConnectionTarget, Database } from "../../db/client.ts";
import { selectDecidedMatches, type DecidedMatch } from "../../db/queries/decided-matches.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { scoreStore } from "../../matching/bulk/score-store.ts";
import { decideAutomaticLinks } from "../../matching/decide/automatic-links.ts";
import type { Calibration } from "../../matching/model/calibration.ts";
import { compileModel } from "../../matching/model/compile-model.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { RecordScorer } from "../../matching/score/score-records.ts";
import { trainModel } from "../../matching/training/train.ts";
import { findKeptCalibration } from "./calibration-store.ts";
import { loadStore, type LoadedRecords } from "./load-store.ts";
import { loadDecisions, type StandingDecisions } from "./person-decisions.ts";

export interface SimulateOptions {
  readonly today: MatchModel;
  readonly candidate: MatchModel;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: SimulatePhase) => void;
}

export type SimulatePhase = "load" | "today" | "candidate";

/** What a full run with a model would do to the records as they are now. */
export interface SimulatedRun {
  readonly name: string;
  readonly version: string;
  /** Null where it would be learned first; it was, and not kept. */
  readonly calibrationId: string | null;
  /** Pairs linked automatically. */
  readonly links: number;
  /** Pairs that would wait for a person. */
  readonly queue: number;
  readonly conflicts: number;
  /** Decisions of people that its scores speak against. */
  readonly contradicted: number;
}

export interface LinkChange {
  readonly a: string;
  readonly b: string;
}

/** A decision that the scores of the candidate speak against. It stands; no run changes one. */
export interface ContradictedDecision {
  readonly a: string;
  readonly b: string;
  readonly decision: "same" | "different";
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  /** Bits, under the candidate and under today's model. */
  readonly weight: number;
  readonly weightToday: number;
  /** True where today's model speaks against it too. */
  readonly isAlsoToday: boolean;
}

export interface Simulation {
  readonly records: number;
  readonly today: SimulatedRun;
  readonly candidate: SimulatedRun;
  /** In order of the records' ids. */
  readonly linksGained: readonly LinkChange[];
  readonly linksLost: readonly LinkChange[];
  readonly contradictions: readonly ContradictedDecision[];
}

/**
 * What would change with another model: both are run over the same records and decisions, in memory. Nothing is
 * stored, no run is recorded.
 */
export async function simulateMatch(
  db: Database,
  target: ConnectionTarget,
  audit: AuditContext,
  { today, candidate, signal, onPhase }: SimulateOptions,
): Promise<Simulation> {
  onPhase("load");
  const loaded = await loadStore(db, target, today, signal);
  const decided = await selectDecidedMatches(db);
  const decisions = await withTransaction(db, audit, (tx) => loadDecisions(tx, loaded.ids, "all"), {
    dryRun: true,
  });
  onPhase("today");
  const now = await simulate(db, loaded, today, decisions, decided);
  signal.throwIfAborted();
  onPhase("candidate");
  // What counts as a national identifier is the model's to say, and decided when a record is read.
  const isReadAlike = today.nationalIdentifierTypes.join() === candidate.nationalIdentifierTypes.join();
  const then = await simulate(
    db,
    isReadAlike ? loaded : await loadStore(db, target, candidate, signal),
    candidate,
    decisions,
    decided,
  );
  return {
    records: loaded.store.size,
    today: now.run,
    candidate: then.run,
    linksGained: listMissing(then.links, now.links),
    linksLost: listMissing(now.links, then.links),
    contradictions: decided.flatMap((pair, place) => {
      const judged = then.judged[place];
      return judged?.isContradicted === true
        ? [describeContradiction(pair, judged, now.judged[place] ?? judged)]
        : [];
    }),
  };
}

interface Judged {
  readonly weight: number;
  readonly isContradicted: boolean;
}

interface SimulatedScores {
  readonly run: SimulatedRun;
  /** Pairs of ids that are linked, by their key. */
  readonly links: ReadonlyMap<string, LinkChange>;
  /** By decided pair; undefined where a record takes no part any more. */
  readonly judged: readonly (Judged | undefined)[];
}

async function simulate(
  db: Database,
  { ids, store }: LoadedRecords,
  model: MatchModel,
  decisions: StandingDecisions,
  decided: readonly DecidedMatch[],
): Promise<SimulatedScores> {
  const kept = await findKeptCalibration(db, model);
  const calibration: Calibration = kept?.calibration ?? trainModel(store, model).calibration;
  const compiled = compileModel(model, calibration);
  const { pairs } = scoreStore(store, compiled, model.thresholds.review);
  const { isLinked, isConflict } = decideAutomaticLinks(store.size, pairs, model, decisions);
  const settled = new Set(decided.map((pair) => `${pair.patientId}|${pair.candidateId}`));
  const links = new Map<string, LinkChange>();
  let queue = 0;
  let conflicts = 0;
  for (let pair = 0; pair < pairs.size; pair++) {
    const [a, b] = [ids.get(pairs.a[pair]!), ids.get(pairs.b[pair]!)];
    const key = `${a}|${b}`;
    if (isLinked[pair] === 1) links.set(key, { a, b });
    else if (!settled.has(key)) queue++;
    conflicts += isConflict[pair]!;
  }
  const scorer = new RecordScorer(store, compiled);
  const judged = decided.map((pair) => {
    const [a, b] = [ids.find(pair.patientId), ids.find(pair.candidateId)];
    if (a < 0 || b < 0) return undefined;
    const { weight, isAboveReviewLine, isAutomatic } = scorer.score(a, b);
    return { weight, isContradicted: pair.isSame ? !isAboveReviewLine : isAutomatic };
  });
  return {
    run: {
      name: model.name,
      version: model.version,
      calibrationId: kept?.id ?? null,
      links: links.size,
      queue,
      conflicts,
      contradicted: judged.filter((each) => each?.isContradicted === true).length,
    },
    links,
    judged,
  };
}

const listMissing = (
  links: ReadonlyMap<string, LinkChange>,
  others: ReadonlyMap<string, LinkChange>,
): readonly LinkChange[] => [...links].flatMap(([key, link]) => (others.has(key) ? [] : [link]));

const describeContradiction = (pair: DecidedMatch, judged: Judged, today: Judged): ContradictedDecision => ({
  a: pair.patientId,
  b: pair.candidateId,
  decision: pair.isSame ? "same" : "different",
  decidedBy: pair.decidedBy,
  decidedAt: pair.decidedAt,
  weight: judged.weight,
  weightToday: today.weight,
  isAlsoToday: today.isContradicted,
});
