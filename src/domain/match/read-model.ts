import { readFile } from "node:fs/promises";
import { MpiError } from "../../lib/errors.ts";
import { defaultModel } from "../../matching/model/default-model.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";

/** Names the model that comes along, where a file could be named. */
export const builtInModel = "built-in";

/**
 * The model of a file, or the one that comes along.
 *
 * @param file its path, or `built-in`.
 * @throws {MpiError} `not-found`; `usage` with line, column and reason of every mistake in it.
 */
export async function readModel(file: string): Promise<MatchModel> {
  if (file === builtInModel) return defaultModel;
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new MpiError(code === "ENOENT" ? "not-found" : "usage", `Cannot read the model ${file} (${code}).`);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new MpiError("usage", `The model ${file} is not UTF-8.`);
  }
  // The schema takes as long to load as all the rest of a short command.
  const { parseModel } = await import("./model-file/parse-model.ts");
  return parseModel(text, file);
}
