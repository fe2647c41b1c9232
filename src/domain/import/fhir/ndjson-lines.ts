/** One physical line, without its end; empty ones are left out. */
export interface ByteLine {
  /** From 1. */
  readonly line: number;
  readonly bytes: Buffer;
}

const lineFeed = 10;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
/** A longer line is no resource of a patient: photos have some 100 KiB. */
const longestLine = 64 * 1024 * 1024;

/**
 * Splits bytes at line feeds. A line that grows beyond 64 MiB is given out in parts, none of which will be JSON, so
 * that memory stays bounded.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<ByteLine> {
  let line = 1;
  let pending: Buffer[] = [];
  let pendingLength = 0;
  const take = (): Buffer => {
    const whole = pending.length === 1 ? pending[0]! : Buffer.concat(pending);
    [pending, pendingLength] = [[], 0];
    return whole;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      pending.push(chunk.subarray(start, end));
      const bytes = trimmed(take(), line);
      if (bytes.length > 0) yield { line, bytes };
      line += 1;
      start = end + 1;
    }
    if (start < chunk.length) {
      pending.push(chunk.subarray(start));
      pendingLength += chunk.length - start;
      if (pendingLength > longestLine) yield { line, bytes: take() };
    }
  }
  const last = trimmed(take(), line);
  if (last.length > 0) yield { line, bytes: last };
}

/** Without white space at both ends, which JSON does not mind, and without a byte order mark. */
function trimmed(bytes: Buffer, line: number): Buffer {
  const isMarked = line === 1 && bytes.subarray(0, 3).equals(byteOrderMark);
  let [start, end] = [isMarked ? 3 : 0, bytes.length];
  while (start < end && isSpace(bytes[start]!)) start += 1;
  while (end > start && isSpace(bytes[end - 1]!)) end -= 1;
  return bytes.subarray(start, end);
}

const isSpace = (byte: number) => byte === 32 || byte === 9 || byte === 13;
