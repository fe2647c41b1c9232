import { readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import type { ExportedMessage } from "../../../domain/export/hl7/export-links.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { readContext } from "../../read-context.ts";
import { readEventStart } from "../event-start.ts";

interface Hl7Flags {
  readonly since?: string;
  readonly cursorFile?: string;
  readonly to?: string;
  readonly overwrite?: true;
  readonly mllp?: true;
  readonly application: string;
  readonly facility: string;
}

/** Registers `mpi export hl7`. */
export function registerHl7(parent: Command, act: Act): void {
  defineCommand(parent, "hl7", {
    summary: "merges and links as HL7 v2 messages, for downstream systems",
    description:
      "Writes what was merged, linked and parted since a moment as ADT messages: A40 for a merge, A24 for a link, A37 for a " +
      "link or merge that was taken back. Records are named by their source's id and their hospital numbers; names, dates " +
      "and national numbers do not go out. It is built on the change feed: give back the cursor, and nothing is missed. " +
      "Every record named is written to the audit trail as exported.",
    examples: [
      { command: "mpi export hl7 --since 2026-11-01 --to links.hl7", does: "merges and links of a time" },
      {
        command: "mpi export hl7 --since now --cursor-file feed.cursor",
        does: "writes no message, only where to begin",
      },
      {
        command: "mpi export hl7 --cursor-file feed.cursor --mllp | nc interface.example 2575",
        does: "what came since, framed; the cursor moves on when all is written",
      },
    ],
  })
    .option("--since <cursor>", "a cursor of mpi events, beginning, now, or a day or time (UTC)")
    .option("--cursor-file <file>", "go on from the cursor in this file, and keep the new one there")
    .option("--to <file>", "write there, gzip where the name ends in .gz (default: standard output)")
    .option("--overwrite", "replace the file where it is there already")
    .option("--mllp", "frame each message for MLLP")
    .option("--application <name>", "MSH-3", "MPI")
    .option("--facility <name>", "MSH-4", "MPI")
    .action(act<Hl7Flags>(exportHl7));
}

async function exportHl7(context: CommandContext, flags: Hl7Flags): Promise<void> {
  const cursorFile = flags.cursorFile === undefined ? undefined : path.resolve(context.cwd, flags.cursorFile);
  const since = flags.since ?? (cursorFile === undefined ? undefined : await readCursor(cursorFile));
  if (since === undefined) {
    throw new MpiError("usage", "Since when? Give --since, or --cursor-file with a file that has a cursor.", {
      hint: "--since now --cursor-file FILE makes one.",
    });
  }
  const start = readEventStart(since);
  const { openEventFeed } = await import("../../../domain/events/read-events.ts");
  const { exportLinks } = await import("../../../domain/export/hl7/export-links.ts");
  const db = await context.database();
  const reader = await readContext(context, "EXPORT_HL7");
  const feed = await openEventFeed(db, reader, start);
  if (feed.isCut)
    context.warn("The feed does not go back to the first day: earlier months have been archived.");
  const counts = { A40: 0, A24: 0, A37: 0 };
  const messages = countMessages(exportLinks(db, reader, feed, flags), counts, context.signal);
  const frame = flags.mllp === true ? (text: string) => `\x0b${text}\x1c\r` : (text: string) => text;
  if (flags.to === undefined) {
    // A terminal would write the segments over each other.
    const isForEyes = context.output.isTerminal && flags.mllp !== true;
    for await (const { text } of messages) {
      await context.output.raw(isForEyes ? text.replaceAll("\r", "\n") : frame(text));
    }
  } else {
    const { writeExportFile } = await import("../../../domain/export/export-file.ts");
    await writeExportFile(
      path.resolve(context.cwd, flags.to),
      { overwrite: flags.overwrite === true },
      async (sink) => {
        for await (const { text } of messages) await sink.write(frame(text));
      },
    );
  }
  if (cursorFile !== undefined) await keepCursor(cursorFile, feed.cursor());
  const total = counts.A40 + counts.A24 + counts.A37;
  context.info(
    `${String(total)} messages: ${String(counts.A40)} merges (A40), ${String(counts.A24)} links (A24), ${String(counts.A37)} parted (A37).`,
  );
  if (cursorFile === undefined) context.info(`Go on with --since ${feed.cursor()}`);
}

async function* countMessages(
  messages: AsyncIterable<ExportedMessage>,
  counts: Record<ExportedMessage["event"], number>,
  signal: AbortSignal,
): AsyncGenerator<ExportedMessage> {
  for await (const message of messages) {
    signal.throwIfAborted();
    counts[message.event] += 1;
    yield message;
  }
}

/** The cursor in a file; undefined where there is no such file. */
async function readCursor(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new MpiError(
      "usage",
      `Cannot read the cursor file ${path.basename(file)} (${code ?? "unknown reason"}).`,
    );
  }
}

/** Whole or not at all: half a cursor would lose the place. */
async function keepCursor(file: string, cursor: string): Promise<void> {
  const part = `${file}.part`;
  try {
    await writeFile(part, `${cursor}\n`);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new MpiError("unavailable", `Cannot write the cursor file ${path.basename(file)} (${code}).`, {
      hint: "The messages were written; the same command repeats them.",
    });
  }
}
