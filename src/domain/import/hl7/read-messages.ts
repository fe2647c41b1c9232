/** One message of a file, in order. Text holds one byte a character (latin1), so that it goes out as it came. */
export interface RawMessage {
  /** The line, or segment, that it begins on, from 1. */
  readonly line: number;
  readonly raw: string;
  /** Without the marks of MLLP and the reasons of a rejects file. */
  readonly segments: readonly string[];
}

/** A stretch of the file that belongs to no message. */
export interface StrayText {
  readonly line: number;
  readonly raw: string;
  readonly reason: string;
}

export const isStray = (entry: RawMessage | StrayText): entry is StrayText => "reason" in entry;

/** The segment that a rejects file adds below each message: its line and the reason. */
export const rejectSegment = "ZRJ";

/** MLLP frames a message by 0x0B before and 0x1C 0x0D behind. */
const startBlock = "\x0b";
const endBlock = "\x1c";
const byteOrderMark = "\xef\xbb\xbf";
/** A message longer than this has lost the beginning of the next. */
const longestMessage = 16 * 1024 * 1024;

/** Headers and trailers of the batch protocol: they frame messages and say nothing of patients. */
const batchSegment = /^(?:FHS|BHS|BTS|FTS)(?![A-Za-z0-9])/;
const lineEnd = new RegExp(`${endBlock}\r?\n?|\r\n|\r|\n`, "g");
const lastLine = new RegExp(`^([^]*?)(\r|${endBlock}\r?)?$`);
const header = /^MSH[^A-Za-z0-9\s]/;
const segmentName = /^[A-Z][A-Z0-9]{2}(?![A-Za-z0-9])/;

interface Line {
  readonly text: string;
  readonly end: string;
  /** A block of MLLP ended on it. */
  readonly isLast: boolean;
}

/**
 * Parts bytes into messages: any number of them, with MLLP framing or the batch protocol or neither, segments ended by CR,
 * LF or both. A message begins where a line begins with MSH. A line that begins with no segment's name goes on
 * with the one before. Memory is bounded by the longest message.
 */
export async function* readMessages(chunks: AsyncIterable<Buffer>): AsyncGenerator<RawMessage | StrayText> {
  const message = new Gathering();
  let line = 0;
  for await (const { text, end, isLast } of readLines(chunks)) {
    line += 1;
    if (header.test(text)) {
      yield* message.take();
      message.begin(line, text, end);
    } else if (batchSegment.test(text)) {
      yield* message.take();
    } else if (text.trim() !== "") message.add(line, text, end);
    if (isLast || message.size > longestMessage) yield* message.take();
  }
  yield* message.take();
}

class Gathering {
  #line = 0;
  #raw = "";
  #segments: string[] = [];
  #isMessage = false;

  get size(): number {
    return this.#raw.length;
  }

  begin(line: number, text: string, end: string): void {
    [this.#line, this.#raw, this.#segments, this.#isMessage] = [line, text + end, [text], true];
  }

  add(line: number, text: string, end: string): void {
    if (text.startsWith(`${rejectSegment}|`)) return;
    if (this.#segments.length === 0) this.#line = line;
    this.#raw += text + end;
    if (segmentName.test(text) || this.#segments.length === 0) this.#segments.push(text);
    else this.#segments.push(`${this.#segments.pop()!}\n${text}`);
  }

  *take(): Generator<RawMessage | StrayText> {
    const [line, raw, segments] = [this.#line, this.#raw, this.#segments];
    const isMessage = this.#isMessage;
    [this.#raw, this.#segments, this.#isMessage] = ["", [], false];
    if (segments.length === 0) return;
    if (!isMessage) yield { line, raw, reason: "is no message: it does not begin with MSH" };
    else if (raw.length > longestMessage) yield { line, raw, reason: "is longer than 16 MiB" };
    else yield { line, raw, segments };
  }
}

async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let rest = "";
  let isFirst = true;
  const toLine = (text: string, end: string): Line => {
    const isLast = end.startsWith(endBlock);
    return { text: text.replaceAll(startBlock, ""), end: isLast ? "\r" : end, isLast };
  };
  for await (const chunk of chunks) {
    rest += chunk.toString("latin1");
    if (isFirst && rest.length >= byteOrderMark.length) {
      isFirst = false;
      if (rest.startsWith(byteOrderMark)) rest = rest.slice(byteOrderMark.length);
    }
    let start = 0;
    for (const match of rest.matchAll(lineEnd)) {
      // At the very end it may be half of one: the LF of a CRLF, or the CR behind a block, is still to come.
      if (match[0] !== "\n" && match.index + match[0].length === rest.length) break;
      yield toLine(rest.slice(start, match.index), match[0]);
      start = match.index + match[0].length;
    }
    rest = rest.slice(start);
    if (rest.length > longestMessage) {
      yield toLine(rest, "");
      rest = "";
    }
  }
  if (rest === "") return;
  const [, text = "", end = ""] = lastLine.exec(rest)!;
  yield toLine(text, end);
}
