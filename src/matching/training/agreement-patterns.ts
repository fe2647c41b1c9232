import { comparisonKinds } from "../model/comparison-kinds.ts";
import type { CompiledModel } from "../model/compile-model.ts";

/** Frequency adjustments are kept to the bit, and beyond this they are cut. */
const mostBits = 30;

/**
 * Counts of agreement patterns: how many pairs came out at the same level of every comparison, with the same
 * frequency adjustment to the bit. Millions of pairs make a few thousand patterns, on which expectation
 * maximisation costs milliseconds.
 */
export class AgreementPatterns {
  readonly #places = new Map<number, number>();
  #levels = new Int8Array(1024 * comparisonKinds.length);
  #adjustments = new Float64Array(1024);
  #counts = new Float64Array(1024);
  /** Sums, by pattern and relation. */
  #relationAdjustments: Float64Array;
  /** By relation and comparison: how far a frequency adjustment counts for the relation too. */
  readonly #relationShares: readonly Float64Array[];

  constructor(compiled: CompiledModel) {
    this.#relationShares = compiled.relations.map(({ share }) =>
      share.map((each) => (Number.isNaN(each) ? 1 : each)),
    );
    this.#relationAdjustments = new Float64Array(1024 * this.#relationShares.length);
  }

  get size(): number {
    return this.#places.size;
  }

  /** Counts a pair; `count` stands for so many where pairs are sampled. */
  add(levels: Int8Array, adjustments: Float64Array, count = 1): void {
    let key = 0;
    let adjustment = 0;
    for (let k = 0; k < comparisonKinds.length; k++) {
      key = key * (comparisonKinds[k]!.levels.length + 1) + levels[k]! + 1;
      adjustment += adjustments[k]!;
    }
    const bits = Math.max(-mostBits, Math.min(mostBits, Math.round(adjustment)));
    key = key * (2 * mostBits + 1) + bits + mostBits;
    const place = this.#places.get(key) ?? this.#append(key, levels, bits);
    this.#counts[place]! += count;
    if (adjustment !== 0) this.#adjustRelations(place, adjustments, count);
  }

  #adjustRelations(place: number, adjustments: Float64Array, count: number): void {
    for (let r = 0; r < this.#relationShares.length; r++) {
      const shares = this.#relationShares[r]!;
      let adjustment = 0;
      for (let k = 0; k < shares.length; k++) adjustment += shares[k]! * adjustments[k]!;
      this.#relationAdjustments[place * this.#relationShares.length + r]! += adjustment * count;
    }
  }

  /** Bits that the frequencies of shared values add for a relation, on average over the pairs of the pattern. */
  relationAdjustmentOf(pattern: number, relation: number): number {
    return (
      this.#relationAdjustments[pattern * this.#relationShares.length + relation]! / this.#counts[pattern]!
    );
  }

  levelsOf(pattern: number): Int8Array {
    const width = comparisonKinds.length;
    return this.#levels.subarray(pattern * width, (pattern + 1) * width);
  }

  /** Bits. */
  adjustmentOf(pattern: number): number {
    return this.#adjustments[pattern]!;
  }

  countOf(pattern: number): number {
    return this.#counts[pattern]!;
  }

  #append(key: number, levels: Int8Array, bits: number): number {
    const place = this.#places.size;
    if (place >= this.#counts.length) this.#grow();
    this.#places.set(key, place);
    this.#levels.set(levels, place * comparisonKinds.length);
    this.#adjustments[place] = bits;
    return place;
  }

  #grow(): void {
    const levels = new Int8Array(this.#levels.length * 2);
    levels.set(this.#levels);
    this.#levels = levels;
    const adjustments = new Float64Array(this.#adjustments.length * 2);
    adjustments.set(this.#adjustments);
    this.#adjustments = adjustments;
    const relationAdjustments = new Float64Array(this.#relationAdjustments.length * 2);
    relationAdjustments.set(this.#relationAdjustments);
    this.#relationAdjustments = relationAdjustments;
    const counts = new Float64Array(this.#counts.length * 2);
    counts.set(this.#counts);
    this.#counts = counts;
  }
}
