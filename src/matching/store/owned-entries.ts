import { GrowingInt32, GrowingUint8 } from "./growing-columns.ts";
import { valueFlags } from "./record-store.ts";

/** Entries of lists in the order that the lists have them. */
export interface EntryOrder {
  /** Of row i: entries starts[i] to starts[i + 1] of `order`. */
  readonly starts: Uint32Array;
  readonly order: Uint32Array;
}

/**
 * Entries of the lists of all records, in whatever order they come: each with its record, the first eight bytes of
 * its own id, and flags. The lists they make do not depend on that order.
 */
export class OwnedEntries {
  readonly #owners: GrowingInt32;
  readonly #high: GrowingInt32;
  readonly #low: GrowingInt32;
  readonly flags: GrowingUint8;

  /** @param expected about how many there will be. */
  constructor(expected?: number) {
    this.#owners = new GrowingInt32(expected);
    this.#high = new GrowingInt32(expected);
    this.#low = new GrowingInt32(expected);
    this.flags = new GrowingUint8(expected);
  }

  get size(): number {
    return this.#owners.length;
  }

  add(owner: number, id: Uint8Array, at: number, flags: number): void {
    this.#owners.push(owner);
    this.#high.push((id[at]! << 24) | (id[at + 1]! << 16) | (id[at + 2]! << 8) | id[at + 3]!);
    this.#low.push((id[at + 4]! << 24) | (id[at + 5]! << 16) | (id[at + 6]! << 8) | id[at + 7]!);
    this.flags.push(flags);
  }

  /**
   * Current entries first, then by id; of entries that are the same only the first.
   *
   * @param rows number of records.
   */
  arrange(rows: number, isSame: (x: number, y: number) => boolean = () => false): EntryOrder {
    const owners = this.#owners.view();
    const starts = new Uint32Array(rows + 1);
    for (let entry = 0; entry < owners.length; entry++) starts[owners[entry]! + 1]!++;
    for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!;
    const order = new Uint32Array(owners.length);
    const next = starts.slice();
    for (let entry = 0; entry < owners.length; entry++) order[next[owners[entry]!]!++] = entry;
    let kept = 0;
    for (let row = 0; row < rows; row++) {
      const start = starts[row]!;
      const end = starts[row + 1]!;
      const first = kept;
      starts[row] = first;
      if (end - start === 1) {
        order[kept++] = order[start]!;
        continue;
      }
      this.#sort(order, start, end);
      for (let at = start; at < end; at++) {
        const entry = order[at]!;
        let isKnown = false;
        for (let known = first; known < kept; known++) isKnown ||= isSame(order[known]!, entry);
        if (!isKnown) order[kept++] = entry;
      }
    }
    starts[rows] = kept;
    return { starts, order: order.subarray(0, kept) };
  }

  /** A few entries at most: by insertion. */
  #sort(order: Uint32Array, start: number, end: number): void {
    for (let i = start + 1; i < end; i++) {
      const entry = order[i]!;
      let at = i - 1;
      while (at >= start && this.#isBefore(entry, order[at]!)) {
        order[at + 1] = order[at]!;
        at--;
      }
      order[at + 1] = entry;
    }
  }

  #isBefore(x: number, y: number): boolean {
    const byCurrent = (this.flags.at(y) & valueFlags.current) - (this.flags.at(x) & valueFlags.current);
    if (byCurrent !== 0) return byCurrent < 0;
    const byHigh = (this.#high.at(x) >>> 0) - (this.#high.at(y) >>> 0);
    return byHigh === 0 ? this.#low.at(x) >>> 0 < this.#low.at(y) >>> 0 : byHigh < 0;
  }
}
