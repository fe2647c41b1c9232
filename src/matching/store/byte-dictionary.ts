const unknown = -1;
/** Room for each value that is expected; memory that is not used costs nothing. */
const bytesPerValue = 16;
const encoder = new TextEncoder();
/** A byte order mark is a character like others: what was put in comes out. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The frozen content of a dictionary: plain arrays, so that worker threads can share it. */
export interface DictionaryColumns {
  readonly size: number;
  /** UTF-8 of all values, one after the other. */
  readonly bytes: Uint8Array;
  /** Where value i begins; one more entry than there are values. */
  readonly offsets: Uint32Array;
  /** hashBytes of every value: the same in every dictionary. */
  readonly hashes: Int32Array;
}

/**
 * Gives every distinct value a small integer, in the order of first sight. An open-addressing table over
 * bytes: no JavaScript string is kept, so ten million values cost their bytes and 16 more each.
 */
export class ByteDictionary {
  #bytes: Uint8Array;
  #offsets: Uint32Array;
  #hashes: Int32Array;
  /**
   * Two numbers a slot, side by side: most lookups that miss the processor's cache miss it once. First the code and one,
   * 0 for an empty slot; then the hash.
   */
  #slots: Int32Array;
  #size = 0;
  #waiting: WaitingValues | undefined;

  /**
   * @param values first of all.
   * @param expected about how many there will be: it makes room for so many at once, in memory that threads can share.
   */
  constructor(values: Iterable<string> = [], expected = 0) {
    const room = Math.max(64, expected);
    const allocate = (bytes: number) =>
      expected > 0 ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
    this.#bytes = new Uint8Array(allocate(room * bytesPerValue));
    this.#offsets = new Uint32Array(allocate((room + 1) * 4));
    this.#hashes = new Int32Array(allocate(room * 4));
    this.#slots = new Int32Array(4 * 2 ** Math.ceil(Math.log2(room)));
    for (const value of values) this.add(value);
  }

  get size(): number {
    return this.#size;
  }

  /** The code of a value, added where it is new. */
  add(value: string): number {
    const start = this.#end();
    const end = this.#write(value, start);
    return this.#findOrCommit(start, end);
  }

  /** The same for bytes[start, end). */
  addBytes(bytes: Uint8Array, start: number, end: number): number {
    return this.#addHashed(hashBytes(bytes, start, end), bytes, start, end);
  }

  #addHashed(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const slot = this.#findSlot(hash, bytes, start, end);
    const known = this.#slots[slot]! - 1;
    if (known !== unknown) return known;
    const at = this.#end();
    const length = end - start;
    this.#reserve(at + length);
    const own = this.#bytes;
    for (let i = 0; i < length; i++) own[at + i] = bytes[start + i]!;
    return this.#commit(slot, hash, at + length);
  }

  /** The code of a value, or -1 where it is not known. */
  find(value: string): number {
    const start = this.#end();
    const end = this.#write(value, start);
    const hash = hashBytes(this.#bytes, start, end);
    return this.#slots[this.#findSlot(hash, this.#bytes, start, end)]! - 1;
  }

  /** The same for bytes[start, end). */
  findBytes(bytes: Uint8Array, start: number, end: number): number {
    return this.#slots[this.#findSlot(hashBytes(bytes, start, end), bytes, start, end)]! - 1;
  }

  /**
   * The same as addBytes, but told later: values that are many lie anywhere in memory, and looked for together the
   * processor waits for several of them at once.
   *
   * @param bytes at most 256 from start to end.
   * @param entry what `onCode` is told the code for: when another value is added, or `flush` is called.
   */
  addLater(bytes: Uint8Array, start: number, end: number, entry: number, onCode: CodeListener): void {
    const waiting = (this.#waiting ??= new WaitingValues());
    if (waiting.size === waitingValues) this.flush(onCode);
    waiting.add(bytes, start, end, entry);
  }

  /** Tells the codes of all that have been added for later. */
  flush(onCode: CodeListener): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#lookAhead(waiting);
    for (let i = 0; i < waiting.size; i++) {
      const start = i * longestWaiting;
      const end = start + waiting.lengths[i]!;
      onCode(waiting.entries[i]!, this.#addHashed(waiting.hashes[i]!, waiting.bytes, start, end));
    }
    waiting.size = 0;
  }

  /** Touches what adding the values will look at, each step for all of them. */
  #lookAhead({ size, hashes, places }: WaitingValues): void {
    const slots = this.#slots;
    const offsets = this.#offsets;
    const bytes = this.#bytes;
    const mask = slots.length - 1;
    for (let i = 0; i < size; i++) {
      const at = (hashes[i]! << 1) & mask;
      places[i] = slots[at + 1] === hashes[i] ? slots[at]! : 0;
    }
    for (let i = 0; i < size; i++) places[i] = offsets[places[i]!]!;
    for (let i = 0; i < size; i++) places[i] = bytes[places[i]!]!;
  }

  get(code: number): string {
    return decodeAscii(this.#bytes, this.#offsets[code]!, this.#offsets[code + 1]!);
  }

  /** A view of the content; valid until the next value is added. */
  columns(): DictionaryColumns {
    return {
      size: this.#size,
      bytes: this.#bytes.subarray(0, this.#end()),
      offsets: this.#offsets.subarray(0, this.#size + 1),
      hashes: this.#hashes.subarray(0, this.#size),
    };
  }

  #end(): number {
    return this.#offsets[this.#size]!;
  }

  #write(value: string, start: number): number {
    this.#reserve(start + value.length * 3);
    const bytes = this.#bytes;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 128) return start + encoder.encodeInto(value, bytes.subarray(start)).written;
      bytes[start + i] = code;
    }
    return start + value.length;
  }

  /** The candidate lies at the end of the bytes already: it is kept there, or forgotten. */
  #findOrCommit(start: number, end: number): number {
    const hash = hashBytes(this.#bytes, start, end);
    const slot = this.#findSlot(hash, this.#bytes, start, end);
    const known = this.#slots[slot]! - 1;
    return known === unknown ? this.#commit(slot, hash, end) : known;
  }

  #commit(slot: number, hash: number, end: number): number {
    const code = this.#size++;
    this.#slots[slot] = code + 1;
    this.#slots[slot + 1] = hash;
    if (code + 1 >= this.#hashes.length) this.#growEntries();
    this.#hashes[code] = hash;
    this.#offsets[code + 1] = end;
    if (this.#size * 4 > this.#slots.length) this.#growSlots();
    return code;
  }

  /** Place in the slots of a value, or of the empty one where it belongs. */
  #findSlot(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = (hash << 1) & mask; ; at = (at + 2) & mask) {
      const code = slots[at]! - 1;
      if (code === unknown || (slots[at + 1] === hash && this.#equals(code, bytes, start, end))) return at;
    }
  }

  #equals(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#bytes;
    const offsets = this.#offsets;
    const shift = offsets[code]! - start;
    if (offsets[code + 1]! - shift !== end) return false;
    for (let i = start; i < end; i++) if (own[i + shift] !== bytes[i]) return false;
    return true;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#end()));
    this.#bytes = grown;
  }

  #growEntries(): void {
    const offsets = new Uint32Array(this.#offsets.length * 2);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    const hashes = this.#hashes;
    for (let code = 0; code < this.#size; code++) {
      const hash = hashes[code]!;
      let at = (hash << 1) & mask;
      while (slots[at] !== 0) at = (at + 2) & mask;
      slots[at] = code + 1;
      slots[at + 1] = hash;
    }
    this.#slots = slots;
  }
}

