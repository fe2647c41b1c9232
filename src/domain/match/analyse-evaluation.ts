import {
  weightHistogram,
  thresholdCurve,
  type ThresholdPoint,
  type WeightBin,
} from "../../matching/evaluate/threshold-curve.ts";
import type { ScoredPairs } from "../../matching/bulk/scored-pairs.ts";
import { comparisonKinds } from "../../matching/model/comparison-kinds.ts";
import type { CompiledModel } from "../../matching/model/compile-model.ts";
import { RecordScorer } from "../../matching/score/score-records.ts";
import type { RecordStore } from "../../matching/store/record-store.ts";

/** A pair that matching and the truth see differently. */
export interface ExaminedPair {
  readonly a: string;
  readonly b: string;
  readonly weight: number;
  readonly probability: number;
  readonly isAutomatic: boolean;
  readonly rules: readonly string[];
  /** Null where a run never compares the two. */
  readonly blockingRule: string | null;
  /** What could be compared, as it came out; never a value. */
  readonly comparisons: readonly {
    readonly label: string;
    readonly level: string;
    readonly agrees: boolean;
  }[];
}

export interface EvaluationAnalysis {
  /** Weights of the lines, in bits. */
  readonly lines: { readonly possible: number; readonly review: number; readonly automatic: number };
  /** By half bits, lowest first. */
  readonly thresholds: readonly ThresholdPoint[];
  readonly histogram: readonly WeightBin[];
  /** Pairs of two persons that weigh most, heaviest first. */
  readonly falseMatches: readonly ExaminedPair[];
  /** Pairs of one person that weigh least, or that are never compared, lightest first. */
  readonly misses: readonly ExaminedPair[];
}

/** Probability from which an evaluation looks at pairs; below it the curve does not go. */
export const lowestLooked = 0.001;

/** Of more missed pairs than this only the first are weighed, in order of their records. */
const mostMisses = 20_000;

/**
 * Where matching goes wrong: the measures over the range of thresholds, how the weights spread, and the worst pairs.
 *
 * @param pairs all from `lowestLooked` on.
 * @param labels by row: equal ones are one person in truth; -1 where nothing is known.
 */
export function analyseEvaluation(
  store: RecordStore,
  compiled: CompiledModel,
  pairs: ScoredPairs,
  labels: readonly number[],
  options: { readonly truePairs: number; readonly worst: number; readonly idOf: (row: number) => string },
): EvaluationAnalysis {
  const known = Array.from({ length: pairs.size }, (_, pair) => pair).filter(
    (pair) => labels[pairs.a[pair]!]! >= 0 && labels[pairs.b[pair]!]! >= 0,
  );
  const isTrueOf = (pair: number) => labels[pairs.a[pair]!] === labels[pairs.b[pair]!];
  const judged = {
    weights: known.map((pair) => pairs.weights[pair]!),
    isTrue: known.map((pair) => Number(isTrueOf(pair))),
  };
  const { possible } = compiled.thresholds;
  const scorer = new RecordScorer(store, compiled);
  const examine = ([a, b]: readonly [number, number]) => examinePair(scorer, a, b, options.idOf);
  const falseMatches = known
    .filter((pair) => !isTrueOf(pair) && pairs.weights[pair]! >= possible)
    .sort((x, y) => pairs.weights[y]! - pairs.weights[x]! || x - y)
    .slice(0, options.worst)
    .map((pair) => examine([pairs.a[pair]!, pairs.b[pair]!]));
  const found = new Set(
    known
      .filter((pair) => isTrueOf(pair) && pairs.weights[pair]! >= possible)
      .map((pair) => rowKey(pairs.a[pair]!, pairs.b[pair]!)),
  );
  const misses = listTruePairs(labels, mostMisses, (a, b) => !found.has(rowKey(a, b)))
    .map((rows) => ({ rows, ...scorer.score(...rows) }))
    .sort((x, y) => x.weight - y.weight)
    .slice(0, options.worst)
    .map(({ rows }) => examine(rows));
  return {
    lines: compiled.thresholds,
    thresholds: thresholdCurve(
      judged,
      options.truePairs,
      curveThresholds(judged.weights, compiled.thresholds),
    ),
    histogram: weightHistogram(judged, 1),
    falseMatches,
    misses,
  };
}

const rowKey = (a: number, b: number) => Math.min(a, b) * 0x1_0000_0000 + Math.max(a, b);

/** Every half bit from the lowest weight that is looked at to the highest there is, and the lines. */
function curveThresholds(weights: readonly number[], lines: CompiledModel["thresholds"]): readonly number[] {
  const lowest = Math.ceil(Math.log2(lowestLooked / (1 - lowestLooked)) * 2);
  const highest = Math.ceil(weights.reduce((most, weight) => Math.max(most, weight), lines.automatic) * 2);
  const halves = Array.from({ length: Math.max(1, highest - lowest + 1) }, (_, at) => (lowest + at) / 2);
  const named = [...new Set([lines.possible, lines.review, lines.automatic])];
  // A line may lie a rounding error beside a half bit: it is one point, not two.
  const isNamed = (weight: number) => named.some((line) => Math.abs(line - weight) < 1e-6);
  return [...halves.filter((weight) => !isNamed(weight)), ...named];
}

/** Pairs of rows with one label, in order of the later row. */
function listTruePairs(
  labels: readonly number[],
  most: number,
  isWanted: (a: number, b: number) => boolean,
): (readonly [number, number])[] {
  const members = new Map<number, number[]>();
  const pairs: (readonly [number, number])[] = [];
  for (const [row, label] of labels.entries()) {
    if (label < 0) continue;
    const others = members.get(label) ?? [];
    for (const other of others) {
      if (isWanted(other, row)) pairs.push([other, row]);
      if (pairs.length === most) return pairs;
    }
    members.set(label, [...others, row]);
  }
  return pairs;
}

function examinePair(
  scorer: RecordScorer,
  a: number,
  b: number,
  idOf: (row: number) => string,
): ExaminedPair {
  const { weight, probability, isAutomatic, rules, blockingRule, levels } = scorer.score(a, b);
  return {
    a: idOf(a),
    b: idOf(b),
    weight,
    probability,
    isAutomatic,
    rules,
    blockingRule,
    comparisons: comparisonKinds.flatMap(({ label, levels: kindLevels }, k) => {
      const level = kindLevels[levels[k]!];
      return level === undefined ? [] : [{ label, level: level.label, agrees: level.agrees }];
    }),
  };
}
