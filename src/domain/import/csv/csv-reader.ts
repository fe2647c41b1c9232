import { parse, type Options, type Parser } from "csv-parse";

/** One record of a file, in order. Raw text holds one byte a character (latin1), so that it goes out as it came. */
export interface CsvRecord {
  /** The line it begins on, from 1. */
  readonly line: number;
  readonly raw: string;
  /** One byte a character, like `raw`. */
  readonly fields: readonly string[];
}

/** A stretch of the file that is no record. */
export interface BrokenLine {
  readonly line: number;
  readonly raw: string;
  readonly reason: string;
}

export const isBroken = (entry: CsvRecord | BrokenLine): entry is BrokenLine => "reason" in entry;

/** A record longer than this has lost its closing quote. */
const longestRecord = 1024 * 1024;

interface ParsedRecord {
  readonly record: readonly string[];
  readonly raw: string;
  readonly info: { readonly lines: number; readonly bytes: number };
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Splits bytes into CSV records (RFC 4180; any of the three line ends, mixed). A quote that is never closed, or stands
 * where none may, breaks one line only: reading goes on after it. Memory is bounded by the longest record.
 */
export async function* readCsvRecords(
  chunks: AsyncIterable<Buffer>,
  delimiter: string,
): AsyncGenerator<CsvRecord | BrokenLine> {
  let session = new ParserSession(delimiter, 0);
  const resume = (pending: Buffer, line: number, reason: string): { broken: BrokenLine; rest: Buffer } => {
    const { text, rest } = takeLine(pending);
    session = new ParserSession(delimiter, line);
    return { broken: { line, raw: text, reason }, rest };
  };

  for await (const chunk of withoutByteOrderMark(chunks)) {
    for (let next: Buffer | undefined = chunk; next !== undefined;) {
      const outcome = await session.write(next);
      yield* outcome.records;
      next = undefined;
      if (outcome.failure !== undefined) {
        const { broken, rest } = resume(
          outcome.failure.pending,
          outcome.failure.line,
          outcome.failure.reason,
        );
        yield broken;
        next = rest;
      }
    }
  }
  for (;;) {
    const outcome = await session.end();
    yield* outcome.records;
    if (outcome.failure === undefined) return;
    const { broken, rest } = resume(outcome.failure.pending, outcome.failure.line, outcome.failure.reason);
    yield broken;
    const again = await session.write(rest);
    yield* again.records;
    if (again.failure !== undefined) {
      // Cannot happen for input that was read once, unless a quote breaks in another place: take the line alone.
      const next = resume(again.failure.pending, again.failure.line, again.failure.reason);
      yield next.broken;
      await session.write(next.rest);
    }
  }
}

async function* withoutByteOrderMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < byteOrderMark.length) continue;
    yield head.subarray(0, 3).equals(byteOrderMark) ? head.subarray(3) : head;
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
}

interface Outcome {
  readonly records: readonly CsvRecord[];
  readonly failure: { readonly pending: Buffer; readonly line: number; readonly reason: string } | undefined;
}

/** One life of a parser: it ends with the first error, and knows which bytes belong to no record yet. */
class ParserSession {
  readonly #parser: Parser;
  readonly #lineOffset: number;
  #pending: Buffer[] = [];
  #pendingFrom = 0;
  #lines = 0;
  #consumed = 0;

  constructor(delimiter: string, lineOffset: number) {
    this.#lineOffset = lineOffset;
    const options: Options & { readonly readableHighWaterMark: number } = {
      delimiter,
      encoding: "latin1",
      info: true,
      raw: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: longestRecord,
      // Records are taken after each write; a full buffer would keep the write from coming back.
      readableHighWaterMark: 1_000_000,
    };
    this.#parser = parse(options);
    // The write's callback tells; without a listener the process would end.
    this.#parser.on("error", () => undefined);
  }

  write(chunk: Buffer): Promise<Outcome> {
    this.#pending.push(chunk);
    return this.#settle((done) => this.#parser.write(chunk, done));
  }

  end(): Promise<Outcome> {
    return this.#settle((done) => {
      this.#parser.once("error", done);
      this.#parser.once("finish", () => done());
      this.#parser.end();
    });
  }

  async #settle(step: (done: (error?: Error | null) => void) => void): Promise<Outcome> {
    const error = await new Promise<Error | undefined>((resolve) =>
      step((failure) => resolve(failure ?? undefined)),
    );
    const records: CsvRecord[] = [];
    for (let parsed = this.#read(); parsed !== null; parsed = this.#read()) {
      records.push({ line: this.#lineOffset + this.#lines + 1, raw: parsed.raw, fields: parsed.record });
      this.#lines = parsed.info.lines;
      this.#consumed = parsed.info.bytes;
    }
    this.#dropConsumed();
    if (error === undefined) return { records, failure: undefined };
    return {
      records,
      failure: {
        pending: Buffer.concat(this.#pending),
        line: this.#lineOffset + this.#lines + 1,
        reason: quoteReason(error),
      },
    };
  }

  #read(): ParsedRecord | null {
    return this.#parser.read() as ParsedRecord | null;
  }

  #dropConsumed(): void {
    while (this.#pending.length > 0) {
      const first = this.#pending[0]!;
      if (this.#consumed - this.#pendingFrom < first.length) {
        this.#pending[0] = first.subarray(this.#consumed - this.#pendingFrom);
        this.#pendingFrom = this.#consumed;
        return;
      }
      this.#pendingFrom += first.length;
      this.#pending.shift();
    }
  }
}

const quoteReason = (error: Error): string => {
  const code = (error as { readonly code?: string }).code ?? "";
  return code === "CSV_QUOTE_NOT_CLOSED" || code === "CSV_MAX_RECORD_SIZE"
    ? "a quote opens and is never closed"
    : "a quote stands where none may";
};

/** The first physical line of bytes that hold no record yet, line ends before it left out, and what follows. */
function takeLine(bytes: Buffer): { readonly text: string; readonly rest: Buffer } {
  let start = 0;
  while (start < bytes.length && (bytes[start] === 10 || bytes[start] === 13)) start += 1;
  let end = start;
  while (end < bytes.length && bytes[end] !== 10 && bytes[end] !== 13) end += 1;
  const lineEnd = bytes[end] === 13 && bytes[end + 1] === 10 ? 2 : 1;
  return { text: bytes.toString("latin1", start, end), rest: bytes.subarray(end + lineEnd) };
}
