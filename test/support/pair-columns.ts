import {
  levelsPerPair,
  PairCollector,
  pairFlags,
  type ScoredPairs,
} from "../../src/matching/bulk/scored-pairs.ts";

/** A scored pair of rows, as far as deciding and clustering look at it. */
export interface PlainPair {
  readonly a: number;
  readonly b: number;
  readonly weight: number;
  readonly isAutomatic?: boolean;
  readonly separates?: boolean;
}

const noLevels = new Int8Array(levelsPerPair).fill(-1);
const noScores = { name: null, birthDate: null, gender: null, address: null, identifier: null };

/** Pairs as the columns that a run works on. */
export function scoredPairs(pairs: readonly PlainPair[]): ScoredPairs {
  const collector = new PairCollector();
  for (const { a, b, weight, isAutomatic = false, separates = false } of pairs) {
    const flags =
      pairFlags.aboveReviewLine |
      (isAutomatic ? pairFlags.automatic : 0) |
      (separates ? pairFlags.separates : 0);
    collector.add(a, b, weight, 0, flags, noLevels, noScores);
  }
  return collector.finish();
}
