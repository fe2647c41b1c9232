import type { Calibration } from "../model/calibration.ts";
import type { MatchModel } from "../model/match-model.ts";
import type { RecordStore } from "../store/record-store.ts";
import { describeStore } from "../compare/store-traits.ts";
import type { RowGroups } from "./block-index.ts";
import { buildBlocks } from "./block-limits.ts";
import { FoundPairs, numberBlocks, roomForBlockNumbers, type BlockChains } from "./block-numbers.ts";
import { BlockingKeys, mostKeys, noLimits, type BlockLimits } from "./blocking-keys.ts";
import { KeyValues } from "./key-values.ts";

/** By rule of the model: what the calibration says of its large blocks. */
export function readLimits(model: MatchModel, calibration: Calibration): readonly BlockLimits[] {
  return model.blocking.map((rule) => {
    const learned = calibration.blocking.find((each) => each.name === rule.name);
    return learned === undefined
      ? noLimits
      : { refined: new Set(learned.refined), excluded: new Set(learned.excluded) };
  });
}

/**
 * Visits every candidate pair once, under the first rule of the model that finds it; a < b.
 *
 * @returns pairs by rule.
 */
export function visitCandidates(
  store: RecordStore,
  model: MatchModel,
  calibration: Calibration,
  visit: (a: number, b: number, rule: number) => void,
): number[] {
  const values = new KeyValues(store, describeStore(store));
  const limits = readLimits(model, calibration);
  const rules = model.blocking.length;
  const numbers = roomForBlockNumbers(store.size, rules);
  const chains: BlockChains[] = [];
  const found = new FoundPairs(numbers, rules, chains);
  return model.blocking.map((rule, index) => {
    const blocks = buildBlocks(store, values, rule, limits[index] ?? noLimits);
    chains.push(numberBlocks(numbers, rules, index, blocks));
    return visitBlocks(blocks, 0, blocks.keys.length, index, found, (a, b) => visit(a, b, index));
  });
}

/**
 * Visits the pairs of some blocks of one rule, those that the rule is the first to find.
 *
 * @param only by row: where given, pairs without a record that is 1 there are passed over.
 * @returns how many there are.
 */
export function visitBlocks(
  { starts, rows }: RowGroups,
  from: number,
  to: number,
  rule: number,
  found: FoundPairs,
  visit: (a: number, b: number) => void,
  only?: Uint8Array,
): number {
  let pairs = 0;
  for (let g = from; g < to; g++) {
    const end = starts[g + 1]!;
    for (let x = starts[g]!; x < end; x++) {
      const a = rows[x]!;
      for (let y = x + 1; y < end; y++) {
        const b = rows[y]!;
        if (only !== undefined && only[a] === 0 && only[b] === 0) continue;
        if (found.isFoundBefore(rule, g, a, b)) continue;
        pairs++;
        visit(a, b);
      }
    }
  }
  return pairs;
}

/** Tells which rule finds a pair first, from the keys of its records: for a few pairs, without the blocks of all. */
export class RuleFinder {
  readonly #keys: BlockingKeys;
  readonly #rules: MatchModel["blocking"];
  readonly #limits: readonly BlockLimits[];
  /** The record that was asked for last, and by rule its keys, as far as they were needed. */
  #known = -1;
  #ownKeys: Float64Array[] = [];
  readonly #buffer = new Float64Array(mostKeys);

  constructor(values: KeyValues, model: MatchModel, calibration: Calibration) {
    this.#keys = new BlockingKeys(values);
    this.#rules = model.blocking;
    this.#limits = readLimits(model, calibration);
  }

  /** Place of the first rule that makes the two a candidate pair; -1 for none. */
  find(a: number, b: number): number {
    if (a !== this.#known) {
      this.#known = a;
      this.#ownKeys = [];
    }
    return this.#rules.findIndex((_, rule) => {
      const keys = (this.#ownKeys[rule] ??= this.#read(rule, a).slice());
      return keys.length > 0 && this.#read(rule, b).some((key) => keys.includes(key));
    });
  }

  /** Valid until the next call. */
  #read(rule: number, row: number): Float64Array {
    return this.#buffer.subarray(
      0,
      this.#keys.read(this.#rules[rule]!, this.#limits[rule] ?? noLimits, row, this.#buffer),
    );
  }
}
