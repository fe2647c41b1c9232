/** Groups of at least two records each: entries starts[g] to starts[g + 1] of rows are group g. */
export interface RowGroups {
  readonly starts: Uint32Array;
  /** In ascending order inside a group, each record once. */
  readonly rows: Int32Array;
}

/** The records under each key of one rule. */
export interface BlockIndex extends RowGroups {
  /** Key of each group. */
  readonly keys: Float64Array;
}

/** Entries that are grouped at a time: few enough for the processor's cache. */
const entriesPerPart = 2 ** 15;
const mostPartBits = 12;

/**
 * Groups entries by key, in linear time: they are parted by the high bits of the key's low word, and each part is
 * sorted by counting the low bits, then each bucket of a few entries by insertion.
 *
 * @param keys and rows: one entry for each key of each record, rows ascending.
 */
export function groupByKey(keys: Float64Array, rows: Int32Array, count: number): BlockIndex {
  const partBits = Math.min(mostPartBits, Math.max(0, Math.ceil(Math.log2(count / entriesPerPart + 1))));
  const parts = partByKey(keys, rows, count, partBits);
  const groups = new KeyGroups(count);
  const sorter = new PartSorter(parts.largest);
  for (let part = 0; part < parts.starts.length - 1; part++) {
    const from = parts.starts[part]!;
    const kept = sorter.sort(parts.keys, parts.rows, from, parts.starts[part + 1]!);
    groups.add(sorter.keys, sorter.rows, kept);
  }
  return groups.finish();
}

interface KeyParts {
  readonly keys: Float64Array;
  readonly rows: Int32Array;
  /** Of each part; one more than there are. */
  readonly starts: Uint32Array;
  readonly largest: number;
}

/** Stable, so rows stay ascending in each part. */
function partByKey(keys: Float64Array, rows: Int32Array, count: number, bits: number): KeyParts {
  if (bits === 0) return { keys, rows, starts: Uint32Array.of(0, count), largest: count };
  const shift = 32 - bits;
  const starts = new Uint32Array(2 ** bits + 1);
  for (let i = 0; i < count; i++) starts[((keys[i]! | 0) >>> shift) + 1]!++;
  let largest = 0;
  for (let part = 1; part < starts.length; part++) {
    largest = Math.max(largest, starts[part]!);
    starts[part]! += starts[part - 1]!;
  }
  const parted = { keys: new Float64Array(count), rows: new Int32Array(count), starts, largest };
  const next = starts.slice();
  for (let i = 0; i < count; i++) {
    const at = next[(keys[i]! | 0) >>> shift]!++;
    parted.keys[at] = keys[i]!;
    parted.rows[at] = rows[i]!;
  }
  return parted;
}

/** Sorts one part after the other by key, in memory that is used again. */
class PartSorter {
  readonly keys: Float64Array;
  readonly rows: Int32Array;
  readonly #starts: Uint32Array;
  readonly #next: Uint32Array;
  readonly #mask: number;

  /** @param largest entries of the largest part. */
  constructor(largest: number) {
    const bucketBits = Math.max(1, Math.ceil(Math.log2(largest + 1)));
    this.#mask = 2 ** bucketBits - 1;
    this.#starts = new Uint32Array(this.#mask + 2);
    this.#next = new Uint32Array(this.#mask + 1);
    this.keys = new Float64Array(largest);
    this.rows = new Int32Array(largest);
  }

  /**
   * Puts the entries from `from` to `to` - 1 into `keys` and `rows`, but those whose key is theirs alone.
   *
   * @returns how many.
   */
  sort(keys: Float64Array, rows: Int32Array, from: number, to: number): number {
    const mask = this.#mask;
    const starts = this.#starts;
    const next = this.#next;
    starts.fill(0);
    for (let i = from; i < to; i++) starts[bucketOf(keys[i]!, mask)]!++;
    // A key that is alone in its bucket is alone: most keys are, and cost nothing from here on.
    let kept = 0;
    for (let b = 0; b <= mask; b++) {
      const size = starts[b]!;
      starts[b] = kept;
      next[b] = kept;
      if (size > 1) kept += size;
    }
    starts[mask + 1] = kept;
    for (let i = from; i < to; i++) {
      const bucket = bucketOf(keys[i]!, mask);
      if (starts[bucket] === starts[bucket + 1]) continue;
      const at = next[bucket]!++;
      this.keys[at] = keys[i]!;
      this.rows[at] = rows[i]!;
    }
    for (let b = 0; b <= mask; b++) sortBucket(this.keys, this.rows, starts[b]!, starts[b + 1]!);
    return kept;
  }
}

function bucketOf(key: number, mask: number): number {
  return (key ^ (key / 2 ** 32)) & mask;
}

/** Stable, so rows stay ascending; buckets of one large block are in order already. */
function sortBucket(keys: Float64Array, rows: Int32Array, start: number, end: number): void {
  if (end - start > 64) {
    sortLargeBucket(keys, rows, start, end);
    return;
  }
  for (let i = start + 1; i < end; i++) {
    const key = keys[i]!;
    const row = rows[i]!;
    let at = i - 1;
    while (at >= start && keys[at]! > key) {
      keys[at + 1] = keys[at]!;
      rows[at + 1] = rows[at]!;
      at--;
    }
    keys[at + 1] = key;
    rows[at + 1] = row;
  }
}

function sortLargeBucket(keys: Float64Array, rows: Int32Array, start: number, end: number): void {
  const order = Uint32Array.from({ length: end - start }, (_, i) => i);
  const ownKeys = keys.slice(start, end);
  const ownRows = rows.slice(start, end);
  order.sort((a, b) => ownKeys[a]! - ownKeys[b]! || a - b);
  for (let i = 0; i < order.length; i++) {
    keys[start + i] = ownKeys[order[i]!]!;
    rows[start + i] = ownRows[order[i]!]!;
  }
}

/** Collects the groups of several records. */
class KeyGroups {
  readonly #keys: Float64Array;
  readonly #starts: Uint32Array;
  readonly #rows: Int32Array;
  #groups = 0;
  #kept = 0;

  /** @param most entries that there can be. */
  constructor(most: number) {
    this.#keys = new Float64Array(most >> 1);
    this.#starts = new Uint32Array((most >> 1) + 1);
    this.#rows = new Int32Array(most);
  }

  /** @param count entries in order of key, then row. */
  add(keys: Float64Array, rows: Int32Array, count: number): void {
    const groupRows = this.#rows;
    let kept = this.#kept;
    for (let start = 0; start < count;) {
      let end = start + 1;
      while (end < count && keys[end] === keys[start]) end++;
      const from = kept;
      for (let i = start; i < end; i++) {
        if (kept === from || groupRows[kept - 1] !== rows[i]) groupRows[kept++] = rows[i]!;
      }
      if (kept - from > 1) {
        this.#keys[this.#groups++] = keys[start]!;
        this.#starts[this.#groups] = kept;
      } else kept = from;
      start = end;
    }
    this.#kept = kept;
  }

  finish(): BlockIndex {
    return {
      keys: this.#keys.slice(0, this.#groups),
      starts: this.#starts.slice(0, this.#groups + 1),
      rows: this.#rows.slice(0, this.#kept),
    };
  }
}
