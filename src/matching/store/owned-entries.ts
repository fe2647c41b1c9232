import { GrowingRows } from "./growing-rows.ts";
import { readWord } from "./record-ids.ts";
import { valueFlags } from "./record-store.ts";

/** Entries of lists in the order that the lists have them. */
export interface EntryOrder {
  /** Of row i: entries starts[i] to starts[i + 1] of `order`. */
  readonly starts: Uint32Array;
  readonly order: Uint32Array;
}

/** Places in the row of an entry; `high` and `low` are the first eight bytes of its id, `own` what it holds. */
const place = { owner: 0, high: 1, low: 2, flags: 3, own: 4 } as const;

/**
 * Entries of the lists of all records, in whatever order they come: each with its record, the first eight bytes of
 * its own id, flags, and some numbers. The lists they make do not depend on that order.
 */
export class OwnedEntries {
  readonly #rows: GrowingRows;

  /**
   * @param numbers how many numbers an entry holds.
   * @param expected about how many entries there will be.
   */
  constructor(numbers: number, expected?: number) {
    this.#rows = new GrowingRows(place.own + numbers, expected);
  }

  get size(): number {
    return this.#rows.length;
  }

  /** @returns the place of the entry, whose numbers are 0. */
  add(owner: number, id: Uint8Array, at: number, flags: number): number {
    const rows = this.#rows;
    const entry = rows.add();
    rows.set(entry, place.owner, owner);
    rows.set(entry, place.high, readWord(id, at));
    rows.set(entry, place.low, readWord(id, at + 4));
    rows.set(entry, place.flags, flags);
    return entry;
  }

  set(entry: number, number: number, value: number): void {
    this.#rows.set(entry, place.own + number, value);
  }

  at(entry: number, number: number): number {
    return this.#rows.at(entry, place.own + number);
  }

  /** Columns of the entries in an order, in shared memory: their flags, and the numbers that are named. */
  gather<Wide extends string, Narrow extends string>(
    order: Uint32Array,
    numbers: Readonly<Record<Wide, number>>,
    bytes: Readonly<Record<Narrow, number>>,
  ): Record<Wide, Int32Array> & Record<Narrow | "flags", Uint8Array> {
    const own = (places: Readonly<Record<string, number>>) =>
      Object.fromEntries(Object.entries(places).map(([name, number]) => [name, place.own + number]));
    return this.#rows.gather(
      order,
      own(numbers) as Record<Wide, number>,
      { ...own(bytes as Readonly<Record<string, number>>), flags: place.flags } as Record<
        Narrow | "flags",
        number
      >,
    );
  }

  /**
   * Current entries first, then by id; of entries that are the same only the first.
   *
   * @param rows number of records.
   */
  arrange(rows: number, isSame: (x: number, y: number) => boolean = () => false): EntryOrder {
    const { size } = this;
    const { width } = this.#rows;
    const entries = this.#rows.view();
    const starts = new Uint32Array(rows + 1);
    for (let entry = 0; entry < size; entry++) starts[entries[entry * width + place.owner]! + 1]!++;
    for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!;
    const order = new Uint32Array(size);
    const next = starts.slice();
    for (let entry = 0; entry < size; entry++) order[next[entries[entry * width + place.owner]!]!++] = entry;
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
    const rows = this.#rows;
    const currentX = rows.at(x, place.flags) & valueFlags.current;
    const currentY = rows.at(y, place.flags) & valueFlags.current;
    if (currentX !== currentY) return currentX > currentY;
    const byHigh = (rows.at(x, place.high) >>> 0) - (rows.at(y, place.high) >>> 0);
    return byHigh === 0 ? rows.at(x, place.low) >>> 0 < rows.at(y, place.low) >>> 0 : byHigh < 0;
  }
}
