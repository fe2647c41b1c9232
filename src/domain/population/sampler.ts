import type { Random } from "./random.ts";

const TWO_TO_32 = 4_294_967_296;

/**
 * Draws values in proportion to their weights in constant time: the alias method (Walker 1977, Vose 1991).
 * Additions, products and quotients only, so that every platform builds the same table.
 */
export class Sampler<T> {
  readonly values: readonly T[];
  readonly #threshold: Float64Array;
  readonly #alias: Uint32Array;

  /** Weights are not negative and one of them is positive; they need not add up to 1. */
  constructor(values: readonly T[], weights: readonly number[]) {
    const n = values.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (n === 0 || weights.length !== n || !(total > 0)) {
      throw new RangeError("a sampler needs as many weights as values, one of them positive");
    }
    this.values = values;
    this.#threshold = new Float64Array(n).fill(TWO_TO_32);
    this.#alias = new Uint32Array(n);
    const scaled = weights.map((weight) => (weight * n) / total);
    const small: number[] = [];
    const large: number[] = [];
    scaled.forEach((weight, i) => (weight < 1 ? small : large).push(i));
    while (small.length > 0 && large.length > 0) {
      const poor = small.pop()!;
      const rich = large.at(-1)!;
      this.#threshold[poor] = scaled[poor]! * TWO_TO_32;
      this.#alias[poor] = rich;
      scaled[rich] = scaled[rich]! + scaled[poor]! - 1;
      if (scaled[rich] < 1) {
        large.pop();
        small.push(rich);
      }
    }
  }

  draw(random: Random): T {
    return this.values[this.drawIndex(random)] as T;
  }

  /** The position of the value drawn, for callers with parallel arrays. */
  drawIndex(random: Random): number {
    const slot = random.below(this.values.length);
    return random.next() < this.#threshold[slot]! ? slot : this.#alias[slot]!;
  }
}
