import { sharedInt32, shareUint32 } from "./shared-columns.ts";

const wordsPerId = 4;

/**
 * The ids of the records of a store: row i has the i-th smallest id. Sixteen bytes each, not strings of thirty-six
 * characters: ten million take 160 MB and the table to find them by another 128.
 */
export class RecordIds {
  readonly #words: Int32Array;
  readonly #slots: Int32Array;
  readonly size: number;

  /**
   * @param words four for each id, the first byte highest, in ascending order, none twice.
   * @param slots the table to find them by, where another thread has made it.
   */
  constructor(words: Int32Array, slots = hashIds(words)) {
    this.#words = words;
    this.#slots = slots;
    this.size = words.length / wordsPerId;
  }

  /** What the constructor takes; memory that threads can share, where the words are. */
  get content(): { readonly words: Int32Array; readonly slots: Int32Array } {
    return { words: this.#words, slots: this.#slots };
  }

  /** From ids as text, in ascending order. */
  static fromTexts(ids: readonly string[]): RecordIds {
    const words = new Int32Array(ids.length * wordsPerId);
    for (const [row, id] of ids.entries()) {
      for (let i = 0; i < wordsPerId; i++) words[row * wordsPerId + i] = parseWord(id, i);
    }
    return new RecordIds(words);
  }

  /** The first eight bytes of every id as two words, in memory that threads can share. */
  copyPrefixes(): Int32Array {
    const prefixes = new Int32Array(new SharedArrayBuffer(this.size * 8));
    for (let row = 0; row < this.size; row++) {
      prefixes[row * 2] = this.#words[row * wordsPerId]!;
      prefixes[row * 2 + 1] = this.#words[row * wordsPerId + 1]!;
    }
    return prefixes;
  }

  /** The id as PostgreSQL writes it: thirty-two lower-case hexadecimal digits and four hyphens. */
  get(row: number): string {
    const at = row * wordsPerId;
    const [a, b, c, d] = [this.#words[at]!, this.#words[at + 1]!, this.#words[at + 2]!, this.#words[at + 3]!];
    return `${upper(a)}${lower(a)}-${upper(b)}-${lower(b)}-${upper(c)}-${lower(c)}${upper(d)}${lower(d)}`;
  }

  /** Puts the sixteen bytes of an id at bytes[at]. */
  write(row: number, bytes: Uint8Array, at: number): void {
    for (let i = 0; i < wordsPerId; i++) writeWord(bytes, at + i * 4, this.#words[row * wordsPerId + i]!);
  }

  /** The row of an id, or -1. */
  find(id: string): number {
    return this.findWords(parseWord(id, 0), parseWord(id, 1), parseWord(id, 2), parseWord(id, 3));
  }

  /** The row of an id of four words, or -1. */
  findWords(a: number, b: number, c: number, d: number): number {
    const words = this.#words;
    const mask = this.#slots.length - 1;
    for (let slot = hashWords(a, b, c, d) & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot]!;
      const at = row * wordsPerId;
      if (row < 0) return row;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return row;
    }
  }
}

const twoDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
/** Half a word as four hexadecimal digits. */
const upper = (word: number): string => twoDigits[word >>> 24]! + twoDigits[(word >>> 16) & 255]!;
const lower = (word: number): string => twoDigits[(word >>> 8) & 255]! + twoDigits[word & 255]!;

/** Four bytes as one word, the first one highest. */
export const readWord = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;

/** The other way round. */
function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/** An open-addressing table of rows. */
function hashIds(words: Int32Array): Int32Array {
  const size = words.length / wordsPerId;
  const slots = sharedInt32(2 ** Math.ceil(Math.log2(size * 2 + 2))).fill(-1);
  const mask = slots.length - 1;
  for (let row = 0, at = 0; row < size; row++, at += wordsPerId) {
    let slot = hashWords(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!) & mask;
    while (slots[slot] !== -1) slot = (slot + 1) & mask;
    slots[slot] = row;
  }
  return slots;
}

/** Random ids need no mixing; others, that somebody brought along, do. */
function hashWords(a: number, b: number, c: number, d: number): number {
  let hash = Math.imul(a, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15) ^ b, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15) ^ c, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15) ^ d, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

/** The n-th eight hexadecimal digits of an id, the hyphens left out. */
function parseWord(id: string, word: number): number {
  const digits = id.replaceAll("-", "");
  return Number.parseInt(digits.slice(word * 8, word * 8 + 8), 16) | 0;
}

/** In which order ids must be read to be ascending: place i of the result is the i-th smallest. */
export function orderIds(words: Int32Array, size: number): Uint32Array {
  let order = new Uint32Array(size);
  for (let i = 0; i < size; i++) order[i] = i;
  let next = new Uint32Array(size);
  for (const shift of [0, 16]) {
    const starts = new Uint32Array(0x10001);
    for (let i = 0; i < size; i++) starts[((words[i * wordsPerId]! >>> shift) & 0xffff) + 1]!++;
    for (let digit = 0; digit < 0x10000; digit++) starts[digit + 1]! += starts[digit]!;
    for (const place of order) next[starts[(words[place * wordsPerId]! >>> shift) & 0xffff]!++] = place;
    [order, next] = [next, order];
  }
  sortEqualPrefixes(words, order);
  return order;
}

/** The order by the first word is there; the rest decides where those are equal. */
function sortEqualPrefixes(words: Int32Array, order: Uint32Array): void {
  const prefixOf = (place: number) => words[order[place]! * wordsPerId]!;
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && prefixOf(end) === prefixOf(start)) end++;
    if (end - start > 1) order.subarray(start, end).sort((a, b) => compareIds(words, a, b));
    start = end;
  }
}

