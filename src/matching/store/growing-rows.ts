import { sharedInt32, sharedUint8 } from "./shared-columns.ts";

/** So many rows are taken to columns at a time that they stay in the processor's cache. */
const rowsAtATime = 512;

/**
 * Rows of numbers, in memory that grows: the numbers of one row side by side, because they are put in another order
 * together, and every row that is looked for in another place misses the processor's cache.
 */
export class GrowingRows {
  readonly width: number;
  readonly #capacity: number;
  #values = new Int32Array(0);
  #length = 0;

  /**
   * @param width numbers of each row.
   * @param capacity how many rows it makes room for when the first one comes.
   */
  constructor(width: number, capacity = 64) {
    this.width = width;
    this.#capacity = Math.max(1, capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a row of zeros. @returns its place. */
  add(): number {
    if ((this.#length + 1) * this.width > this.#values.length) {
      const rows = Math.max(this.#capacity, this.#length * 2);
      const grown = new Int32Array(rows * this.width);
      grown.set(this.#values);
      this.#values = grown;
    }
    return this.#length++;
  }

  set(row: number, place: number, value: number): void {
    this.#values[row * this.width + place] = value;
  }

  at(row: number, place: number): number {
    return this.#values[row * this.width + place]!;
  }

  /** The numbers of all rows; valid until the next one is added. */
  view(): Int32Array {
    return this.#values.subarray(0, this.#length * this.width);
  }

  /**
   * Takes places of the rows to columns of shared memory: number i of each is that of row order[i].
   *
   * @param places of each column.
   * @param bytes columns among them of numbers from 0 to 255, which are to be columns of bytes.
   */
  gather<Wide extends string, Narrow extends string>(
    order: Uint32Array,
    places: Readonly<Record<Wide, number>>,
    bytes: Readonly<Record<Narrow, number>>,
  ): Record<Wide, Int32Array> & Record<Narrow, Uint8Array> {
    const wide = columnsAt(places, () => sharedInt32(order.length));
    const narrow = columnsAt(bytes, () => sharedUint8(order.length));
    for (let from = 0; from < order.length; from += rowsAtATime) {
      const to = Math.min(order.length, from + rowsAtATime);
      for (const { place, column } of wide) this.#gatherWide(order, from, to, place, column);
      for (const { place, column } of narrow) this.#gatherNarrow(order, from, to, place, column);
    }
    return Object.fromEntries([...wide, ...narrow].map(({ name, column }) => [name, column])) as Record<
      Wide,
      Int32Array
    > &
      Record<Narrow, Uint8Array>;
  }

  // Once for each type of array: a loop that sees both is several times slower.
  #gatherWide(order: Uint32Array, from: number, to: number, place: number, column: Int32Array): void {
    const { width } = this;
    const values = this.#values;
    for (let i = from; i < to; i++) column[i] = values[order[i]! * width + place]!;
  }

  #gatherNarrow(order: Uint32Array, from: number, to: number, place: number, column: Uint8Array): void {
    const { width } = this;
    const values = this.#values;
    for (let i = from; i < to; i++) column[i] = values[order[i]! * width + place]!;
  }
}

function columnsAt<Column>(places: Readonly<Record<string, number>>, make: () => Column) {
  return Object.entries(places).map(([name, place]) => ({ name, place, column: make() }));
}
