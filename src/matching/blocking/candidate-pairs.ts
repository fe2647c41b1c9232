import { describeStore, type StoreTraits } from "../compare/store-traits.ts";
import type { Calibration } from "../model/calibration.ts";
import type { BlockingRule, MatchModel } from "../model/match-model.ts";
import type { RecordStore } from "../store/record-store.ts";
import type { BlockIndex } from "./block-index.ts";
import { buildBlocks } from "./block-limits.ts";
import { BlockingKeys, mostKeys, noLimits, type BlockLimits } from "./blocking-keys.ts";
import { KeyValues } from "./key-values.ts";
import { knowPart, SharedParts, type KnownPart } from "./shared-parts.ts";

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
  const traits = describeStore(store);
  const values = new KeyValues(store, traits.keys);
  const limits = readLimits(model, calibration);
  const shared = new SharedKeys(values, traits, model, limits);
  return model.blocking.map((rule, index) => {
    const blocks = buildBlocks(store, values, rule, limits[index] ?? noLimits);
    return visitBlocks(blocks, 0, blocks.keys.length, index, shared, visit);
  });
}

/**
 * Visits the pairs of some blocks of one rule, those that the rule is the first to find.
 *
 * @param only by row: where given, pairs without a record that is 1 there are passed over.
 * @returns how many there are.
 */
export function visitBlocks(
  blocks: BlockIndex,
  from: number,
  to: number,
  rule: number,
  shared: SharedKeys,
  visit: (a: number, b: number, rule: number) => void,
  only?: Uint8Array,
): number {
  const { keys, starts, rows, hasSeveralKeys } = blocks;
  let pairs = 0;
  for (let g = from; g < to; g++) {
    const key = keys[g]!;
    const end = starts[g + 1]!;
    for (let x = starts[g]!; x < end; x++) {
      const a = rows[x]!;
      for (let y = x + 1; y < end; y++) {
        const b = rows[y]!;
        if (only !== undefined && only[a] === 0 && only[b] === 0) continue;
        const hasOneKey = hasSeveralKeys[a]! + hasSeveralKeys[b]! < 2;
        if (shared.isFoundBefore(rule, hasOneKey ? -1 : key, a, b)) continue;
        pairs++;
        visit(a, b, rule);
      }
    }
  }
  return pairs;
}

interface RulePlan {
  readonly rule: BlockingRule;
  readonly parts: readonly KnownPart[];
  /** Those of all parts. */
  readonly bits: number;
  readonly limits: BlockLimits;
  readonly isLimited: boolean;
}

/** Tells which rule finds a pair first. */
export class SharedKeys {
  readonly #keys: BlockingKeys;
  readonly #parts: SharedParts;
  readonly #plans: readonly RulePlan[];
  readonly #first = new Float64Array(mostKeys);
  readonly #second = new Float64Array(mostKeys);

  constructor(values: KeyValues, traits: StoreTraits, model: MatchModel, limits: readonly BlockLimits[]) {
    this.#keys = new BlockingKeys(values);
    this.#parts = new SharedParts(values, traits.digests, traits.keys);
    this.#plans = model.blocking.map((rule, index) => {
      const own = limits[index] ?? noLimits;
      const parts = rule.on.map(knowPart);
      return {
        rule,
        parts,
        bits: parts.reduce((bits, { bit }) => bits | bit, 0),
        limits: own,
        isLimited: own.refined.size > 0 || own.excluded.size > 0,
      };
    });
  }

  /**
   * True where an earlier rule, or a smaller key of this one, finds the pair too.
   *
   * @param key the key under which the rule finds it; -1 where it is the only one that they can share.
   */
  isFoundBefore(rule: number, key: number, a: number, b: number): boolean {
    this.#parts.begin(a, b);
    for (let earlier = 0; earlier < rule; earlier++) {
      if (this.#isFoundBy(this.#plans[earlier]!, a, b)) return true;
    }
    return key >= 0 && this.#smallestSharedKey(this.#plans[rule]!, a, b) !== key;
  }

  /** Place of the first rule that makes the two a candidate pair; -1 for none. */
  findRule(a: number, b: number): number {
    this.#parts.begin(a, b);
    return this.#plans.findIndex((plan) => this.#isFoundBy(plan, a, b));
  }

  #isFoundBy(plan: RulePlan, a: number, b: number): boolean {
    if (!this.#parts.sharesAll(plan.parts, plan.bits)) return false;
    return !plan.isLimited || this.#smallestSharedKey(plan, a, b) >= 0;
  }

  /** -1 where the two share no key under the rule. */
  #smallestSharedKey({ rule, limits }: RulePlan, a: number, b: number): number {
    const countA = this.#keys.read(rule, limits, a, this.#first);
    if (countA === 0) return -1;
    const countB = this.#keys.read(rule, limits, b, this.#second);
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
