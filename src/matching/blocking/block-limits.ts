import type { CalibratedBlockingRule } from "../model/calibration.ts";
import type { BlockingRule, MatchModel } from "../model/match-model.ts";
import type { RecordStore } from "../store/record-store.ts";
import { groupByKey, type BlockIndex } from "./block-index.ts";
import { BlockingKeys, mostKeys, noLimits, type BlockLimits } from "./blocking-keys.ts";
import type { KeyValues } from "./key-values.ts";

/** Takes the keys of one rule: entry i says that record rows[i] has key keys[i]. */
export type KeyListener = (keys: Float64Array, rows: Int32Array, count: number) => void;

/**
 * The blocks of one rule over a store.
 *
 * @param onKeys is told all keys, of blocks of one record too.
 */
export function buildBlocks(
  store: RecordStore,
  values: KeyValues,
  rule: BlockingRule,
  limits: BlockLimits,
  onKeys?: KeyListener,
): BlockIndex {
  const reader = new BlockingKeys(values);
  const buffer = new Float64Array(mostKeys);
  let keys = new Float64Array(store.size + mostKeys);
  let rows = new Int32Array(store.size + mostKeys);
  let count = 0;
  for (let row = 0; row < store.size; row++) {
    const found = reader.read(rule, limits, row, buffer);
    if (count + found > keys.length) {
      const grownKeys = new Float64Array(Math.max(count + found, keys.length * 2));
      grownKeys.set(keys);
      keys = grownKeys;
      const grownRows = new Int32Array(grownKeys.length);
      grownRows.set(rows);
      rows = grownRows;
    }
    for (let i = 0; i < found; i++) {
      keys[count] = buffer[i]!;
      rows[count++] = row;
    }
  }
  onKeys?.(keys, rows, count);
  return groupByKey(keys, rows, count);
}

/** What a rule leaves out because its blocks are too large. */
export interface BlockCoverage {
  readonly name: string;
  /** Records in the largest block that is kept. */
  readonly largestKept: number;
  readonly refinedBlocks: number;
  readonly excludedBlocks: number;
  /** Records in blocks left out, counted once for each. */
  readonly excludedRecords: number;
  /** Pairs in blocks left out; other rules may still find them. */
  readonly excludedPairs: number;
}

export interface LimitedBlocks {
  readonly limits: CalibratedBlockingRule;
  readonly coverage: BlockCoverage;
  /** Split where they are to be; those left out are still there. */
  readonly blocks: BlockIndex;
}

/**
 * Finds the blocks of a rule that are too large: they are split by the rule's `refine`, and what is still too
 * large is left out and counted. In a small registry a block may be larger, as long as the rule does not give
 * more than the model's budget of pairs.
 */
export function limitBlocks(
  store: RecordStore,
  values: KeyValues,
  rule: BlockingRule,
  model: MatchModel,
): LimitedBlocks {
  const blocks = buildBlocks(store, values, rule, noLimits);
  const largest = largestAllowed(blocks, rule, model);
  const tooLarge = listTooLarge(blocks, largest);
  if (rule.refine === undefined || tooLarge.keys.length === 0) {
    return {
      limits: { name: rule.name, refined: [], excluded: tooLarge.keys },
      coverage: { ...tooLarge.coverage, name: rule.name, largestKept: largest, refinedBlocks: 0 },
      blocks,
    };
  }
  const refined = { refined: new Set(tooLarge.keys), excluded: new Set<number>() };
  const refinedBlocks = buildBlocks(store, values, rule, refined);
  const excluded = listTooLarge(refinedBlocks, largest);
  return {
    limits: { name: rule.name, refined: tooLarge.keys, excluded: excluded.keys },
    coverage: {
      ...excluded.coverage,
      name: rule.name,
      largestKept: largest,
      refinedBlocks: tooLarge.keys.length,
    },
    blocks: refinedBlocks,
  };
}

/** The largest size at which all blocks up to it stay inside the budget, but never below the rule's own. */
function largestAllowed(blocks: BlockIndex, rule: BlockingRule, model: MatchModel): number {
  const blocksOfSize = new Map<number, number>();
  for (let g = 0; g < blocks.keys.length; g++) {
    const size = blocks.starts[g + 1]! - blocks.starts[g]!;
    blocksOfSize.set(size, (blocksOfSize.get(size) ?? 0) + 1);
  }
  let pairs = 0;
  let largest = rule.largestBlock;
  for (const size of [...blocksOfSize.keys()].sort((a, b) => a - b)) {
    pairs += ((blocksOfSize.get(size) ?? 0) * size * (size - 1)) / 2;
    if (pairs > model.limits.pairsPerRule) break;
    largest = Math.max(largest, size);
  }
  return largest;
}

function listTooLarge(
  blocks: BlockIndex,
  largest: number,
): {
  readonly keys: number[];
  readonly coverage: Pick<BlockCoverage, "excludedBlocks" | "excludedRecords" | "excludedPairs">;
} {
  const keys: number[] = [];
  let excludedRecords = 0;
  let excludedPairs = 0;
  for (let g = 0; g < blocks.keys.length; g++) {
    const size = blocks.starts[g + 1]! - blocks.starts[g]!;
    if (size <= largest) continue;
    keys.push(blocks.keys[g]!);
    excludedRecords += size;
    excludedPairs += (size * (size - 1)) / 2;
  }
  keys.sort((a, b) => a - b);
  return { keys, coverage: { excludedBlocks: keys.length, excludedRecords, excludedPairs } };
}
