/**
 * One row as it came from where records are kept: the text of column c is UTF-8 in bytes[starts[c], ends[c]), and
 * ends[c] is negative where there is none. Valid only while it is visited.
 */
export interface RowBytes {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** The texts of a list in the bytes of a row: text i is bytes[starts[i], ends[i]). */
export interface TextSpans {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly size: number;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text of a column, or null. */
export function decodeColumn({ bytes, starts, ends }: RowBytes, column: number): string | null {
  const end = ends[column]!;
  return end < 0 ? null : decoder.decode(bytes.subarray(starts[column], end));
}

export function decodeSpans({ bytes }: RowBytes, { starts, ends, size }: TextSpans): string[] {
  const texts: string[] = [];
  for (let i = 0; i < size; i++) texts.push(decoder.decode(bytes.subarray(starts[i], ends[i])));
  return texts;
}
