/** `PGCOPY\n\xff\r\n\0`, the flags and the length of the header extension. */
const headerLength = 19;

const nothing: Buffer = Buffer.alloc(0);

const int32At = (bytes: Buffer, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;

/**
 * One row of a binary COPY: where each column lies in `bytes`. Nothing is decoded: a value that is not wanted costs
 * nothing. Valid until the next row is read.
 */
export class CopiedRow {
  bytes = nothing;
  readonly starts: Int32Array;
  /** -1 where the column is null. */
  readonly ends: Int32Array;
  #isHeaderRead = false;

  constructor(columns: number) {
    this.starts = new Int32Array(columns);
    this.ends = new Int32Array(columns);
  }

  /** Turns to the data at `at`. @returns where the next row begins: the first data begins with a header. */
  begin(bytes: Buffer, at: number): number {
    this.bytes = bytes;
    if (this.#isHeaderRead) return at;
    this.#isHeaderRead = true;
    return at + headerLength + int32At(bytes, at + headerLength - 4);
  }

  /** Reads the row that begins at `at`, which must be there whole. @returns where it ends; -1 after the last one. */
  read(at: number): number {
    const { bytes, starts, ends } = this;
    // A count of columns of -1 is the trailer.
    if (bytes[at]! >= 128) return -1;
    let from = at + 2;
    for (let column = 0; column < starts.length; column++) {
      const size = int32At(bytes, from);
      from += 4;
      starts[column] = from;
      if (size < 0) ends[column] = -1;
      else {
        from += size;
        ends[column] = from;
      }
    }
    return from;
  }
}

/** Text of a column, or null. */
export function readText({ bytes, starts, ends }: CopiedRow, column: number): string | null {
  const end = ends[column]!;
  return end < 0 ? null : bytes.toString("utf8", starts[column], end);
}

/** A `boolean` column; null counts as false. */
export function readBoolean({ bytes, starts, ends }: CopiedRow, column: number): boolean {
  return ends[column]! >= 0 && bytes[starts[column]!] === 1;
}

/** A `smallint` column, or null. */
export function readSmallint({ bytes, starts, ends }: CopiedRow, column: number): number | null {
  return ends[column]! < 0 ? null : bytes.readInt16BE(starts[column]);
}

/** Days since 2000-01-01 of a `date` column, or null. */
export function readDays({ bytes, starts, ends }: CopiedRow, column: number): number | null {
  return ends[column]! < 0 ? null : int32At(bytes, starts[column]!);
}

/** Where the elements of a `text[]` lie in the bytes of its row. */
export class CopiedTexts {
  starts = new Int32Array(8);
  ends = new Int32Array(8);
  size = 0;

  /** Turns to a column of a row: of one dimension; null elements are left out. */
  read({ bytes, starts, ends }: CopiedRow, column: number): this {
    const start = starts[column]!;
    this.size = 0;
    if (ends[column]! < 0 || int32At(bytes, start) === 0) return this;
    const count = int32At(bytes, start + 12);
    if (count > this.starts.length) {
      this.starts = new Int32Array(count);
      this.ends = new Int32Array(count);
    }
    let at = start + 20;
    for (let i = 0; i < count; i++) {
      const size = int32At(bytes, at);
      at += 4;
      if (size < 0) continue;
      this.starts[this.size] = at;
      at += size;
      this.ends[this.size++] = at;
    }
    return this;
  }
}
