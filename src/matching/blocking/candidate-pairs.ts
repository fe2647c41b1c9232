import { describeStore, type StoreTraits } from "../compare/store-traits.ts";
import type { Calibration } from "../model/calibration.ts";
import type { BlockingRule, MatchModel } from "../model/match-model.ts";
import type { RecordStore } from "../store/record-store.ts";
import type { BlockIndex } from "./block-index.ts";
import { buildBlocks } from "./block-limits.ts";
import { BlockingKeys, mostKeys, noLimits, type BlockLimits } from "./blocking-keys.ts";
import { KeyValues } from "./key-values.ts";
import { SharedParts } from "./shared-parts.ts";
import { bitsOfParts } from "./told-parts.ts";

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
  const values = new KeyValues(store, traits);
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
  /** Of the parts of its key, and of those that split it. */
  readonly parts: number;
  readonly refining: number;
  readonly limits: BlockLimits;
}

/** What becomes of the only key of a record: it is left out, kept, or split. */
const fate = { excluded: 0, kept: 1, refined: 2, unknown: 3 } as const;

/** Tells which rule finds a pair first. */
export class SharedKeys {
  readonly #keys: BlockingKeys;
  readonly #parts: SharedParts;
  readonly #plans: readonly RulePlan[];
  /** By rule. */
  readonly #partsOfRule: Int32Array;
  readonly #isLimited: Uint8Array;
  /** What is known of the first record of the pairs, for as long as it stays the same: by rule, see fate. */
  readonly #fates: Uint8Array;
  /** By rule: its keys; undefined where they were not asked for. */
  readonly #ownKeys: (Float64Array | undefined)[];
  #known = -1;
  readonly #first = new Float64Array(mostKeys);
  readonly #second = new Float64Array(mostKeys);

  constructor(values: KeyValues, traits: StoreTraits, model: MatchModel, limits: readonly BlockLimits[]) {
    this.#keys = new BlockingKeys(values);
    this.#plans = model.blocking.map((rule, index) => ({
      rule,
      parts: bitsOfParts(rule.on),
      refining: bitsOfParts(rule.refine ?? []),
      limits: limits[index] ?? noLimits,
    }));
    this.#parts = new SharedParts(values, traits.digests);
    this.#partsOfRule = Int32Array.from(this.#plans, ({ parts }) => parts);
    this.#isLimited = Uint8Array.from(this.#plans, ({ limits: { refined, excluded } }) =>
      Number(refined.size > 0 || excluded.size > 0),
    );
    this.#fates = new Uint8Array(this.#plans.length);
    this.#ownKeys = this.#plans.map(() => undefined);
  }

  /**
   * True where an earlier rule, or a smaller key of this one, finds the pair too.
   *
   * @param key the key under which the rule finds it; -1 where it is the only one that they can share.
   */
  isFoundBefore(rule: number, key: number, a: number, b: number): boolean {
    const missing = this.#begin(a, b);
    const partsOfRule = this.#partsOfRule;
    for (let earlier = 0; earlier < rule; earlier++) {
      if ((partsOfRule[earlier]! & missing) === 0 && this.#isFoundBy(earlier, a, b)) return true;
    }
    return key >= 0 && this.#smallestSharedKey(rule, a, b) !== key;
  }

  /** Place of the first rule that makes the two a candidate pair; -1 for none. */
  findRule(a: number, b: number): number {
    this.#begin(a, b);
    return this.#plans.findIndex((_, rule) => this.#isFoundBy(rule, a, b));
  }

  /** @returns bits of parts that the two are certain not to share. */
  #begin(a: number, b: number): number {
    if (a !== this.#known) {
      this.#known = a;
      this.#fates.fill(fate.unknown);
      this.#ownKeys.fill(undefined);
    }
    return this.#parts.begin(a, b);
  }

  #isFoundBy(rule: number, a: number, b: number): boolean {
    if (!this.#parts.sharesAll(this.#partsOfRule[rule]!)) return false;
    if (this.#isLimited[rule] === 0) return true;
    const plan = this.#plans[rule]!;
    if (!this.#parts.areSingle(plan.parts | plan.refining)) return this.#smallestSharedKey(rule, a, b) >= 0;
    // The two have one key each, and the same.
    const found = this.#fateOf(rule, a);
    return found === fate.refined ? this.#parts.sharesAll(plan.refining) : found === fate.kept;
  }

  #fateOf(rule: number, a: number): number {
    if (this.#fates[rule] === fate.unknown) {
      const { rule: each, limits } = this.#plans[rule]!;
      this.#keys.read(each, noLimits, a, this.#first);
      const isRefined = limits.refined.has(this.#first[0]!);
      const isKept = this.#keys.read(each, limits, a, this.#first) > 0;
      this.#fates[rule] = isKept ? (isRefined ? fate.refined : fate.kept) : fate.excluded;
    }
    return this.#fates[rule]!;
  }

  /** -1 where the two share no key under the rule. */
  #smallestSharedKey(index: number, a: number, b: number): number {
    const { rule, limits } = this.#plans[index]!;
    const keys = (this.#ownKeys[index] ??= this.#first.slice(
      0,
      this.#keys.read(rule, limits, a, this.#first),
    ));
    if (keys.length === 0) return -1;
    const others = this.#keys.read(rule, limits, b, this.#second);
    let smallest = -1;
    for (const key of keys) {
      for (let i = 0; i < others; i++) {
        if (key === this.#second[i] && (smallest < 0 || key < smallest)) smallest = key;
      }
    }
    return smallest;
  }
}
