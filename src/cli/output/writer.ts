import { MpiError } from "../../lib/errors.ts";
import type { OutputStream } from "../streams.ts";

/** Whoever read our output has gone away (`| head`): there is nobody left to tell, so the command ends quietly. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

const batchLength = 64 * 1024;

/** Writes to a stream in batches and waits when the reader is slower than we are. */
export class Writer {
  readonly #stream: OutputStream;
  #pending = "";

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  async write(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length >= batchLength) await this.flush();
  }

  async writeLine(line: string): Promise<void> {
    await this.write(`${line}\n`);
  }

  /**
   * Hands over what is pending, and waits until the stream has taken it.
   * @throws {OutputClosed} when the reader has gone.
   */
  async flush(): Promise<void> {
    if (this.#pending === "") return;
    const text = this.#pending;
    this.#pending = "";
    await new Promise<void>((resolve, reject) => {
      this.#stream.write(text, (error) => {
        if (error == null) resolve();
        else reject(writeError(error));
      });
    });
  }
}

const writeError = (error: Error): Error => {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") return new OutputClosed();
  return new MpiError("unavailable", `Cannot write the output (${code ?? "unknown reason"}).`, {
    hint: "Check the file or the program that standard output goes to.",
  });
};
