import type { ConnectionTarget, Database } from "../../db/client.ts";
import { withMatchLock } from "../../db/match-lock.ts";
import { selectDecidedMatches, type DecidedMatch } from "../../db/queries/decided-matches.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import type { BlockCoverage } from "../../matching/blocking/block-limits.ts";
import { findComparisonKind } from "../../matching/model/comparison-kinds.ts";
import { compileModel } from "../../matching/model/compile-model.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { RecordScorer } from "../../matching/score/score-records.ts";
import type { TrainingResult } from "../../matching/training/train.ts";
import { ensureAuditPartitions } from "../audit/partitions.ts";
import { keepCalibration } from "./calibration-store.ts";
import { loadStore, type LoadedRecords } from "./load-store.ts";
import { trainRecords } from "./train-records.ts";

export interface TrainOptions {
  readonly model: MatchModel;
  readonly seed: number;
  /** Pairs picked at random for u. */
  readonly randomPairs: number;
  /** Take m from the pairs that people decided. */
  readonly fromDecisions: boolean;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: "load" | "train") => void;
}

export interface LearnedLevel {
  readonly name: string;
  readonly label: string;
  readonly m: number;
  readonly u: number;
  /** log2(m/u), in bits. */
  readonly weight: number;
}

export interface LearnedComparison {
  readonly name: string;
  readonly label: string;
  /** False where the records showed too little, so that m is the model's own. */
  readonly learned: boolean;
  readonly levels: readonly LearnedLevel[];
}

export interface LearnedRelation {
  readonly name: string;
  readonly label: string;
  readonly pairsPerRecord: number;
}

export interface DecisionsUsed {
  readonly same: number;
  readonly different: number;
  /** Decided pairs of which a record takes no part any more. */
  readonly gone: number;
  /** Pairs said to be one person that would not even come before a person now. */
  readonly sameBelowReview: number;
  /** Pairs said to be two persons that the two records alone would link. */
  readonly differentAutomatic: number;
}

export interface Training {
  /** Null in a dry run. */
  readonly calibrationId: string | null;
  readonly seed: number;
  readonly records: number;
  readonly candidatePairs: number;
  /** Different patterns of agreement among them. */
  readonly patterns: number;
  readonly rounds: number;
  readonly converged: boolean;
  readonly probabilityTwoRandomRecordsMatch: number;
  /** Log2 of its odds. */
  readonly priorWeight: number;
  /** True pairs expected among the candidates. */
  readonly expectedMatches: number;
  readonly comparisons: readonly LearnedComparison[];
  readonly relations: readonly LearnedRelation[];
  readonly coverage: readonly BlockCoverage[];
  /** Null where decisions were not asked for. */
  readonly decisions: DecisionsUsed | null;
}

/**
 * Learns a calibration from all records, and keeps it: the next run scores every pair with it.
 *
 * @throws {MpiError} `locked` while a run is at work; `usage` where there is nothing to learn from.
 */
export function trainMatch(
  db: Database,
  target: ConnectionTarget,
  audit: AuditContext,
  options: TrainOptions,
): Promise<Training> {
  const { model, seed, randomPairs, fromDecisions, dryRun, signal, onPhase } = options;
  return withMatchLock(target, async () => {
    onPhase("load");
    const decided = fromDecisions ? findRows(await selectDecidedMatches(db)) : undefined;
    const loaded = await loadStore(db, target, model, signal);
    if (loaded.store.size < 2) {
      throw new MpiError("usage", "There are fewer than two records: nothing can be learned from them.");
    }
    const pairs = decided?.(loaded);
    signal.throwIfAborted();
    onPhase("train");
    const trainingOptions = {
      seed,
      randomPairs,
      ...(pairs === undefined ? {} : { decidedMatches: pairs.same }),
    };
    const result = await trainRecords(loaded.store, model, trainingOptions, signal);
    signal.throwIfAborted();
    const decisions = pairs === undefined ? null : checkDecisions(loaded, model, result, pairs);
    const calibrationId = dryRun
      ? null
      : await keep(db, audit, model, result, fromDecisions ? "decisions" : "train");
    return { calibrationId, seed, decisions, ...describeTraining(model, loaded, result) };
  });
}

async function keep(
  db: Database,
  audit: AuditContext,
  model: MatchModel,
  { calibration }: TrainingResult,
  origin: "train" | "decisions",
): Promise<string> {
  await ensureAuditPartitions(db, audit);
  return withTransaction(db, audit, (tx) => keepCalibration(tx, model, calibration, origin));
}

type RowPair = readonly [number, number];

interface DecidedRows {
  readonly same: readonly RowPair[];
  readonly different: readonly RowPair[];
  readonly gone: number;
}

/** @throws {MpiError} `usage` where nobody decided "same" yet. */
function findRows(decided: readonly DecidedMatch[]): (loaded: LoadedRecords) => DecidedRows {
  if (!decided.some((pair) => pair.isSame)) {
    throw new MpiError("usage", 'No pair was decided to be "same" yet: there is nothing to learn m from.', {
      hint: 'Decide some with "mpi review", or learn without --from-decisions.',
    });
  }
  return ({ ids }) => {
    const same: RowPair[] = [];
    const different: RowPair[] = [];
    for (const pair of decided) {
      const rows = [ids.find(pair.patientId), ids.find(pair.candidateId)] as const;
      if (rows[0] >= 0 && rows[1] >= 0) (pair.isSame ? same : different).push(rows);
    }
    return { same, different, gone: decided.length - same.length - different.length };
  };
}

/** What was learned, asked about the very pairs that people decided. */
function checkDecisions(
  { store }: LoadedRecords,
  model: MatchModel,
  { calibration }: TrainingResult,
  { same, different, gone }: DecidedRows,
): DecisionsUsed {
  const scorer = new RecordScorer(store, compileModel(model, calibration));
  return {
    same: same.length,
    different: different.length,
    gone,
    sameBelowReview: same.filter(([a, b]) => !scorer.score(a, b).isAboveReviewLine).length,
    differentAutomatic: different.filter(([a, b]) => scorer.score(a, b).isAutomatic).length,
  };
}

function describeTraining(
  model: MatchModel,
  { store }: LoadedRecords,
  { calibration, estimate, coverage, candidatePairs, patterns }: TrainingResult,
): Omit<Training, "calibrationId" | "seed" | "decisions"> {
  return {
    records: store.size,
    candidatePairs,
    patterns,
    rounds: estimate.rounds,
    converged: estimate.converged,
    probabilityTwoRandomRecordsMatch: estimate.probabilityTwoRandomRecordsMatch,
    priorWeight: compileModel(model, calibration).priorWeight,
    expectedMatches: estimate.expectedMatches,
    comparisons: calibration.comparisons.map(({ name, learned, levels }) => {
      const kind = findComparisonKind(name);
      return {
        name,
        label: kind?.label ?? name,
        learned,
        levels: levels.map(({ name: level, m, u }) => ({
          name: level,
          label: kind?.levels.find((each) => each.name === level)?.label ?? level,
          m,
          u,
          weight: Math.log2(m / u),
        })),
      };
    }),
    relations: calibration.relations.map(({ name, pairsPerRecord }) => ({
      name,
      label: model.relations.find((each) => each.name === name)?.label ?? name,
      pairsPerRecord,
    })),
    coverage,
  };
}
