import { buildBlocks } from "../blocking/block-limits.ts";
import { noLimits } from "../blocking/blocking-keys.ts";
import { readLimits } from "../blocking/candidate-pairs.ts";
import { KeyValues } from "../blocking/key-values.ts";
import { describeStore } from "../compare/store-traits.ts";
import type { CompiledModel } from "../model/compile-model.ts";
import type { RecordStore } from "../store/record-store.ts";
import { BlockScorer } from "./block-scorer.ts";
import { mergeScoredPairs, type ScoredPairs } from "./scored-pairs.ts";

export interface StoreScores {
  /** In order of a, then b. */
  readonly pairs: ScoredPairs;
  /** Candidate pairs by blocking rule. */
  readonly pairsByRule: readonly number[];
  /** Candidate pairs that had to be compared in full. */
  readonly compared: number;
  /** Pairs at or above the lowest line that were not kept. */
  readonly possible: number;
}

/** Scores every candidate pair of a store once, in the thread it is called in. */
export function scoreStore(store: RecordStore, compiled: CompiledModel, keepFrom: number): StoreScores {
  const { model, calibration } = compiled;
  const traits = describeStore(store);
  const values = new KeyValues(store, traits.keys);
  const limits = readLimits(model, calibration);
  const scorer = new BlockScorer({ store, traits, compiled, keepFrom });
  const pairsByRule = model.blocking.map((rule, index) => {
    const blocks = buildBlocks(store, values, rule, limits[index] ?? noLimits);
    return scorer.score(blocks, 0, blocks.keys.length, index);
  });
  return {
    pairs: mergeScoredPairs([scorer.finish()], store.size),
    pairsByRule,
    compared: scorer.compared,
    possible: scorer.possible,
  };
}
