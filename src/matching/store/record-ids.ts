const bytesPerId = 16;

/**
 * The ids of the records of a store: row i has the i-th smallest id. Sixteen bytes each, not strings of thirty-six
 * characters: ten million take 160 MB and the table to find them by another 128.
 */
export class RecordIds {
  readonly #bytes: Uint8Array;
  readonly #slots: Int32Array;
  readonly size: number;

  /** @param bytes sixteen for each id, in ascending order, none twice. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.length / bytesPerId;
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(this.size * 2 + 2))).fill(-1);
    const mask = this.#slots.length - 1;
    for (let row = 0; row < this.size; row++) {
      let slot = hashId(bytes, row * bytesPerId) & mask;
      while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
      this.#slots[slot] = row;
    }
  }

  /** From ids as text, in ascending order. */
  static fromTexts(ids: readonly string[]): RecordIds {
    const bytes = new Uint8Array(ids.length * bytesPerId);
    for (const [row, id] of ids.entries()) writeId(id, bytes, row * bytesPerId);
    return new RecordIds(bytes);
  }

  /** The id as PostgreSQL writes it: thirty-two lower-case hexadecimal digits and four hyphens. */
  get(row: number): string {
    let text = "";
    for (let i = 0; i < bytesPerId; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
      text += hexadecimal[this.#bytes[row * bytesPerId + i]!]!;
    }
    return text;
  }

  /** The row of an id, or -1. */
  find(id: string): number {
    writeId(id, wanted, 0);
    return this.findBytes(wanted, 0);
  }

  /** The row of the id in bytes[at, at + 16), or -1. */
  findBytes(bytes: Uint8Array, at: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashId(bytes, at) & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot]!;
      if (row < 0 || this.#isAt(row, bytes, at)) return row;
    }
  }

  #isAt(row: number, bytes: Uint8Array, at: number): boolean {
    const own = row * bytesPerId;
    for (let i = 0; i < bytesPerId; i++) if (this.#bytes[own + i] !== bytes[at + i]) return false;
    return true;
  }
}

const hexadecimal = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const wanted = new Uint8Array(bytesPerId);

/** Random ids need no mixing; others, that somebody brought along, do. */
function hashId(bytes: Uint8Array, at: number): number {
  let hash = 0;
  for (let i = 0; i < bytesPerId; i += 4) {
    const word =
      bytes[at + i]! | (bytes[at + i + 1]! << 8) | (bytes[at + i + 2]! << 16) | (bytes[at + i + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

function writeId(id: string, bytes: Uint8Array, at: number): void {
  let digits = 0;
  for (let i = 0; i < id.length && digits < 2 * bytesPerId; i++) {
    const code = id.charCodeAt(i);
    if (code === 45) continue;
    const digit = code <= 57 ? code - 48 : (code | 32) - 87;
    const place = at + (digits >> 1);
    bytes[place] = digits % 2 === 0 ? digit << 4 : bytes[place]! | digit;
    digits++;
  }
}

/** In which order ids must be read to be ascending: place i of the result is the i-th smallest. */
export function orderIds(bytes: Uint8Array, size: number): Uint32Array {
  let order = Uint32Array.from({ length: size }, (_, i) => i);
  let next = new Uint32Array(size);
  for (const byte of [2, 0]) {
    const starts = new Uint32Array(0x10001);
    const digitOf = (i: number) => (bytes[i * bytesPerId + byte]! << 8) | bytes[i * bytesPerId + byte + 1]!;
    for (let i = 0; i < size; i++) starts[digitOf(i) + 1]!++;
    for (let digit = 0; digit < 0x10000; digit++) starts[digit + 1]! += starts[digit]!;
    for (let i = 0; i < size; i++) next[starts[digitOf(order[i]!)]!++] = order[i]!;
    [order, next] = [next, order];
  }
  sortEqualPrefixes(bytes, order);
  return order;
}

/** The order by the first four bytes is there; the rest decides where those are equal. */
function sortEqualPrefixes(bytes: Uint8Array, order: Uint32Array): void {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const prefixOf = (place: number) => words.getUint32(order[place]! * bytesPerId);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && prefixOf(end) === prefixOf(start)) end++;
    if (end - start > 1) order.subarray(start, end).sort((a, b) => compareIds(bytes, a, b));
    start = end;
  }
}

function compareIds(bytes: Uint8Array, a: number, b: number): number {
  for (let i = 0; i < bytesPerId; i++) {
    const difference = bytes[a * bytesPerId + i]! - bytes[b * bytesPerId + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
