import type { Duplex } from "node:stream";
import type pg from "pg";
import { CopiedRow } from "./binary-copy.ts";

/** Messages of the protocol, by their first byte. */
const messages = { copyData: 100, copyOutResponse: 72, notice: 78, parameter: 83, notification: 65 };
/** Messages that may stand between the data. */
const skipped: ReadonlySet<number> = new Set([
  messages.copyOutResponse,
  messages.notice,
  messages.parameter,
  messages.notification,
]);

const nothing: Buffer = Buffer.alloc(0);

/** Bytes from a connection, for a while, in place of those who listen for its data. */
export interface ByteSource {
  /** Hands over all that comes from now on; bytes may be looked at until `taker` returns. */
  take(taker: (bytes: Buffer) => void): void;
  /** Ends that, with bytes that are for others. */
  release(rest: Buffer): void;
}

/** Of any stream: its listener gives way as long as bytes are taken. */
function sourceOf(stream: Duplex): ByteSource {
  const listeners = stream.listeners("data") as ((chunk: Buffer) => void)[];
  let taking: ((bytes: Buffer) => void) | undefined;
  return {
    take(taker) {
      taking = taker;
      stream.on("data", taker);
      for (const listener of listeners) stream.removeListener("data", listener);
    },
    release(rest) {
      for (const listener of listeners) stream.on("data", listener);
      if (taking !== undefined) stream.removeListener("data", taking);
      if (rest.length > 0) for (const listener of listeners) listener(rest);
    },
  };
}

/**
 * A `copy … to stdout (format binary)` whose rows are visited where they lie in what the socket gave: millions of
 * them without a stream, a buffer or a promise each. It takes the connection's bytes for itself while data comes, and
 * hands all that follows back to pg.
 */
export class CopyRowsQuery implements pg.Submittable {
  /** How many rows there were; rejects with the server's error, or what a visit threw. */
  readonly done: Promise<number>;
  readonly #text: string;
  readonly #row: CopiedRow;
  readonly #visit: (row: CopiedRow) => void;
  #settle: { resolve: (rows: number) => void; reject: (error: unknown) => void } | undefined;
  #source: ByteSource | undefined;
  /** The beginning of a message, whose end has not come yet. */
  #rest = nothing;
  #rows = 0;
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param columns how many each row has.
   * @param source of the connection's bytes; absent: whatever stream it has.
   */
  constructor(text: string, columns: number, visit: (row: CopiedRow) => void, source?: ByteSource) {
    this.#text = text;
    this.#row = new CopiedRow(columns);
    this.#visit = visit;
    this.#source = source;
    this.done = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }

  submit(connection: pg.Connection): void {
    const { stream } = connection as pg.Connection & { readonly stream: Duplex };
    this.#source ??= sourceOf(stream);
    this.#source.take((bytes) => this.#take(bytes));
    connection.query(this.#text);
  }

  handleError(error: unknown): void {
    this.#release(nothing);
    this.#settle?.reject(error);
  }

  handleCommandComplete(): void {
    // The rows have been counted.
  }

  handleReadyForQuery(): void {
    if (this.#failure === undefined) this.#settle?.resolve(this.#rows);
    else this.#settle?.reject(this.#failure.error);
  }

  #take(chunk: Buffer): void {
    let at = 0;
    if (this.#rest.length > 0) {
      const begun = this.#rest;
      const size = sizeOfMessage(Buffer.concat([begun, chunk.subarray(0, headerBytes)]), 0);
      at = Math.min(chunk.length, size - begun.length);
      const message = Buffer.concat([begun, chunk.subarray(0, at)]);
      this.#rest = message.length < size ? message : nothing;
      if (message.length < size) return;
      if (!this.#takeMessage(message, 0, size)) {
        this.#release(Buffer.concat([message, chunk.subarray(at)]));
        return;
      }
    }
    for (let end = at + sizeOfMessage(chunk, at); end <= chunk.length; end = at + sizeOfMessage(chunk, at)) {
      if (!this.#takeMessage(chunk, at, end)) {
        this.#release(chunk.subarray(at));
        return;
      }
      at = end;
    }
    // The chunk is not ours to keep.
    if (at < chunk.length) this.#rest = Buffer.from(chunk.subarray(at));
  }

  /** @returns false for a message that is none of the data's: from here on they are pg's. */
  #takeMessage(bytes: Buffer, at: number, end: number): boolean {
    const message = bytes[at]!;
    if (message === messages.copyData) this.#read(bytes, at + headerBytes, end);
    return message === messages.copyData || skipped.has(message);
  }

  /** What a visit throws must not come between the messages: it is kept until the server has said all. */
  #read(bytes: Buffer, from: number, to: number): void {
    if (this.#failure !== undefined) return;
    try {
      for (let at = this.#row.begin(bytes, from); at < to;) {
        at = this.#row.read(at);
        if (at < 0) return;
        this.#rows++;
        this.#visit(this.#row);
      }
    } catch (error) {
      this.#failure = { error };
    }
  }

  #release(rest: Buffer): void {
    const source = this.#source;
    this.#source = undefined;
    source?.release(rest);
  }
}

/** Type and length of a message. */
const headerBytes = 5;

const sizeOfMessage = (bytes: Buffer, at: number): number =>
  bytes.length - at < headerBytes ? Infinity : 1 + bytes.readInt32BE(at + 1);
