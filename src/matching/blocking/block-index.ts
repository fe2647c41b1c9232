/** The records under each key of one rule, grouped: entries starts[g] to starts[g + 1] of rows are group g. */
export interface BlockIndex {
  /** Key of each group of at least two records. */
  readonly keys: Float64Array;
  readonly starts: Uint32Array;
  /** In ascending order inside a group, each record once. */
  readonly rows: Int32Array;
  /** By record: 1 where it has more than one key. */
  readonly hasSeveralKeys: Uint8Array;
}

/**
 * Groups entries by key, in linear time: a counting sort by the low bits of the key, then each bucket of a few
 * entries by insertion.
 *
 * @param keys and rows: one entry for each key of each record, rows ascending.
 */
export function groupByKey(
  keys: Float64Array,
  rows: Int32Array,
  count: number,
  hasSeveralKeys: Uint8Array,
): BlockIndex {
  const bucketBits = Math.max(1, Math.min(24, Math.ceil(Math.log2(count + 1))));
  const mask = 2 ** bucketBits - 1;
  const starts = new Uint32Array(mask + 2);
  for (let i = 0; i < count; i++) starts[bucketOf(keys[i]!, mask)]!++;
  // A key that is alone in its bucket is alone: most keys are, and cost nothing from here on.
  let kept = 0;
  for (let b = 0; b <= mask; b++) {
    const size = starts[b]!;
    starts[b] = kept;
    if (size > 1) kept += size;
  }
  starts[mask + 1] = kept;
  const sortedKeys = new Float64Array(kept);
  const sortedRows = new Int32Array(kept);
  const next = starts.slice();
  for (let i = 0; i < count; i++) {
    const bucket = bucketOf(keys[i]!, mask);
    if (starts[bucket] === starts[bucket + 1]) continue;
    const at = next[bucket]!++;
    sortedKeys[at] = keys[i]!;
    sortedRows[at] = rows[i]!;
  }
  for (let b = 0; b <= mask; b++) sortBucket(sortedKeys, sortedRows, starts[b]!, starts[b + 1]!);
  return { ...keepGroups(sortedKeys, sortedRows, kept), hasSeveralKeys };
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

function keepGroups(keys: Float64Array, rows: Int32Array, count: number): Omit<BlockIndex, "hasSeveralKeys"> {
  const groupKeys = new Float64Array(count >> 1);
  const starts = new Uint32Array((count >> 1) + 1);
  let groups = 0;
  let kept = 0;
  for (let start = 0; start < count;) {
    let end = start + 1;
    while (end < count && keys[end] === keys[start]) end++;
    const from = kept;
    for (let i = start; i < end; i++) {
      if (kept === from || rows[kept - 1] !== rows[i]) rows[kept++] = rows[i]!;
    }
    if (kept - from > 1) {
      groupKeys[groups++] = keys[start]!;
      starts[groups] = kept;
    } else kept = from;
    start = end;
  }
  return {
    keys: groupKeys.slice(0, groups),
    starts: starts.slice(0, groups + 1),
    rows: rows.slice(0, kept),
  };
}
