import { open, type FileHandle } from "node:fs/promises";
import { MpiError } from "../../lib/errors.ts";

/**
 * Where rejected input goes, as it came. Made on the first entry, readable by its owner only: it holds patients'
 * data. `length` is part of the checkpoint, so that an import that carries on cuts off what it will write again.
 */
export class RejectsFile {
  readonly path: string;
  readonly #header: Buffer;
  #handle: FileHandle | undefined;
  #length: number;

  /** @param keep bytes written by an earlier part of the same import. */
  constructor(path: string, header: Buffer, keep: number) {
    this.path = path;
    this.#header = header;
    this.#length = keep;
  }

  get length(): number {
    return this.#length;
  }

  async append(entry: Buffer): Promise<void> {
    try {
      if (this.#handle === undefined) {
        this.#handle = await open(this.path, this.#length > 0 ? "r+" : "w", 0o600);
        await this.#handle.truncate(this.#length);
        if (this.#length === 0) await this.#write(this.#header);
      }
      await this.#write(entry);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
      throw new MpiError("unavailable", `Cannot write the rejects file ${this.path} (${code}).`, {
        hint: "Name another with --rejects FILE.",
      });
    }
  }

  async close(): Promise<void> {
    await this.#handle?.sync();
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #write(bytes: Buffer): Promise<void> {
    await this.#handle!.write(bytes, 0, bytes.length, this.#length);
    this.#length += bytes.length;
  }
}
