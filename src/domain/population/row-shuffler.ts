import { Random } from "./random.ts";

/** Rows held back. More of them mix better and cost memory: 32 thousand are about 30 MB. */
const WINDOW = 32_768;
const SHUFFLE_STREAM = 0xffff_ffff;

/**
 * Mixes rows in constant memory: each row that comes in takes the place of a random one, which goes out.
 * So the records of a household, made one after the other, lie tens of thousands of rows apart.
 */
export class RowShuffler<T> {
  readonly #random: Random;
  readonly #held: T[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed, SHUFFLE_STREAM);
  }

  /** Takes a row in; gives one back as soon as the window is full. */
  exchange(row: T): T | undefined {
    if (this.#held.length < WINDOW) {
      this.#held.push(row);
      return undefined;
    }
    const place = this.#random.below(WINDOW);
    const out = this.#held[place];
    this.#held[place] = row;
    return out;
  }

  /** The rest, in random order. */
  *drain(): Generator<T> {
    while (this.#held.length > 0) {
      const place = this.#random.below(this.#held.length);
      const last = this.#held.pop() as T;
      if (place === this.#held.length) {
        yield last;
      } else {
        yield this.#held[place] as T;
        this.#held[place] = last;
      }
    }
  }
}