function compareIds(words: Int32Array, a: number, b: number): number {
  for (let i = 1; i < wordsPerId; i++) {
    const difference = (words[a * wordsPerId + i]! >>> 0) - (words[b * wordsPerId + i]! >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What it takes to find the record that a value belongs to: memory that threads can share. */
export interface OwnerTable {
  /** Words of the ids as they came. */
  readonly arrived: Int32Array;
  /** Row of each id as it came. */
  readonly rows: Int32Array;
  /** The other way round. */
  readonly order: Uint32Array;
  readonly ids: RecordIds["content"];
}

/**
 * @param arrived words of the ids as they came.
 * @param order which of them became each row.
 */
export function tabulateOwners(arrived: Int32Array, order: Uint32Array, ids: RecordIds): OwnerTable {
  const rows = sharedInt32(order.length);
  for (let row = 0; row < order.length; row++) rows[order[row]!] = row;
  const shared = sharedInt32(arrived.length);
  shared.set(arrived);
  return { arrived: shared, rows, order: shareUint32(order), ids: ids.content };
}

/**
 * Finds the record that a value belongs to. Values come in much the order in which their records came, so the record
 * after the last one is looked at before the table of all.
 */
export class OwnerFinder {
  readonly #arrived: Int32Array;
  readonly #rows: Int32Array;
  readonly #order: Uint32Array;
  readonly #ids: RecordIds;
  #last = 0;

  constructor({ arrived, rows, order, ids }: OwnerTable) {
    this.#arrived = arrived;
    this.#rows = rows;
    this.#order = order;
    this.#ids = new RecordIds(ids.words, ids.slots);
  }

  /** The row of the id in bytes[at, at + 16), or -1. */
  find(bytes: Uint8Array, at: number): number {
    const a = readWord(bytes, at);
    const b = readWord(bytes, at + 4);
    const c = readWord(bytes, at + 8);
    const d = readWord(bytes, at + 12);
    const arrived = this.#arrived;
    const end = Math.min(this.#last + 4, this.#rows.length);
    for (let place = this.#last; place < end; place++) {
      const word = place * wordsPerId;
      if (
        arrived[word] === a &&
        arrived[word + 1] === b &&
        arrived[word + 2] === c &&
        arrived[word + 3] === d
      ) {
        this.#last = place;
        return this.#rows[place]!;
      }
    }
    const row = this.#ids.findWords(a, b, c, d);
    if (row >= 0) this.#last = this.#order[row]!;
    return row;
  }
}

/** The words of ids in another order. */
export function gatherIds(words: Int32Array, order: Uint32Array): Int32Array {
  const gathered = sharedInt32(order.length * wordsPerId);
  for (let row = 0; row < order.length; row++) {
    const from = order[row]! * wordsPerId;
    for (let i = 0; i < wordsPerId; i++) gathered[row * wordsPerId + i] = words[from + i]!;
  }
  return gathered;
}
