import { comparisonKinds } from "../model/comparison-kinds.ts";
import type { CompiledModel } from "../model/compile-model.ts";

const width = comparisonKinds.length;

/** Every level of every comparison has a number of its own, and so has the lack of one, which is 0 for all. */
export const firstCells: readonly number[] = comparisonKinds.map((_, k) =>
  comparisonKinds.slice(0, k).reduce((sum, kind) => sum + kind.levels.length, 1),
);

export const cellCount = comparisonKinds.reduce((sum, kind) => sum + kind.levels.length, 1);

/** Frequency adjustments are kept to the bit, and beyond this they are cut. */
const mostBits = 30;

/**
 * Counts of agreement patterns: how many pairs came out at the same level of every comparison, with the same
 * frequency adjustment to the bit. Millions of pairs make a few thousand patterns, on which expectation
 * maximisation costs milliseconds.
 */
export class AgreementPatterns {
  readonly #places = new Map<number, number>();
  #cells = new Int16Array(1024 * width);
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
    for (let k = 0; k < width; k++) {
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

  /** For each pattern, one number for each comparison: the cell of its level. */
  get cells(): Int16Array {
    return this.#cells;
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
    for (let k = 0; k < width; k++) {
      const level = levels[k]!;
      this.#cells[place * width + k] = level < 0 ? 0 : firstCells[k]! + level;
    }
    this.#adjustments[place] = bits;
    return place;
  }

  #grow(): void {
    const cells = new Int16Array(this.#cells.length * 2);
    cells.set(this.#cells);
    this.#cells = cells;
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
