import { buildBlocks, type KeyListener } from "../blocking/block-limits.ts";
import { noLimits } from "../blocking/blocking-keys.ts";
import { readLimits } from "../blocking/candidate-pairs.ts";
import { KeyValues } from "../blocking/key-values.ts";
import { describeStore } from "../compare/store-traits.ts";
import type { CompiledModel } from "../model/compile-model.ts";
import type { RecordStore } from "../store/record-store.ts";
import { BlockScorer, type BlockScorerInput } from "./block-scorer.ts";
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

/**
 * Scores every candidate pair of a store once, in the thread it is called in.
 *
 * @param keepFrom probability from which pairs are kept; those above the review line always are.
 * @param only by row: where given, only pairs with a record that is 1 there.
 */
export function scoreStore(
  store: RecordStore,
  compiled: CompiledModel,
  keepFrom: number,
  only?: Uint8Array,
): StoreScores {
  const traits = describeStore(store);
  const taken = { rules: 0 };
  const part = scoreRules({ store, traits, compiled, keepFrom, only }, () => taken.rules++);
  return joinScores([part], store.size);
}

/** What one thread found. */
export interface PartialScores {
  readonly pairs: ScoredPairs;
  readonly pairsByRule: Float64Array;
  readonly compared: number;
  readonly possible: number;
}

/**
 * Scores the blocks of one rule after the other, from the last: those of a model that find most pairs come last, and
 * threads that do the small ones at the end finish together.
 *
 * @param take how many rules have been taken before: several threads share them out.
 * @param onKeys is told the keys of each rule that was taken.
 */
export function scoreRules(
  input: BlockScorerInput,
  take: () => number,
  onKeys?: (rule: number, ...keys: Parameters<KeyListener>) => void,
): PartialScores {
  const { store, traits, compiled } = input;
  const { model, calibration } = compiled;
  const values = new KeyValues(store, traits.keys);
  const limits = readLimits(model, calibration);
  const scorer = new BlockScorer(input);
  const pairsByRule = new Float64Array(model.blocking.length);
  const last = model.blocking.length - 1;
  for (let rule = last - take(); rule >= 0; rule = last - take()) {
    const blocks = buildBlocks(
      store,
      values,
      model.blocking[rule]!,
      limits[rule] ?? noLimits,
      onKeys === undefined ? undefined : (...keys) => onKeys(rule, ...keys),
    );
    pairsByRule[rule] = scorer.score(blocks, 0, blocks.keys.length, rule);
  }
  return { pairs: scorer.finish(), pairsByRule, compared: scorer.compared, possible: scorer.possible };
}

/** Joins what the threads found: the same whoever found what. */
export function joinScores(parts: readonly PartialScores[], rows: number): StoreScores {
  const sum = (valueOf: (part: PartialScores) => number) =>
    parts.reduce((total, part) => total + valueOf(part), 0);
  const rules = parts[0]?.pairsByRule.length ?? 0;
  return {
    pairs: mergeScoredPairs(
      parts.map((part) => part.pairs),
      rows,
    ),
    pairsByRule: Array.from({ length: rules }, (_, rule) => sum((part) => part.pairsByRule[rule]!)),
    compared: sum((part) => part.compared),
    possible: sum((part) => part.possible),
  };
}
