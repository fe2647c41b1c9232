/** No value is stored for this pair. */
export const notKnown = 255;

/** Codes from here on do not fit beside a level, and are not remembered. */
const mostCodes = 2 ** 24;

/** log2 of the places for each code. */
const placesByValue = 4;

/**
 * Remembers the level of a pair of codes. Direct-mapped: a pair that falls on another's place replaces it, so
 * the size is bounded and a lookup is one probe in one cache line. Symmetric.
 */
export class LevelMemo {
  /** Two entries a place: the lower code, then the higher one with the level in its last 8 bits. */
  readonly #entries: Int32Array;
  readonly #mask: number;

  /**
   * @param values so many codes there are: for a few there is no use in megabytes, which take milliseconds to clear.
   * @param mostBits log2 of the highest number of places.
   */
  constructor(values: number, mostBits = 18) {
    const bits = Math.min(mostBits, Math.ceil(Math.log2(values + 1)) + placesByValue);
    this.#entries = new Int32Array(2 << bits).fill(-1);
    this.#mask = (1 << bits) - 1;
  }

  get(a: number, b: number): number {
    const low = a < b ? a : b;
    const high = a < b ? b : a;
    const at = (placeOf(low, high) & this.#mask) * 2;
    const entry = this.#entries[at + 1]!;
    return this.#entries[at] === low && entry >>> 8 === high ? entry & 255 : notKnown;
  }

  set(a: number, b: number, level: number): void {
    const low = a < b ? a : b;
    const high = a < b ? b : a;
    if (high >= mostCodes) return;
    const at = (placeOf(low, high) & this.#mask) * 2;
    this.#entries[at] = low;
    this.#entries[at + 1] = (high << 8) | level;
  }
}

function placeOf(low: number, high: number): number {
  const mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
