import { visitCandidates } from "../blocking/candidate-pairs.ts";
import { lookUpValues } from "../compare/value-tables.ts";
import type { Calibration } from "../model/calibration.ts";
import { components } from "../model/comparison-kinds.ts";
import {
  compileModel,
  probabilityOfWeight,
  weightOfProbability,
  type CompiledModel,
} from "../model/compile-model.ts";
import type { MatchModel } from "../model/match-model.ts";
import { PairScorer } from "../score/pair-scorer.ts";
import type { RecordStore } from "../store/record-store.ts";
import { componentScores } from "./component-scores.ts";
import { FiredRules } from "./fired-rules.ts";
import type { ReviewPairs } from "./automatic-links.ts";

/** A pair worth keeping: at or above the review line, or shown to a person by a rule. */
export interface KeptPair {
  readonly a: number;
  readonly b: number;
  readonly weight: number;
  readonly levels: readonly number[];
  /** Bits of the rules that fired. */
  readonly rules: number;
  /** In the order of `components`. */
  readonly components: readonly (number | null)[];
}

export interface ScoredCandidates {
  readonly compiled: CompiledModel;
  readonly rules: FiredRules;
  readonly kept: readonly KeptPair[];
  /** Candidate pairs by blocking rule. */
  readonly pairsByRule: readonly number[];
  /** Candidate pairs at 0.5 and above that are below the review line. */
  readonly possible: number;
}

export interface CandidateOptions {
  /** Leaves pairs out before they are scored: an incremental run looks at pairs with a changed record only. */
  readonly wanted?: (a: number, b: number) => boolean;
  /** Probability from which pairs are kept; default: the review line. */
  readonly line?: number;
}

/**
 * Scores every candidate pair of a store once.
 */
export function scoreCandidates(
  store: RecordStore,
  model: MatchModel,
  calibration: Calibration,
  options: CandidateOptions = {},
): ScoredCandidates {
  const { wanted, line = model.thresholds.review } = options;
  const compiled = compileModel(model, calibration);
  const scorer = new PairScorer(store, compiled, lookUpValues(store, calibration));
  const rules = new FiredRules(model);
  const keepFrom = weightOfProbability(line);
  const possible = weightOfProbability(model.thresholds.possible);
  const kept: KeptPair[] = [];
  let possibleCount = 0;
  const pairsByRule = visitCandidates(store, model, calibration, (a, b) => {
    if (wanted !== undefined && !wanted(a, b)) return;
    scorer.score(a, b);
    const { levels, adjustments, facts } = scorer.comparer;
    const fired = rules.evaluate(levels, facts);
    if (scorer.weight >= keepFrom || rules.asksForReview(fired)) {
      kept.push({
        a,
        b,
        weight: scorer.weight,
        levels: [...levels],
        rules: fired,
        components: componentScores(compiled, levels, adjustments),
      });
    } else if (scorer.weight >= possible) possibleCount += 1;
  });
  kept.sort((x, y) => x.a - y.a || x.b - y.b);
  return { compiled, rules, kept, pairsByRule, possible: possibleCount };
}

export const toReviewPairs = (kept: readonly KeptPair[]): ReviewPairs => ({
  size: kept.length,
  a: Int32Array.from(kept, (pair) => pair.a),
  b: Int32Array.from(kept, (pair) => pair.b),
  weights: Float64Array.from(kept, (pair) => pair.weight),
  rules: Int32Array.from(kept, (pair) => pair.rules),
});

/** The component scores of a kept pair by name. */
export const namedComponents = (
  pair: KeptPair,
): Readonly<Record<(typeof components)[number], number | null>> =>
  Object.fromEntries(components.map((name, place) => [name, pair.components[place] ?? null])) as Record<
    (typeof components)[number],
    number | null
  >;

export const probabilityOf = (pair: KeptPair): number => probabilityOfWeight(pair.weight);
