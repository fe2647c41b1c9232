/** No value is stored for this pair. */
export const notKnown = 255;

/**
 * Remembers the level of a pair of codes. Direct-mapped: a pair that falls on another's place replaces it, so
 * the size is bounded and a lookup is one probe. Symmetric.
 */
export class LevelMemo {
  readonly #low: Int32Array;
  readonly #high: Int32Array;
  readonly #levels: Uint8Array;
  readonly #mask: number;

  /** @param bits log2 of the number of places. */
  constructor(bits = 18) {
    this.#low = new Int32Array(1 << bits).fill(-1);
    this.#high = new Int32Array(1 << bits);
    this.#levels = new Uint8Array(1 << bits);
    this.#mask = (1 << bits) - 1;
  }

  get(a: number, b: number): number {
    const low = a < b ? a : b;
    const high = a < b ? b : a;
    const at = placeOf(low, high) & this.#mask;
    return this.#low[at] === low && this.#high[at] === high ? this.#levels[at]! : notKnown;
  }

  set(a: number, b: number, level: number): void {
    const low = a < b ? a : b;
    const high = a < b ? b : a;
    const at = placeOf(low, high) & this.#mask;
    this.#low[at] = low;
    this.#high[at] = high;
    this.#levels[at] = level;
  }
}

function placeOf(low: number, high: number): number {
  const mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
