import type { BlockCoverage } from "../blocking/block-limits.ts";
import { PairComparer } from "../compare/pair-comparer.ts";
import { describeStore, type StoreTraits } from "../compare/store-traits.ts";
import { lookUpValues } from "../compare/value-tables.ts";
import { defaultCalibration, type Calibration } from "../model/calibration.ts";
import { comparisonKinds, unrecordedLevels } from "../model/comparison-kinds.ts";
import { compileModel } from "../model/compile-model.ts";
import type { MatchModel } from "../model/match-model.ts";
import { builtInPlaceholders } from "../reference/placeholders.ts";
import type { RecordStore } from "../store/record-store.ts";
import { AgreementPatterns } from "./agreement-patterns.ts";
import { countFrequencies } from "./count-frequencies.ts";
import { estimateParameters, type EstimatedParameters } from "./estimate-parameters.ts";
import { RandomNumbers } from "./random-numbers.ts";
import { sampleCandidates } from "./sample-candidates.ts";

export interface TrainingOptions {
  readonly seed: number;
  /** Pairs picked at random for u; all pairs where there are no more. */
  readonly randomPairs: number;
  /** Pairs of rows that people said are one person: m is learned from them where they are enough to tell. */
  readonly decidedMatches?: readonly (readonly [number, number])[];
}

export const defaultTrainingOptions: TrainingOptions = { seed: 1, randomPairs: 200_000 };

/** Pairs of a blocking rule that are compared; see sampleCandidates. */
const pairsPerRule = 20_000;

export interface TrainingResult {
  readonly calibration: Calibration;
  readonly estimate: EstimatedParameters;
  readonly coverage: readonly BlockCoverage[];
  /** An estimate where there are more than training looks at. */
  readonly candidatePairs: number;
  readonly patterns: number;
}

/**
 * Learns a calibration from unlabelled records: value frequencies by counting, u by counting and by pairs picked
 * at random, m and the prior by expectation maximisation on candidate pairs, of which a rule with very many gives a
 * sample. The same records, model and seed give the same calibration.
 *
 * @param traits describeStore of the store.
 */
export function trainModel(
  store: RecordStore,
  model: MatchModel,
  options: TrainingOptions = defaultTrainingOptions,
  traits: StoreTraits = describeStore(store),
): TrainingResult {
  const start: Calibration = {
    ...defaultCalibration(model, store.size, builtInPlaceholders.version),
    seed: options.seed,
    frequencies: countFrequencies(store, model),
  };
  const compiled = compileModel(model, start);
  const comparer = new PairComparer(store, compiled, lookUpValues(store, start), traits);
  const random = countRandomLevels(store.size, comparer, options);
  const patterns = new AgreementPatterns(compiled);
  const { seed } = options;
  const sampled = sampleCandidates(store, traits, model, { seed, pairsPerRule }, (a, b, count) => {
    comparer.compare(a, b);
    patterns.add(comparer.levels, comparer.adjustments, count);
  });
  const allPairs = (store.size * (store.size - 1)) / 2;
  const { decidedMatches } = options;
  const estimate = estimateParameters(model, start, {
    ...random,
    patterns,
    allPairs,
    ...(decidedMatches === undefined ? {} : { decidedLevels: countLevels(comparer, decidedMatches) }),
  });
  return {
    calibration: {
      ...start,
      blocking: sampled.limits,
      probabilityTwoRandomRecordsMatch: estimate.probabilityTwoRandomRecordsMatch,
      comparisons: estimate.comparisons,
      frequencies: estimate.frequencies,
      relations: estimate.relations,
    },
    estimate,
    coverage: sampled.coverage,
    candidatePairs: sampled.candidatePairs,
    patterns: patterns.size,
  };
}

const noLevels = (): Float64Array[] => comparisonKinds.map((kind) => new Float64Array(kind.levels.length));

function addLevels(sums: readonly Float64Array[], levels: Int8Array): void {
  for (let k = 0; k < sums.length; k++) {
    const level = levels[k]! < 0 ? unrecordedLevels[k]! : levels[k]!;
    if (level >= 0) sums[k]![level]!++;
  }
}

function countLevels(
  comparer: PairComparer,
  pairs: readonly (readonly [number, number])[],
): readonly Float64Array[] {
  const sums = noLevels();
  for (const [a, b] of pairs) {
    comparer.compare(a, b);
    addLevels(sums, comparer.levels);
  }
  return sums;
}

function countRandomLevels(
  size: number,
  comparer: PairComparer,
  options: TrainingOptions,
): { randomLevels: Float64Array[]; randomPairs: number } {
  const randomLevels = noLevels();
  let randomPairs = 0;
  const count = (a: number, b: number): void => {
    comparer.compare(a, b);
    randomPairs++;
    addLevels(randomLevels, comparer.levels);
  };
  if ((size * (size - 1)) / 2 <= options.randomPairs) {
    for (let a = 0; a < size; a++) for (let b = a + 1; b < size; b++) count(a, b);
  } else {
    const numbers = new RandomNumbers(options.seed);
    for (let i = 0; i < options.randomPairs; i++) {
      const a = numbers.below(size);
      const other = numbers.below(size - 1);
      count(a, other < a ? other : other + 1);
    }
  }
  return { randomLevels, randomPairs };
}
