import { probabilityOfWeight } from "../model/compile-model.ts";
import { pairMetrics, type PairMetrics } from "./pair-metrics.ts";

/** Scored pairs of which the truth is known. */
export interface JudgedPairs {
  readonly weights: ArrayLike<number>;
  /** 1 where the two are one person. */
  readonly isTrue: ArrayLike<number>;
}

export interface ThresholdPoint extends PairMetrics {
  /** Bits; pairs at or above it are taken for matches. */
  readonly weight: number;
  readonly probability: number;
}

export interface WeightBin {
  /** Bits, from inclusive, to exclusive. */
  readonly from: number;
  readonly to: number;
  readonly matches: number;
  readonly others: number;
}

/**
 * Precision, recall and F1 at every threshold of a range, over all true pairs, those that are not among the scored
 * ones included.
 *
 * @param truePairs all there are.
 * @param thresholds bits, in any order.
 */
export function thresholdCurve(
  { weights, isTrue }: JudgedPairs,
  truePairs: number,
  thresholds: readonly number[],
): readonly ThresholdPoint[] {
  const order = Uint32Array.from({ length: weights.length }, (_, pair) => pair).sort(
    (a, b) => weights[b]! - weights[a]!,
  );
  let claimed = 0;
  let right = 0;
  return [...thresholds]
    .sort((a, b) => b - a)
    .map((weight) => {
      while (claimed < order.length && weights[order[claimed]!]! >= weight) {
        right += isTrue[order[claimed]!]!;
        claimed++;
      }
      return { weight, probability: probabilityOfWeight(weight), ...pairMetrics(right, claimed, truePairs) };
    })
    .reverse();
}

/** How many matches and others there are at each weight, in bins that begin at multiples of their width. */
export function weightHistogram({ weights, isTrue }: JudgedPairs, width: number): readonly WeightBin[] {
  const bins = new Map<number, [matches: number, others: number]>();
  for (let pair = 0; pair < weights.length; pair++) {
    const at = Math.floor(weights[pair]! / width);
    const bin = bins.get(at) ?? [0, 0];
    bin[isTrue[pair] === 1 ? 0 : 1]++;
    bins.set(at, bin);
  }
  return [...bins]
    .sort(([a], [b]) => a - b)
    .map(([at, [matches, others]]) => ({ from: at * width, to: (at + 1) * width, matches, others }));
}
