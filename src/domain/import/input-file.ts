import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { MpiError } from "../../lib/errors.ts";

/** A file to read, or standard input. */
export interface InputFile {
  /** As the user named it; `-` is standard input. */
  readonly name: string;
  /** Bytes on disk; undefined for standard input. */
  readonly size: number | undefined;
  /** Bytes read from disk so far, for progress. */
  bytesRead(): number;
  chunks(): AsyncIterable<Buffer>;
}

const gzipMagic = Buffer.from([0x1f, 0x8b]);

/**
 * Opens an input; gzip is recognised by its first bytes, whatever the name.
 *
 * @throws {MpiError} `not-found` or `usage` where the file cannot be read.
 */
export async function openInput(name: string, stdin: Readable): Promise<InputFile> {
  let bytes = 0;
  const counted = async function* (stream: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
    for await (const chunk of stream) {
      const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk), "utf8");
      bytes += buffer.length;
      yield buffer;
    }
  };
  if (name === "-") {
    return { name, size: undefined, bytesRead: () => bytes, chunks: () => gunzipped(counted(stdin), name) };
  }
  const size = await fileSize(name);
  return {
    name,
    size,
    bytesRead: () => bytes,
    chunks: () => gunzipped(counted(createReadStream(name, { highWaterMark: 256 * 1024 })), name),
  };
}

async function fileSize(name: string): Promise<number> {
  try {
    const found = await stat(name);
    if (!found.isFile()) throw new MpiError("usage", `${name} is not a file.`);
    const handle = await open(name, "r");
    await handle.close();
    return found.size;
  } catch (error) {
    if (error instanceof MpiError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new MpiError(code === "ENOENT" ? "not-found" : "usage", `Cannot read ${name} (${code}).`);
  }
}

async function* gunzipped(source: AsyncGenerator<Buffer>, name: string): AsyncGenerator<Buffer> {
  const first = await source.next();
  if (first.done === true) return;
  const rest = async function* () {
    yield first.value;
    yield* source;
  };
  if (!first.value.subarray(0, 2).equals(gzipMagic)) {
    yield* rest();
    return;
  }
  const gunzip = createGunzip();
  const feed = (async () => {
    for await (const chunk of rest()) {
      if (!gunzip.write(chunk)) await new Promise((resolve) => gunzip.once("drain", resolve));
    }
    gunzip.end();
  })();
  feed.catch((error: unknown) => gunzip.destroy(error as Error));
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch {
    throw new MpiError("rejected", `${name} is a damaged or truncated gzip file.`, {
      hint: "What was read before the damage is imported; fetch the file again and repeat the command.",
    });
  }
}

const sampledBytes = 64 * 1024;

/**
 * Names a piece of work, so that the same command carries on where it was stopped: SHA-256 of the file's size, its
 * first and last 64 KiB and whatever else decides the result. Undefined for standard input, which cannot be
 * read again.
 */
export async function fingerprintInput(
  input: InputFile,
  parts: readonly string[],
): Promise<string | undefined> {
  if (input.size === undefined) return undefined;
  const hash = createHash("sha256").update(JSON.stringify([input.size, ...parts]));
  const handle = await open(input.name, "r");
  try {
    for (const position of [0, Math.max(0, input.size - sampledBytes)]) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(sampledBytes), 0, sampledBytes, position);
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
  return hash.digest("hex");
}
