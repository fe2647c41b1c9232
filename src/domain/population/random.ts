const TWO_TO_32 = 4_294_967_296;

/**
 * A seeded stream of 32-bit numbers: Chris Doty-Humphrey's sfc32 (PractRand), integer arithmetic only,
 * so that every platform draws the same numbers. Not for secrets.
 */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  /**
   * @param seed a whole number from 0 to 2^53 - 1
   * @param stream keeps independent uses of one seed apart, 0 to 2^32 - 1
   */
  constructor(seed: number, stream: number) {
    this.reseed(seed, stream);
  }

  /** Starts again at the beginning of another stream of the seed. */
  reseed(seed: number, stream: number): void {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / TWO_TO_32) | 0;
    this.#c = stream | 0;
    this.#counter = 1;
    for (let i = 0; i < 15; i++) this.next();
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A whole number from 0 to `limit` - 1; `limit` up to 2^21, where the product is still exact. */
  below(limit: number): number {
    return Math.floor((this.next() * limit) / TWO_TO_32);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.next() < probability * TWO_TO_32;
  }

  /** One of the values, each as likely as the others. */
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}
