import { readFile } from "node:fs/promises";
import path from "node:path";
import { text as readAll } from "node:stream/consumers";
import { MpiError } from "../../../lib/errors.ts";
import type { CommandContext } from "../../context.ts";

/**
 * A JSON or YAML file, or standard input under the name `-`.
 * @throws {MpiError} `not-found`, or `usage` with the line where the text breaks off; never what stands there.
 */
export async function readDocument(context: CommandContext, file: string): Promise<unknown> {
  return parseDocument(await readText(context, file), file === "-" ? "standard input" : path.basename(file));
}

async function readText(context: CommandContext, file: string): Promise<string> {
  if (file === "-") return readAll(context.streams.stdin);
  try {
    return await readFile(path.resolve(context.cwd, file), "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new MpiError(
      code === "ENOENT" ? "not-found" : "usage",
      `Cannot read ${path.basename(file)} (${code}).`,
    );
  }
}

/** JSON is YAML, too; dates stay text in the core schema. */
export async function parseDocument(text: string, name: string): Promise<unknown> {
  const { parseDocument: parseYaml, LineCounter } = await import("yaml");
  const lineCounter = new LineCounter();
  const document = parseYaml(text, { schema: "core", lineCounter, prettyErrors: false });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const { line } = lineCounter.linePos(problem.pos[0]);
    throw new MpiError("usage", `${name} is neither JSON nor YAML: line ${String(line)} (${problem.code}).`);
  }
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw new MpiError("usage", `${name} repeats parts by aliases, which a record has no use for.`);
  }
}
