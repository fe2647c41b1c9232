import { limitBlocks, type BlockCoverage } from "../blocking/block-limits.ts";
import {
  FoundPairs,
  numberBlocks,
  roomForBlockNumbers,
  type BlockChains,
} from "../blocking/block-numbers.ts";
import type { BlockIndex } from "../blocking/block-index.ts";
import { KeyValues } from "../blocking/key-values.ts";
import type { StoreTraits } from "../compare/store-traits.ts";
import type { CalibratedBlockingRule } from "../model/calibration.ts";
import type { MatchModel } from "../model/match-model.ts";
import { GrowingInt32 } from "../store/growing-columns.ts";
import { mix } from "../store/hash-mix.ts";
import type { RecordStore } from "../store/record-store.ts";

export interface SampledCandidates {
  readonly limits: readonly CalibratedBlockingRule[];
  readonly coverage: readonly BlockCoverage[];
  /** How many candidate pairs there are: counted where all were visited, else estimated from those that were. */
  readonly candidatePairs: number;
}

/**
 * Limits the blocks of every rule, and visits a share of the candidate pairs, each under the first rule that finds it.
 * Of a rule whose blocks hold more than `pairsPerRule` pairs, pairs are picked by a hash of their rows and stand for
 * those that are passed over: every rule keeps enough to be told apart from the others, and the same records and
 * seed give the same pairs.
 *
 * @param visit `count` is how many pairs this one stands for.
 */
export function sampleCandidates(
  store: RecordStore,
  traits: StoreTraits,
  model: MatchModel,
  options: SamplingOptions,
  visit: (a: number, b: number, count: number) => void,
): SampledCandidates {
  const values = new KeyValues(store, traits);
  const rules = model.blocking.length;
  const numbers = roomForBlockNumbers(store.size, rules);
  const chains: BlockChains[] = [];
  const found = new FoundPairs(numbers, rules, chains);
  const limits: CalibratedBlockingRule[] = [];
  const coverage: BlockCoverage[] = [];
  let candidatePairs = 0;
  for (const [place, rule] of model.blocking.entries()) {
    const limited = limitBlocks(store, values, rule, model);
    limits.push(limited.limits);
    coverage.push(limited.coverage);
    const excluded = new Set(limited.limits.excluded);
    chains.push(numberBlocks(numbers, rules, place, limited.blocks, (key) => !excluded.has(key)));
    const share = Math.min(1, options.pairsPerRule / countPairs(limited.blocks, excluded));
    const isPicked = pickPairs(mix(options.seed, place), share);
    const picked = visitPicked(limited.blocks, excluded, place, found, isPicked, (a, b) =>
      visit(a, b, 1 / share),
    );
    candidatePairs += picked / share;
  }
  return { limits, coverage, candidatePairs: Math.round(candidatePairs) };
}

export interface CollectedCandidates extends SampledCandidates {
  /** Rows of the pairs, in the order they were visited. */
  readonly a: Int32Array;
  readonly b: Int32Array;
  /** How many pairs each stands for. */
  readonly counts: Float64Array;
}

export interface SamplingOptions {
  readonly seed: number;
  readonly pairsPerRule: number;
}

/** The same as columns, which one thread can gather for another. */
export function collectCandidates(
  store: RecordStore,
  traits: StoreTraits,
  model: MatchModel,
  options: SamplingOptions,
): CollectedCandidates {
  const rows = new GrowingInt32();
  const counts: number[] = [];
  const sampled = sampleCandidates(store, traits, model, options, (a, b, count) => {
    rows.push(a);
    rows.push(b);
    counts.push(count);
  });
  return {
    ...sampled,
    a: Int32Array.from(counts, (_, pair) => rows.at(2 * pair)),
    b: Int32Array.from(counts, (_, pair) => rows.at(2 * pair + 1)),
    counts: Float64Array.from(counts),
  };
}

function countPairs({ keys, starts }: BlockIndex, excluded: ReadonlySet<number>): number {
  let pairs = 0;
  for (let g = 0; g < keys.length; g++) {
    const size = starts[g + 1]! - starts[g]!;
    if (!excluded.has(keys[g]!)) pairs += (size * (size - 1)) / 2;
  }
  return pairs;
}

/** Tells pairs that are picked from others, by their rows and the seed alone. */
function pickPairs(seed: number, share: number): (a: number, b: number) => boolean {
  if (share >= 1) return () => true;
  const line = share * 2 ** 32;
  return (a, b) => mix(mix(seed, a), b) >>> 0 < line;
}

function visitPicked(
  { keys, starts, rows }: BlockIndex,
  excluded: ReadonlySet<number>,
  rule: number,
  found: FoundPairs,
  isPicked: (a: number, b: number) => boolean,
  visit: (a: number, b: number) => void,
): number {
  let pairs = 0;
  for (let g = 0; g < keys.length; g++) {
    if (excluded.has(keys[g]!)) continue;
    const end = starts[g + 1]!;
    for (let x = starts[g]!; x < end; x++) {
      const a = rows[x]!;
      for (let y = x + 1; y < end; y++) {
        const b = rows[y]!;
        if (!isPicked(a, b)) continue;
        if (found.isFoundBefore(rule, g, a, b)) continue;
        pairs++;
        visit(a, b);
      }
    }
  }
  return pairs;
}
