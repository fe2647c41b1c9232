import { visitCandidates } from "../blocking/candidate-pairs.ts";
import { describeStore } from "../compare/store-traits.ts";
import { lookUpValues } from "../compare/value-tables.ts";
import type { Calibration } from "../model/calibration.ts";
import { compileModel, weightOfProbability, type CompiledModel } from "../model/compile-model.ts";
import type { MatchModel } from "../model/match-model.ts";
import { componentScores, type ComponentScores } from "../score/component-scores.ts";
import { isWorthRules, judgePair } from "../score/judge-pair.ts";
import { PairScorer } from "../score/pair-scorer.ts";
import { compileRules, type RuleSet } from "../score/rules.ts";
import type { RecordStore } from "../store/record-store.ts";
import type { ReviewPairs } from "./automatic-links.ts";

/** A pair worth keeping: at or above the line, or shown to a person by a rule. */
export interface KeptPair {
  readonly a: number;
  readonly b: number;
  readonly weight: number;
  readonly levels: readonly number[];
  /** Bits of the rules that fired. */
  readonly rules: number;
  readonly components: ComponentScores;
  readonly isAutomatic: boolean;
  readonly isAboveReviewLine: boolean;
}

export interface ScoredCandidates {
  readonly compiled: CompiledModel;
  readonly rules: RuleSet;
  /** In order of a, then b. */
  readonly kept: readonly KeptPair[];
  /** Candidate pairs by blocking rule. */
  readonly pairsByRule: readonly number[];
  /** Candidate pairs at 0.5 and above that were not kept. */
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
  const scorer = new PairScorer(store, compiled, lookUpValues(store, calibration), describeStore(store));
  const rules = compileRules(model);
  const keepFrom = weightOfProbability(line);
  const { sources } = store;
  const kept: KeptPair[] = [];
  let possible = 0;
  const pairsByRule = visitCandidates(store, model, calibration, (a, b) => {
    if (wanted !== undefined && !wanted(a, b)) return;
    scorer.score(a, b);
    const { weight } = scorer;
    const { levels, adjustments, facts } = scorer.comparer;
    const fired = isWorthRules(compiled, scorer.evidence, levels, facts) ? rules.evaluate(levels, facts) : 0;
    const isSameSource = sources[a]! >= 0 && sources[a] === sources[b];
    const judged = judgePair(compiled, rules, weight, fired, isSameSource);
    if (weight >= keepFrom || judged.isAboveReviewLine) {
      kept.push({
        a,
        b,
        weight,
        levels: [...levels],
        rules: fired,
        components: componentScores(compiled, levels, adjustments),
        isAutomatic: judged.isAutomatic,
        isAboveReviewLine: judged.isAboveReviewLine,
      });
    } else if (weight >= compiled.thresholds.possible) possible += 1;
  });
  kept.sort((x, y) => x.a - y.a || x.b - y.b);
  return { compiled, rules, kept, pairsByRule, possible };
}

export const toReviewPairs = (kept: readonly KeptPair[], rules: RuleSet): ReviewPairs => ({
  size: kept.length,
  a: Int32Array.from(kept, (pair) => pair.a),
  b: Int32Array.from(kept, (pair) => pair.b),
  weights: Float64Array.from(kept, (pair) => pair.weight),
  isAutomatic: Uint8Array.from(kept, (pair) => (pair.isAutomatic ? 1 : 0)),
  separates: Uint8Array.from(kept, (pair) => ((pair.rules & rules.separate) === 0 ? 0 : 1)),
});
