/** `PGCOPY\n\xff\r\n\0`, the flags and the length of the header extension. */
const headerLength = 19;

/** One row of a binary COPY: where each column lies in `bytes`. Valid until the next row is read. */
export interface CopiedRow {
  readonly bytes: Buffer;
  readonly starts: Int32Array;
  /** -1 where the column is null. */
  readonly ends: Int32Array;
}

/**
 * Reads `copy … to stdout (format binary)` row by row. Nothing is decoded: a value that is not wanted costs nothing.
 *
 * @param columns how many each row has.
 * @returns how many rows there were.
 */
export async function readBinaryCopy(
  chunks: AsyncIterable<Buffer>,
  columns: number,
  visit: (row: CopiedRow) => void,
): Promise<number> {
  const row: { -readonly [key in keyof CopiedRow]: CopiedRow[key] } = {
    bytes: Buffer.alloc(0),
    starts: new Int32Array(columns),
    ends: new Int32Array(columns),
  };
  let rest: Buffer = Buffer.alloc(0);
  let isHeaderRead = false;
  let rows = 0;
  for await (const chunk of chunks) {
    row.bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    if (!isHeaderRead) {
      if (row.bytes.length < headerLength) {
        rest = row.bytes;
        continue;
      }
      isHeaderRead = true;
      at = headerLength + row.bytes.readInt32BE(headerLength - 4);
    }
    for (let end = readRow(row, at); end > at; end = readRow(row, at)) {
      at = end;
      rows++;
      visit(row);
    }
    rest = row.bytes.subarray(at);
  }
  return rows;
}

/** @returns where the row ends; `at` where it is not complete yet, or where the rows are over. */
function readRow({ bytes, starts, ends }: CopiedRow, at: number): number {
  const { length } = bytes;
  if (at + 2 > length || bytes.readInt16BE(at) < 0) return at;
  let from = at + 2;
  for (let column = 0; column < starts.length; column++) {
    if (from + 4 > length) return at;
    const size = bytes.readInt32BE(from);
    from += 4;
    starts[column] = from;
    ends[column] = size < 0 ? -1 : from + size;
    if (size > 0) from += size;
  }
  return from > length ? at : from;
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
  return ends[column]! < 0 ? null : bytes.readInt32BE(starts[column]);
}

const noTexts: readonly string[] = [];

/** The elements of a `text[]` column of one dimension; null elements are left out. */
export function readTexts({ bytes, starts, ends }: CopiedRow, column: number): readonly string[] {
  const start = starts[column]!;
  if (ends[column]! < 0 || bytes.readInt32BE(start) === 0) return noTexts;
  const count = bytes.readInt32BE(start + 12);
  const texts: string[] = [];
  let at = start + 20;
  for (let i = 0; i < count; i++) {
    const size = bytes.readInt32BE(at);
    at += 4;
    if (size < 0) continue;
    texts.push(bytes.toString("utf8", at, at + size));
    at += size;
  }
  return texts;
}
