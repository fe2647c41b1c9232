import { randomBytes } from "node:crypto";
import { open, unlink, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { readLines } from "./ndjson-lines.ts";

/**
 * Keeps what has to wait until everything is read, outside of memory: a file that only this process sees. Its name is
 * taken away as soon as it is open, so that nothing is left behind, even after a kill -9.
 */
export class Spool<Item> {
  #handle: FileHandle | undefined;
  #pending: string[] = [];
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  async add(item: Item): Promise<void> {
    this.#length += 1;
    this.#pending.push(`${JSON.stringify(item)}\n`);
    if (this.#pending.length >= 1000) await this.#flush();
  }

  /** All items in the order in which they came; may be asked again. */
  async *items(): AsyncGenerator<Item> {
    await this.#flush();
    if (this.#handle === undefined) return;
    const stream = this.#handle.createReadStream({ start: 0, autoClose: false });
    // Written by `add` alone.
    for await (const { bytes } of readLines(stream)) yield JSON.parse(bytes.toString("utf8")) as Item;
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    this.#handle ??= await openUnnamed();
    const text = this.#pending.join("");
    this.#pending = [];
    await this.#handle.appendFile(text);
  }
}

async function openUnnamed(): Promise<FileHandle> {
  const name = path.join(tmpdir(), `mpi-${randomBytes(8).toString("hex")}`);
  const handle = await open(name, "ax+", 0o600);
  // Windows keeps the name of an open file.
  await unlink(name).catch(() => undefined);
  return handle;
}
