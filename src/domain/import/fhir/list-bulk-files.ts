import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { MpiError } from "../../../lib/errors.ts";

export interface BulkFiles {
  /** Organizations before patients, so that most references are settled at once; then by name. */
  readonly files: readonly string[];
  /** Files of other resource types, by the names that a bulk export gives. */
  readonly leftOut: readonly string[];
}

/** What a file of a bulk export is named after. */
const wanted = ["Organization", "Patient", "Bundle"];
const rank = (file: string): number => (path.basename(file).startsWith("Organization") ? 0 : 1);

/**
 * The files that a name stands for: itself, or those of a directory as a bulk export writes it, one resource type a
 * file (`Patient.ndjson`, `Patient.000.ndjson.gz`).
 *
 * @throws {MpiError} `usage` for a directory without such files.
 */
export async function listBulkFiles(name: string): Promise<BulkFiles> {
  const isDirectory = name !== "-" && ((await stat(name).catch(() => undefined))?.isDirectory() ?? false);
  if (!isDirectory) return { files: [name], leftOut: [] };
  const all = (await readdir(name))
    .filter((file) => /\.(?:ndjson|jsonl)(?:\.gz)?$/i.test(file) && !/\.rejects\.ndjson$/i.test(file))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const isWanted = (file: string) => {
    const type = /^([A-Z][A-Za-z]+)[.\-_]/.exec(file)?.[1];
    return type === undefined || wanted.includes(type);
  };
  const files = all.filter(isWanted).map((file) => path.join(name, file));
  if (files.length === 0) {
    throw new MpiError("usage", `${name} holds no NDJSON file of patients or organizations.`, {
      hint: "A bulk export has Patient.ndjson and Organization.ndjson, gzip or not.",
    });
  }
  return { files, leftOut: all.filter((file) => !isWanted(file)) };
}