/** Takes the code of a value that was added for later. */
export type CodeListener = (entry: number, code: number) => void;

const waitingValues = 32;
const longestWaiting = 256;

/** Values that are looked for together. */
class WaitingValues {
  size = 0;
  readonly bytes = new Uint8Array(waitingValues * longestWaiting);
  readonly lengths = new Int32Array(waitingValues);
  readonly hashes = new Int32Array(waitingValues);
  readonly entries = new Int32Array(waitingValues);
  /** Where the next thing to look at lies. */
  readonly places = new Int32Array(waitingValues);

  add(bytes: Uint8Array, start: number, end: number, entry: number): void {
    const at = this.size++;
    const to = at * longestWaiting;
    for (let i = start; i < end; i++) this.bytes[to + i - start] = bytes[i]!;
    this.lengths[at] = end - start;
    this.hashes[at] = hashBytes(bytes, start, end);
    this.entries[at] = entry;
  }
}

/** FNV-1a over the bytes with a final mix: linear probing needs the low bits spread. Never 0. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16) || 1;
}

const encoded = new Uint8Array(256);

/** hashBytes of a text's UTF-8. */
export function hashText(text: string): number {
  if (text.length * 3 > encoded.length) {
    const bytes = encoder.encode(text);
    return hashBytes(bytes, 0, bytes.length);
  }
  // Most are phonetic codes: to hand a few letters to the encoder takes longer than to hash them.
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return hashBytes(encoded, 0, encoder.encodeInto(text, encoded).written);
    encoded[i] = unit;
  }
  return hashBytes(encoded, 0, text.length);
}

/** Low bits of a hash that tell most values at a glance. */
const glanceBits = 20;

/** Codes of the given values, for those that the dictionary has. */
export function findCodes(columns: DictionaryColumns, values: Iterable<string>): Map<string, number> {
  const wanted = new Map<number, string | string[]>();
  const mayBeWanted = new Uint8Array(2 ** glanceBits);
  const mask = mayBeWanted.length - 1;
  for (const value of values) {
    const bytes = encoder.encode(value);
    const hash = hashBytes(bytes, 0, bytes.length);
    const others = wanted.get(hash);
    wanted.set(hash, others === undefined ? value : [value].concat(others));
    mayBeWanted[hash & mask] = 1;
  }
  const codes = new Map<string, number>();
  if (wanted.size === 0) return codes;
  const { size, hashes } = columns;
  for (let code = 0; code < size; code++) {
    const hash = hashes[code]!;
    if (mayBeWanted[hash & mask] === 0) continue;
    const candidates = wanted.get(hash);
    if (candidates === undefined) continue;
    const value = readValue(columns, code);
    if (typeof candidates === "string" ? candidates === value : candidates.includes(value))
      codes.set(value, code);
  }
  return codes;
}

/** The value with this code. */
export function readValue(columns: DictionaryColumns, code: number): string {
  return decodeAscii(columns.bytes, columns.offsets[code]!, columns.offsets[code + 1]!);
}

/** Short ASCII, which nearly every value is, goes without the decoder's overhead. */
function decodeAscii(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > 24) return decoder.decode(bytes.slice(start, end));
  let text = "";
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte >= 128) return decoder.decode(bytes.slice(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}
