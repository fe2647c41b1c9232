import { parse, type Options, type Parser } from "csv-parse";
import { splitLine } from "./split-line.ts";

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

/** Bytes that are taken apart at once: after each line that is no record, what is left of them is copied. */
const pieceAtOnce = 32 * 1024;
/** Bytes that csv-parse is given at once: it needs few to come to the end of a record. */
const pieceForParser = 4096;

interface ParsedRecord {
  readonly record: readonly string[];
  readonly raw: string;
  readonly info: { readonly lines: number; readonly empty_lines: number; readonly bytes: number };
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Splits bytes into CSV records (RFC 4180; any of the three line ends, mixed). A quote that is never closed, or stands
 * where none may, breaks one line only: reading goes on after it. Memory is bounded by the longest record.
 *
 * Nearly every record is one line that decides itself: those are taken apart here, at a fifth of the time. From a line
 * that does not, csv-parse reads on until it has come to the end of a record.
 */
export async function* readCsvRecords(
  chunks: AsyncIterable<Buffer>,
  delimiter: string,
): AsyncGenerator<CsvRecord | BrokenLine> {
  /** Lines before what is not taken apart yet. */
  let lines = 0;
  /** Begins a record, and does not end it; not used while a parser has it. */
  let rest = "";
  let parser: ParserSession | undefined;
  const isParsing = () => parser !== undefined;
  /** Why the first line of the rest is no record. */
  let broken: string | undefined;

  /** Takes what the parser has found, and leaves it where that ends a record. */
  const take = function* (outcome: Outcome): Generator<CsvRecord> {
    yield* outcome.records;
    if (outcome.records.length === 0 && outcome.failure === undefined) return;
    parser = undefined;
    rest = outcome.pending.toString("latin1");
    lines = outcome.lines;
    broken = outcome.failure;
  };
  const read = async function* (isEnd: boolean): AsyncGenerator<CsvRecord | BrokenLine> {
    for (;;) {
      if (broken !== undefined) {
        const line = takeLine(rest, isEnd);
        if (line === undefined) return;
        yield { line: lines + line.skipped + 1, raw: line.text, reason: broken };
        rest = rest.slice(line.length);
        lines += line.skipped + 1;
        broken = undefined;
      }
      const plain = takePlainLines(rest, delimiter, lines);
      yield* plain.records;
      ({ rest, lines } = plain);
      if (!plain.isStuck) return;
      parser = new ParserSession(delimiter, lines);
      const stuck = rest;
      for (let from = 0; from < stuck.length && isParsing(); from += pieceForParser) {
        const end = from + pieceForParser;
        yield* take(await parser.write(Buffer.from(stuck.slice(from, end), "latin1")));
        if (!isParsing()) rest += stuck.slice(end);
      }
      if (isParsing()) return;
    }
  };

  for await (const chunk of withoutByteOrderMark(chunks)) {
    for (let from = 0; from < chunk.length; from += pieceAtOnce) {
      const piece = chunk.subarray(from, from + pieceAtOnce);
      if (parser === undefined) rest += piece.toString("latin1");
      else yield* take(await parser.write(piece));
      if (parser === undefined) yield* read(false);
    }
  }
  if (parser === undefined) yield* read(true);
  while (isParsing() || rest !== "") {
    if (parser === undefined) {
      const fields = splitLine(rest, delimiter);
      if (fields !== undefined) {
        yield { line: lines + 1, raw: rest, fields };
        return;
      }
      parser = new ParserSession(delimiter, lines);
      yield* take(await parser.write(Buffer.from(rest, "latin1")));
    }
    if (isParsing()) {
      const outcome = await parser.end();
      yield* take(outcome);
      if (outcome.failure === undefined) return;
    }
    yield* read(true);
  }
}

interface PlainLines {
  readonly records: readonly CsvRecord[];
  /** What follows, and how many lines there are before it. */
  readonly rest: string;
  readonly lines: number;
  /** True where a line alone does not decide what its fields are. */
  readonly isStuck: boolean;
}

function takePlainLines(text: string, delimiter: string, linesBefore: number): PlainLines {
  const records: CsvRecord[] = [];
  let lines = linesBefore;
  let start = 0;
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
    const raw = text.slice(start, end > start && text[end - 1] === "\r" ? end - 1 : end);
    if (raw !== "") {
      const fields = raw.length > longestRecord ? undefined : splitLine(raw, delimiter);
      if (fields === undefined) return { records, rest: text.slice(start), lines, isStuck: true };
      records.push({ line: lines + 1, raw, fields });
    }
    lines += 1;
    start = end + 1;
  }
  const rest = text.slice(start);
  const isStuck = rest.length > longestRecord || rest.slice(0, -1).includes("\r");
  return { records, rest, lines, isStuck };
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
  /** Bytes behind those records, and lines before them. */
  readonly pending: Buffer;
  readonly lines: number;
  /** Why they are no record; undefined where more bytes may tell. */
  readonly failure: string | undefined;
}

/** One life of a parser: it ends with the first error, and knows which bytes belong to no record yet. */
class ParserSession {
  readonly #parser: Parser;
  readonly #lineOffset: number;
  #pending: Buffer[] = [];
  #pendingFrom = 0;
  #lines = 0;
  #emptyLines = 0;
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
      const skipped = parsed.info.empty_lines - this.#emptyLines;
      this.#emptyLines = parsed.info.empty_lines;
      records.push({
        line: this.#lineOffset + this.#lines + skipped + 1,
        raw: parsed.raw,
        fields: parsed.record,
      });
      this.#lines = parsed.info.lines;
      this.#consumed = parsed.info.bytes;
    }
    this.#dropConsumed();
    return {
      records,
      pending: Buffer.concat(this.#pending),
      lines: this.#lineOffset + this.#lines,
      failure: error === undefined ? undefined : quoteReason(error),
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

/**
 * The first physical line of what holds no record; undefined where more of it may follow.
 *
 * @returns `skipped` line ends stand before it; `length` is that of all, line ends included.
 */
function takeLine(
  rest: string,
  isEnd: boolean,
): { readonly skipped: number; readonly text: string; readonly length: number } | undefined {
  const before = /^[\r\n]*/.exec(rest)![0];
  const text = /^[^\r\n]*/.exec(rest.slice(before.length))![0];
  const end = /^(?:\r\n|\r|\n)?/.exec(rest.slice(before.length + text.length))![0];
  const length = before.length + text.length + end.length;
  if (end !== "\n" && end !== "\r\n" && length === rest.length && !isEnd && length <= longestRecord)
    return undefined;
  return { skipped: before.replaceAll("\r\n", "\n").length, text, length };
}
