import type { Duplex } from "node:stream";
import type pg from "pg";
import { CopiedRow } from "./binary-copy.ts";

/** Messages of the protocol, by their first byte. */
const messages = {
  copyData: 100,
  copyDone: 99,
  copyOutResponse: 72,
  notice: 78,
  parameter: 83,
  notification: 65,
};
/** Messages that may stand between the data. */
const skipped: ReadonlySet<number> = new Set([
  messages.copyOutResponse,
  messages.notice,
  messages.parameter,
  messages.notification,
]);

const nothing: Buffer = Buffer.alloc(0);

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
  readonly #onData = (chunk: Buffer) => this.#take(chunk);
  #settle: { resolve: (rows: number) => void; reject: (error: unknown) => void } | undefined;
  #stream: Duplex | undefined;
  #pgListener: ((chunk: Buffer) => void) | undefined;
  #rest = nothing;
  #rows = 0;
  #failure: { readonly error: unknown } | undefined;

  /** @param columns how many each row has. */
  constructor(text: string, columns: number, visit: (row: CopiedRow) => void) {
    this.#text = text;
    this.#row = new CopiedRow(columns);
    this.#visit = visit;
    this.done = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }

  submit(connection: pg.Connection): void {
    const { stream } = connection as pg.Connection & { readonly stream: Duplex };
    const [listener] = stream.listeners("data") as ((chunk: Buffer) => void)[];
    this.#stream = stream;
    this.#pgListener = listener;
    stream.on("data", this.#onData);
    if (listener !== undefined) stream.removeListener("data", listener);
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
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at + 5 <= bytes.length) {
      const end = at + 1 + bytes.readInt32BE(at + 1);
      const message = bytes[at]!;
      if (message !== messages.copyData && message !== messages.copyDone && !skipped.has(message)) {
        this.#release(bytes.subarray(at));
        return;
      }
      if (end > bytes.length) break;
      if (message === messages.copyData) this.#read(bytes, at + 5, end);
      at = end;
      if (message === messages.copyDone) {
        this.#release(bytes.subarray(at));
        return;
      }
    }
    this.#rest = at === bytes.length ? nothing : bytes.subarray(at);
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
    const [stream, listener] = [this.#stream, this.#pgListener];
    this.#stream = undefined;
    if (stream === undefined || listener === undefined) return;
    stream.on("data", listener);
    stream.removeListener("data", this.#onData);
    if (rest.length > 0) listener(rest);
  }
}
