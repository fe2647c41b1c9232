import type { BlockingRule } from "../model/match-model.ts";
import type { KeyPart } from "../model/key-parts.ts";
import { mix, toNumber } from "../store/hash-mix.ts";
import { mostValuesOfPart, type KeyValues } from "./key-values.ts";
import { bitsOfParts } from "./told-parts.ts";

/** Keys of one record under one rule: every combination of the values of three parts. */
export const mostKeys = mostValuesOfPart ** 3;

/** Keys that are split, and keys that are left out, of one rule. */
export interface BlockLimits {
  readonly refined: ReadonlySet<number>;
  readonly excluded: ReadonlySet<number>;
}

/** What the values of the parts are mixed into. */
const seed = { low: 0, high: 1 } as const;

export const noLimits: BlockLimits = { refined: new Set(), excluded: new Set() };

/** Most sets are empty, which is sooner asked than a number is hashed. */
const isAmong = (keys: ReadonlySet<number>, key: number): boolean => keys.size > 0 && keys.has(key);

/** Makes the blocking keys of records: the hash of each combination of the values of a rule's parts. */
export class BlockingKeys {
  readonly #values: KeyValues;
  readonly #buffer = new Int32Array(mostValuesOfPart);
  #low = new Int32Array(mostKeys);
  #high = new Int32Array(mostKeys);
  /** The rule that was asked for last, and the bits of its parts. */
  #rule: BlockingRule | undefined;
  #bits = 0;

  constructor(values: KeyValues) {
    this.#values = values;
  }

  /**
   * Writes the keys of a record under a rule, split and left out as the limits say.
   *
   * @param keys at least mostKeys long.
   * @returns how many; 0 where a part is unavailable.
   */
  read(rule: BlockingRule, limits: BlockLimits, row: number, keys: Float64Array): number {
    if (this.#values.areOnly(this.#bitsOf(rule), row)) {
      const key = this.#readOnly(rule.on, row);
      if (key < 0) return 0;
      if (!isAmong(limits.refined, key)) {
        if (isAmong(limits.excluded, key)) return 0;
        keys[0] = key;
        return 1;
      }
    }
    const count = this.#combine(rule.on, row, seed.low, seed.high);
    let written = 0;
    for (let i = 0; i < count; i++) {
      const key = toNumber(this.#low[i]!, this.#high[i]!);
      if (isAmong(limits.refined, key)) written = this.#refine(rule, limits, row, key, keys, written);
      else if (!isAmong(limits.excluded, key)) keys[written++] = key;
    }
    return written;
  }

  #bitsOf(rule: BlockingRule): number {
    if (rule !== this.#rule) {
      this.#rule = rule;
      this.#bits = bitsOfParts(rule.on);
    }
    return this.#bits;
  }

  /** The only key of a record; -1 where it has none. */
  #readOnly(parts: readonly KeyPart[], row: number): number {
    let low: number = seed.low;
    let high: number = seed.high;
    for (const part of parts) {
      const value = this.#values.readOnly(part, row);
      if (value === 0) return -1;
      low = mix(low, value);
      high = mix(value, high);
    }
    return toNumber(low, high);
  }

  #refine(
    rule: BlockingRule,
    limits: BlockLimits,
    row: number,
    key: number,
    keys: Float64Array,
    from: number,
  ): number {
    const low = this.#low.slice();
    const high = this.#high.slice();
    const count = this.#combine(rule.refine ?? [], row, key | 0, Math.floor(key / 2 ** 32));
    let written = from;
    for (let i = 0; i < count && written < mostKeys; i++) {
      const refined = toNumber(this.#low[i]!, this.#high[i]!);
      if (!isAmong(limits.excluded, refined)) keys[written++] = refined;
    }
    this.#low = low;
    this.#high = high;
    return written;
  }

  /** Every combination of the values of the parts, mixed into two lanes. */
  #combine(parts: readonly KeyPart[], row: number, seedLow: number, seedHigh: number): number {
    let count = 1;
    this.#low[0] = seedLow;
    this.#high[0] = seedHigh;
    for (const part of parts) {
      const values = this.#values.read(part, row, this.#buffer);
      if (values === 0) return 0;
      count = this.#multiply(count, values);
    }
    return count;
  }

  #multiply(count: number, values: number): number {
    if (values === 1) {
      const value = this.#buffer[0]!;
      for (let at = 0; at < count; at++) {
        this.#low[at] = mix(this.#low[at]!, value);
        this.#high[at] = mix(value, this.#high[at]!);
      }
      return count;
    }
    const most = Math.min(mostKeys, count * values);
    // From the back, so that the combinations so far are read before they are overwritten.
    for (let at = most - 1; at >= 0; at--) {
      const from = Math.floor(at / values);
      const value = this.#buffer[at % values]!;
      this.#low[at] = mix(this.#low[from]!, value);
      this.#high[at] = mix(value, this.#high[from]!);
    }
    return most;
  }
}
