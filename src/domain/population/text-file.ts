import { createHash, type Hash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

const CHUNK_CHARACTERS = 256 * 1024;

export interface WrittenFile {
  readonly path: string;
  /** Of the text, before any compression. */
  readonly bytes: number;
  /** SHA-256 of the text in hexadecimal digits, before any compression. */
  readonly sha256: string;
}

/**
 * A text file written in chunks, compressed where its name ends in `.gz`. It appears under its name only
 * when it is whole.
 */
export class TextFile {
  readonly #path: string;
  readonly #stream: Writable;
  readonly #written: Promise<void>;
  readonly #hash: Hash = createHash("sha256");
  #bytes = 0;
  #waiting = "";

  constructor(path: string) {
    this.#path = path;
    const file = createWriteStream(this.#partial);
    if (path.endsWith(".gz")) {
      const gzip = createGzip({ level: 6 });
      this.#stream = gzip;
      this.#written = pipeline(gzip, file);
    } else {
      this.#stream = file;
      this.#written = finished(file);
    }
    // A failure is reported by close() or discard(), whichever comes first; until then it is not unhandled.
    this.#written.catch(() => undefined);
  }

  get #partial(): string {
    return `${this.#path}.part`;
  }

  /** Returns a promise only where the writer has to wait for the disk. */
  write(text: string): Promise<void> | undefined {
    this.#waiting += text;
    return this.#waiting.length < CHUNK_CHARACTERS ? undefined : this.#flush();
  }

  async #flush(): Promise<void> {
    const chunk = Buffer.from(this.#waiting, "utf8");
    this.#waiting = "";
    this.#bytes += chunk.length;
    this.#hash.update(chunk);
    if (this.#stream.write(chunk)) return;
    await Promise.race([once(this.#stream, "drain"), this.#written]);
  }

  async close(): Promise<WrittenFile> {
    await this.#flush();
    this.#stream.end();
    await this.#written;
    await rename(this.#partial, this.#path);
    return { path: this.#path, bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    this.#stream.destroy();
    await this.#written.catch(() => undefined);
    await rm(this.#partial, { force: true });
  }
}
