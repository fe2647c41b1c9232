import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { MpiError } from "../../lib/errors.ts";

/** What one seal says about the month: its rows come together in the file. */
export interface ArchivedSeal {
  readonly seal: number;
  readonly rows: number;
  /** SHA-256 over the chunks, hex. */
  readonly hash: string;
}

/** The first line of an archive. */
export interface ArchiveHeader {
  readonly format: "mpi-audit-archive/1";
  readonly month: string;
  readonly seals: readonly ArchivedSeal[];
}

/** What an archive really holds, computed from its lines. */
export interface ArchiveContent {
  readonly month: string;
  readonly rows: number;
  readonly seals: readonly ArchivedSeal[];
  /** SHA-256 of the file as it lies on the disk, hex. */
  readonly fileHash: string;
}

export const formatHeader = (month: string, seals: readonly ArchivedSeal[]): string => {
  const header: ArchiveHeader = { format: "mpi-audit-archive/1", month, seals };
  return `${JSON.stringify(header)}\n`;
};

const lineFeed = 0x0a;
/** Ids that share all but so many bits are one chunk; the twin of `id >> 16` in mpi_audit_write_seal(). */
const chunkBits = 16n;

/**
 * Reads an archive back: counts its lines and hashes them as a seal does. Each line is the very text its row's hash is
 * taken over. Memory does not grow with the file.
 *
 * @throws {MpiError} `check-failed` where the file is cut short or is no archive.
 */
export async function readArchive(file: string, signal?: AbortSignal): Promise<ArchiveContent> {
  const fileHash = createHash("sha256");
  const source = createReadStream(file);
  source.on("data", (chunk) => fileHash.update(chunk));
  const unzipped = source.pipe(createGunzip());
  source.on("error", (error) => unzipped.destroy(error));
  const reader = new ArchiveReader(file);
  try {
    for await (const chunk of unzipped) {
      signal?.throwIfAborted();
      reader.add(chunk as Buffer);
    }
  } catch (error) {
    if (error instanceof MpiError || signal?.aborted === true) throw error;
    throw broken(file, `it cannot be read (${(error as NodeJS.ErrnoException).code ?? "damaged"})`);
  } finally {
    source.destroy();
  }
  return { ...reader.finish(), fileHash: fileHash.digest("hex") };
}

class ArchiveReader {
  readonly #file: string;
  readonly #done: ArchivedSeal[] = [];
  #header: ArchiveHeader | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #rows = 0;
  #sealRows = 0;
  #block: bigint | undefined;
  #chunk = createHash("sha256");
  #month: Hash = createHash("sha256");

  constructor(file: string) {
    this.#file = file;
  }

  add(chunk: Buffer): void {
    const text = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    for (let end = text.indexOf(lineFeed); end >= 0; end = text.indexOf(lineFeed, start)) {
      this.#addLine(text.subarray(start, end));
      start = end + 1;
    }
    this.#rest = text.subarray(start);
  }

  finish(): Omit<ArchiveContent, "fileHash"> {
    if (this.#rest.length > 0 || this.#header === undefined)
      throw broken(this.#file, "it ends in the middle of a line");
    this.#endSeal();
    return { month: this.#header.month, rows: this.#rows, seals: this.#done };
  }

  #addLine(line: Buffer): void {
    if (this.#header === undefined) {
      this.#header = parseHeader(this.#file, line);
      return;
    }
    const [, id] = /^\{"id": (-?\d+),/.exec(line.subarray(0, 32).toString("latin1")) ?? [];
    if (id === undefined) throw broken(this.#file, `line ${String(this.#rows + 2)} is no audit row`);
    while (this.#sealRows === (this.#header.seals[this.#done.length]?.rows ?? -1)) this.#endSeal();
    const block = BigInt(id) >> chunkBits;
    if (this.#block !== undefined && this.#block !== block) this.#endChunk();
    this.#block = block;
    this.#chunk.update(createHash("sha256").update(line).digest());
    this.#rows += 1;
    this.#sealRows += 1;
  }

  #endChunk(): void {
    this.#month.update(this.#chunk.digest());
    this.#chunk = createHash("sha256");
    this.#block = undefined;
  }

  #endSeal(): void {
    if (this.#block !== undefined) this.#endChunk();
    // Rows beyond what the header announces make a seal of their own, which nothing can agree with.
    const seal = this.#header!.seals[this.#done.length]?.seal ?? 0;
    if (this.#sealRows > 0) this.#done.push({ seal, rows: this.#sealRows, hash: this.#month.digest("hex") });
    this.#month = createHash("sha256");
    this.#sealRows = 0;
  }
}

function parseHeader(file: string, line: Buffer): ArchiveHeader {
  let header: Partial<ArchiveHeader> | undefined;
  try {
    header = JSON.parse(line.toString("utf8")) as Partial<ArchiveHeader>;
  } catch {
    header = undefined;
  }
  if (
    header?.format !== "mpi-audit-archive/1" ||
    !Array.isArray(header.seals) ||
    typeof header.month !== "string"
  ) {
    throw broken(file, "its first line is not that of an archive");
  }
  return header as ArchiveHeader;
}

const broken = (file: string, why: string): MpiError =>
  new MpiError("check-failed", `The archive ${file} is not whole: ${why}.`);

/** True where the file holds exactly the rows that were sealed. */
export const agreesWithSeals = (
  content: ArchiveContent,
  month: string,
  seals: readonly ArchivedSeal[],
): boolean =>
  content.month === month &&
  content.seals.length === seals.length &&
  seals.every((seal, index) => {
    const found = content.seals[index]!;
    return found.seal === seal.seal && found.rows === seal.rows && found.hash === seal.hash;
  });
