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
import { collectCandidates, type CollectedCandidates, type SamplingOptions } from "./sample-candidates.ts";

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
  const finish = beginTraining(store, model, options, traits);
  return finish(collectCandidates(store, traits, model, samplingOptions(options)));
}

/** What candidates are collected with. */
export const samplingOptions = ({ seed }: TrainingOptions): SamplingOptions => ({ seed, pairsPerRule });

/**
 * All of trainModel that does not ask for candidate pairs, which another thread may collect meanwhile.
 *
 * @returns learns the rest from the candidates: collectCandidates of the same store, with samplingOptions.
 */
export function beginTraining(
  store: RecordStore,
  model: MatchModel,
  options: TrainingOptions,
  traits: StoreTraits,
): (candidates: CollectedCandidates) => TrainingResult {
  const start: Calibration = {
    ...defaultCalibration(model, store.size, builtInPlaceholders.version),
    seed: options.seed,
    frequencies: countFrequencies(store, model),
  };
  const compiled = compileModel(model, start);
  const comparer = new PairComparer(store, compiled, lookUpValues(store, start), traits);
  const random = countRandomLevels(store.size, comparer, options);
  return (candidates) => {
    const patterns = new AgreementPatterns(compiled);
    for (const [pair, count] of candidates.counts.entries()) {
      comparer.compare(candidates.a[pair]!, candidates.b[pair]!);
      patterns.add(comparer.levels, comparer.adjustments, count);
    }
    const { decidedMatches } = options;
    const estimate = estimateParameters(model, start, {
      ...random,
      patterns,
      allPairs: (store.size * (store.size - 1)) / 2,
      ...(decidedMatches === undefined ? {} : { decidedLevels: countLevels(comparer, decidedMatches) }),
    });
    return {
      calibration: {
        ...start,
        blocking: candidates.limits,
        probabilityTwoRandomRecordsMatch: estimate.probabilityTwoRandomRecordsMatch,
        comparisons: estimate.comparisons,
        frequencies: estimate.frequencies,
        relations: estimate.relations,
      },
      estimate,
      coverage: candidates.coverage,
      candidatePairs: candidates.candidatePairs,
      patterns: patterns.size,
    };
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
    for (const [a, b] of pickRandomPairs(size, options)) count(a, b);
  }
  return { randomLevels, randomPairs };
}

/** Rows of one neighbourhood lie on a few pages of memory. */
const neighbourhoodBits = 14;

/**
 * Pairs picked at random, neighbourhood by neighbourhood: one after the other as they are picked, each would wait for the
 * memory of two dozen columns in two places.
 */
function* pickRandomPairs(size: number, { seed, randomPairs }: TrainingOptions): Generator<[number, number]> {
  const numbers = new RandomNumbers(seed);
  const first = new Int32Array(randomPairs);
  const second = new Int32Array(randomPairs);
  const neighbourhoods = new Float64Array(randomPairs);
  for (let i = 0; i < randomPairs; i++) {
    const a = numbers.below(size);
    const other = numbers.below(size - 1);
    const b = other < a ? other : other + 1;
    first[i] = a;
    second[i] = b;
    neighbourhoods[i] = (a >> neighbourhoodBits) * 2 ** 20 + (b >> neighbourhoodBits);
  }
  const order = Uint32Array.from(first, (_, i) => i).sort((x, y) => neighbourhoods[x]! - neighbourhoods[y]!);
  for (const i of order) yield [first[i]!, second[i]!];
}
