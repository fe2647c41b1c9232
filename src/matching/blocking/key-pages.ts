import { mix } from "../store/hash-mix.ts";
import type { BlockingRule } from "../model/match-model.ts";
import { BlockingKeys, mostKeys, type BlockLimits } from "./blocking-keys.ts";
import type { KeyValues } from "./key-values.ts";

/**
 * The blocking keys of a whole registry on pages, so that those who share a key with a few records are found by
 * reading a few pages. A page holds the entries of one rule whose keys have the same leading bits of a hash; an entry
 * is the rest of what is kept of the key, and the beginning of a record's id. It tells no values; and what it
 * finds is a candidate only: whether two records share a key is asked of the records themselves.
 */
export const entryBytes = 12;
const wordsPerEntry = entryBytes / 4;

const entriesPerPage = 64;

/** Where the entries of a key are: a page, and the hash that tells them from the others there. */
export interface KeyPlace {
  readonly page: number;
  readonly check: number;
}

/** Bits of the hash that number the pages of a rule, so that a page has some sixty entries. */
export function pageBitsFor(records: number): number {
  return Math.max(0, Math.min(24, Math.round(Math.log2(Math.max(1, records) / entriesPerPage))));
}

/** @param key as BlockingKeys writes them. */
export function placeOfKey(rule: number, key: number, pageBits: number): KeyPlace {
  return { page: firstPageOf(rule, pageBits) + bucketOf(rule, key, pageBits), check: checkOf(key) };
}

const firstPageOf = (rule: number, pageBits: number) => rule * 2 ** pageBits;

const lowOf = (key: number) => key | 0;
const highOf = (key: number) => Math.floor(key / 2 ** 32);

/** Which page of the rule's the key is on. */
function bucketOf(rule: number, key: number, pageBits: number): number {
  const spread = mix(mix(lowOf(key), rule), highOf(key));
  return pageBits === 0 ? 0 : spread >>> (32 - pageBits);
}

const checkOf = (key: number): number => mix(highOf(key), lowOf(key));

/** Pages of one rule: page pages[i] holds the bytes from starts[i] to starts[i + 1]. */
export interface KeyPages {
  readonly pages: Int32Array;
  readonly starts: Uint32Array;
  readonly entries: Uint8Array;
}

/**
 * Puts the keys of one rule on pages, entries in order of page, then of record.
 *
 * @param keys and rows: one entry for each key of each record.
 * @param prefixes the first eight bytes of the id of each row, as two words with the first byte highest.
 */
export function packKeyPages(
  rule: number,
  keys: Float64Array,
  rows: Int32Array,
  count: number,
  pageBits: number,
  prefixes: Int32Array,
): KeyPages {
  const buckets = new Int32Array(count);
  const starts = new Uint32Array(2 ** pageBits + 1);
  for (let i = 0; i < count; i++) {
    const bucket = bucketOf(rule, keys[i]!, pageBits);
    buckets[i] = bucket;
    starts[bucket + 1]!++;
  }
  for (let bucket = 0; bucket < starts.length - 1; bucket++) starts[bucket + 1]! += starts[bucket]!;
  const words = new Int32Array(count * wordsPerEntry);
  const next = starts.slice();
  for (let i = 0; i < count; i++) {
    const at = next[buckets[i]!]!++ * wordsPerEntry;
    words[at] = highestFirst(checkOf(keys[i]!));
    words[at + 1] = highestFirst(prefixes[rows[i]! * 2]!);
    words[at + 2] = highestFirst(prefixes[rows[i]! * 2 + 1]!);
  }
  return keepFilled(firstPageOf(rule, pageBits), starts, new Uint8Array(words.buffer));
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** A word whose bytes in memory are those of the number, the highest first. */
function highestFirst(word: number): number {
  if (!isLittleEndian) return word;
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

function keepFilled(first: number, starts: Uint32Array, entries: Uint8Array): KeyPages {
  const filled: number[] = [];
  for (let bucket = 0; bucket < starts.length - 1; bucket++) {
    if (starts[bucket + 1]! > starts[bucket]!) filled.push(bucket);
  }
  return {
    pages: Int32Array.from(filled, (bucket) => first + bucket),
    starts: Uint32Array.from([...filled.map((bucket) => starts[bucket]! * entryBytes), entries.length]),
    entries,
  };
}

/** Beginnings of the ids of those entries of a page whose check is among the wanted, as sixteen hexadecimal digits. */
export function findInPage(
  entries: Uint8Array,
  wanted: ReadonlySet<number>,
  found: (idPrefix: string) => void,
): void {
  for (let at = 0; at < entries.length; at += entryBytes) {
    const check =
      (entries[at]! << 24) | (entries[at + 1]! << 16) | (entries[at + 2]! << 8) | entries[at + 3]!;
    if (!wanted.has(check)) continue;
    let prefix = "";
    for (let byte = 4; byte < entryBytes; byte++) prefix += entries[at + byte]!.toString(16).padStart(2, "0");
    found(prefix);
  }
}

/** The places of all keys of a record, under all rules. */
export class KeyLocator {
  readonly #keys: BlockingKeys;
  readonly #rules: readonly BlockingRule[];
  readonly #limits: readonly BlockLimits[];
  readonly #pageBits: number;
  readonly #buffer = new Float64Array(mostKeys);

  constructor(
    values: KeyValues,
    rules: readonly BlockingRule[],
    limits: readonly BlockLimits[],
    pageBits: number,
  ) {
    this.#keys = new BlockingKeys(values);
    this.#rules = rules;
    this.#limits = limits;
    this.#pageBits = pageBits;
  }

  locate(row: number): readonly KeyPlace[] {
    const places: KeyPlace[] = [];
    for (const [index, rule] of this.#rules.entries()) {
      const count = this.#keys.read(rule, this.#limits[index]!, row, this.#buffer);
      for (let i = 0; i < count; i++) places.push(placeOfKey(index, this.#buffer[i]!, this.#pageBits));
    }
    return places;
  }
}
