import type { Calibration } from "../model/calibration.ts";
import type { MatchModel } from "../model/match-model.ts";
import type { RecordStore } from "../store/record-store.ts";
import { buildBlocks } from "./block-limits.ts";
import { BlockingKeys, noLimits, type BlockLimits } from "./blocking-keys.ts";
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
  const values = new KeyValues(store);
  const limits = readLimits(model, calibration);
  const earlier = new SharedKeys(values, model, limits);
  return model.blocking.map((rule, index) => {
    const blocks = buildBlocks(store, values, rule, limits[index] ?? noLimits);
    let pairs = 0;
    for (let g = 0; g < blocks.keys.length; g++) {
      const key = blocks.keys[g]!;
      for (let x = blocks.starts[g]!; x < blocks.starts[g + 1]!; x++) {
        for (let y = x + 1; y < blocks.starts[g + 1]!; y++) {
          const a = blocks.rows[x]!;
          const b = blocks.rows[y]!;
          if (earlier.isFoundBefore(index, key, a, b)) continue;
          pairs++;
          visit(a, b, index);
        }
      }
    }
    return pairs;
  });
}

/** Tells which rule finds a pair first. */
export class SharedKeys {
  readonly #keys: BlockingKeys;
  readonly #model: MatchModel;
  readonly #limits: readonly BlockLimits[];
  readonly #first = new Float64Array(64);
  readonly #second = new Float64Array(64);

  constructor(values: KeyValues, model: MatchModel, limits: readonly BlockLimits[]) {
    this.#keys = new BlockingKeys(values);
    this.#model = model;
    this.#limits = limits;
  }

  /** True where an earlier rule, or a smaller key of this one, finds the pair too. */
  isFoundBefore(rule: number, key: number, a: number, b: number): boolean {
    for (let earlier = 0; earlier < rule; earlier++) {
      if (this.smallestSharedKey(earlier, a, b) >= 0) return true;
    }
    return this.smallestSharedKey(rule, a, b) !== key;
  }

  /** Place of the first rule that makes the two a candidate pair; -1 for none. */
  findRule(a: number, b: number): number {
    return this.#model.blocking.findIndex((_, index) => this.smallestSharedKey(index, a, b) >= 0);
  }

  /** -1 where the two share no key under the rule. */
  smallestSharedKey(rule: number, a: number, b: number): number {
    const blockingRule = this.#model.blocking[rule]!;
    const limits = this.#limits[rule] ?? noLimits;
    const countA = this.#keys.read(blockingRule, limits, a, this.#first);
    if (countA === 0) return -1;
    const countB = this.#keys.read(blockingRule, limits, b, this.#second);
    let smallest = -1;
    for (let i = 0; i < countA; i++) {
      const key = this.#first[i]!;
      for (let j = 0; j < countB; j++) {
        if (key === this.#second[j] && (smallest < 0 || key < smallest)) smallest = key;
      }
    }
    return smallest;
  }
}
