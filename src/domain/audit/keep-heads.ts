import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import path from "node:path";
import type { Database } from "../../db/client.ts";
import { MpiError } from "../../lib/errors.ts";
import { compareHeads, formatHead, parseHeads, type KeptHead } from "./head-file.ts";
import { listSeals } from "./seal-audit.ts";

/**
 * The heads in a file, and in which lines they are.
 *
 * @throws {MpiError} `not-found` where there is no such file, `usage` where it holds something else.
 */
export function readHeads(file: string, cwd: string): readonly KeptHead[] {
  const resolved = path.resolve(cwd, file);
  let text: string;
  try {
    text = readFileSync(resolved, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new MpiError(code === "ENOENT" ? "not-found" : "unavailable", `${file} cannot be read (${code}).`);
  }
  return parseHeads(text, file);
}

/**
 * Appends to a file the heads it has not yet: all since its last one, or the newest where it is new. Before that, the
 * heads in it are compared with the database.
 *
 * @returns how many were appended.
 * @throws {MpiError} `check-failed` where the database contradicts a head in the file: the chain was replaced.
 */
export async function keepHeads(db: Database, file: string, cwd: string): Promise<number> {
  const kept = readIfThere(file, cwd);
  const last = kept.at(-1);
  const seals = await listSeals(db, last === undefined ? { last: 1 } : { after: kept[0]!.sealId - 1 });
  const [contradicted] = compareHeads(kept, seals);
  if (contradicted !== undefined) {
    throw new MpiError("check-failed", `The database contradicts seal ${String(contradicted)} in ${file}.`, {
      hint: `Run "mpi audit verify --head ${file}", and keep that file as it is.`,
    });
  }
  const fresh = seals.filter(({ id }) => id > (last?.sealId ?? 0));
  if (fresh.length > 0) appendLines(path.resolve(cwd, file), fresh.map(formatHead));
  return fresh.length;
}

function readIfThere(file: string, cwd: string): readonly KeptHead[] {
  try {
    return readHeads(file, cwd);
  } catch (error) {
    if (error instanceof MpiError && error.code === "not-found") return [];
    throw error;
  }
}

/** The lines are on the disk when it returns. */
function appendLines(file: string, lines: readonly string[]): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "a", 0o644);
    writeSync(descriptor, `${lines.join("\n")}\n`);
    fsyncSync(descriptor);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new MpiError(
      "unavailable",
      `The head cannot be written to ${file} (${code}); the seal itself is made.`,
    );
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
