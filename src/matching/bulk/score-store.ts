import type { RowGroups } from "../blocking/block-index.ts";
import { buildBlocks, type KeyListener } from "../blocking/block-limits.ts";
import {
  FoundPairs,
  numberBlocks,
  roomForBlockNumbers,
  type BlockChains,
} from "../blocking/block-numbers.ts";
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
  return scoreInOneThread({ store, traits: describeStore(store), compiled, keepFrom, only });
}

/** Scores every candidate pair once, in the thread it is called in. */
export function scoreInOneThread(
  input: BlockScorerInput,
  onKeys?: (rule: number, ...keys: Parameters<KeyListener>) => void,
): StoreScores {
  const blocks: RuleBlocks[] = [];
  const taken = { rules: 0, stretches: 0 };
  const numbers = roomForBlockNumbers(input.store.size, input.compiled.model.blocking.length);
  buildRules(
    input,
    numbers,
    () => taken.rules++,
    (_, each) => blocks.push(each),
    onKeys,
  );
  return joinScores([scoreBlocks(input, numbers, blocks, () => taken.stretches++)], input.store.size);
}

/** What one thread found. */
export interface PartialScores {
  readonly pairs: ScoredPairs;
  readonly pairsByRule: Float64Array;
  readonly compared: number;
  readonly possible: number;
}

/** The blocks of one rule. */
export interface RuleBlocks extends RowGroups {
  readonly chains: BlockChains;
}

/**
 * Builds the blocks of one rule after the other.
 *
 * @param numbers where the blocks of every record are written down: see numberBlocks.
 * @param take how many rules have been taken before: several threads share them out.
 * @param onBlocks is given the blocks of each rule that was taken.
 * @param onKeys is told its keys.
 */
export function buildRules(
  { store, traits, compiled: { model, calibration } }: BlockScorerInput,
  numbers: Int32Array,
  take: () => number,
  onBlocks: (rule: number, blocks: RuleBlocks) => void,
  onKeys?: (rule: number, ...keys: Parameters<KeyListener>) => void,
): void {
  const values = new KeyValues(store, traits);
  const limits = readLimits(model, calibration);
  for (let rule = take(); rule < model.blocking.length; rule = take()) {
    const listener: KeyListener | undefined =
      onKeys === undefined ? undefined : (...keys) => onKeys(rule, ...keys);
    const blocks = buildBlocks(store, values, model.blocking[rule]!, limits[rule] ?? noLimits, listener);
    const chains = numberBlocks(numbers, model.blocking.length, rule, blocks);
    onBlocks(rule, { starts: blocks.starts, rows: blocks.rows, chains });
  }
}

/**
 * Scores the blocks of all rules, stretch by stretch.
 *
 * @param numbers of the blocks of all rules.
 * @param blocks by rule.
 * @param take how many stretches have been taken before: several threads share them out, and finish together.
 */
export function scoreBlocks(
  input: BlockScorerInput,
  numbers: Int32Array,
  blocks: readonly RuleBlocks[],
  take: () => number,
): PartialScores {
  const chains = blocks.map((each) => each.chains);
  const scorer = new BlockScorer(input, new FoundPairs(numbers, blocks.length, chains));
  const pairsByRule = new Float64Array(blocks.length);
  const stretches = listStretches(blocks);
  for (let stretch = stretches[take()]; stretch !== undefined; stretch = stretches[take()]) {
    const { rule, from, to } = stretch;
    pairsByRule[rule]! += scorer.score(blocks[rule]!, from, to, rule);
  }
  return { pairs: scorer.finish(), pairsByRule, compared: scorer.compared, possible: scorer.possible };
}

/** Blocks from to to - 1 of a rule. */
interface Stretch {
  readonly rule: number;
  readonly from: number;
  readonly to: number;
}

/** Some tens of milliseconds. */
const pairsPerStretch = 50_000;

function listStretches(blocks: readonly RowGroups[]): readonly Stretch[] {
  return blocks.flatMap(({ starts }, rule) => {
    const stretches: Stretch[] = [];
    let from = 0;
    let pairs = 0;
    for (let to = 1; to < starts.length; to++) {
      const size = starts[to]! - starts[to - 1]!;
      pairs += (size * (size - 1)) / 2;
      if (pairs < pairsPerStretch && to < starts.length - 1) continue;
      stretches.push({ rule, from, to });
      from = to;
      pairs = 0;
    }
    return stretches;
  });
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
