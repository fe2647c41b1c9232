import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { MpiError } from "../../lib/errors.ts";

/** One statement of a migration, as it is sent to the server. */
export interface MigrationStatement {
  /** Counted from 1 within the migration. */
  readonly number: number;
  readonly sql: string;
  /** The first line that is not a comment: enough to find it, and without any data. */
  readonly firstLine: string;
}

/** One migration as it lies in drizzle/. */
export interface MigrationFile {
  /** `0003_audit`: the file's name without its ending, and the migration's name everywhere. */
  readonly tag: string;
  /** SHA-256 of the text with line ends as LF, in hex. */
  readonly hash: string;
  readonly statements: readonly MigrationStatement[];
}

const breakpoint = "--> statement-breakpoint";

/** The drizzle/ directory that ships with the program: beside src/ in a clone, beside dist/ in a package. */
export const defaultMigrationsDirectory = (): string =>
  fileURLToPath(new URL("../../../drizzle/", import.meta.url));

const journalSchema = z.object({
  entries: z.array(
    z.object({ idx: z.number().int(), when: z.number(), tag: z.string().regex(/^\d{4}_\w+$/) }),
  ),
});

/**
 * Reads the journal and every migration it names, in order.
 *
 * @throws {MpiError} `conflict` where the journal is not strictly rising (a later entry would never be applied
 *   by a program that had seen its successor) or a file is missing.
 */
export async function readMigrationFiles(
  directory: string = defaultMigrationsDirectory(),
): Promise<readonly MigrationFile[]> {
  const journal = journalSchema.parse(JSON.parse(await readText(directory, "meta/_journal.json")));
  journal.entries.forEach((entry, position) => {
    const previous = journal.entries[position - 1];
    const rising =
      entry.idx === position &&
      Number(entry.tag.slice(0, 4)) === position &&
      (previous === undefined || entry.when > previous.when);
    if (!rising) {
      throw new MpiError("conflict", `The migration journal is out of order at ${entry.tag}.`, {
        hint: "Its entries must rise in idx, number and time; a migration that was merged late gets a new number.",
      });
    }
  });
  return Promise.all(
    journal.entries.map(async ({ tag }) => parseMigration(tag, await readText(directory, `${tag}.sql`))),
  );
}

/** The statements that undo one migration, from drizzle/down. */
export async function readDownFile(
  tag: string,
  directory: string = defaultMigrationsDirectory(),
): Promise<MigrationFile> {
  return parseMigration(tag, await readText(directory, `down/${tag}.sql`));
}

export function parseMigration(tag: string, content: string): MigrationFile {
  const text = content.replaceAll("\r\n", "\n");
  const statements = text
    .split(breakpoint)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "")
    .map((sql, position) => ({ number: position + 1, sql, firstLine: firstLine(sql) }));
  return { tag, hash: createHash("sha256").update(text).digest("hex"), statements };
}

const firstLine = (sql: string): string =>
  sql.split("\n").find((line) => line.trim() !== "" && !line.trimStart().startsWith("--")) ?? "";

async function readText(directory: string, name: string): Promise<string> {
  try {
    return await readFile(`${directory.replace(/\/$/, "")}/${name}`, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new MpiError("conflict", `The migration file ${name} is missing.`, {
        hint: "The installation is incomplete: install the package again.",
      });
    }
    throw error;
  }
}
