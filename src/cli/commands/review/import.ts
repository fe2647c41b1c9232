import { readFileSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import type { SheetOutcome } from "../../../domain/review/import-decisions.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";

interface ImportFlags {
  readonly dryRun?: true;
}

/** Registers `mpi review import`. */
export function registerImport(review: Command, act: Act): void {
  defineCommand(review, "import <file>", {
    summary: "carry out the decisions of a spreadsheet",
    description:
      "Reads a file that mpi review export wrote and somebody filled in, and carries out each decision. A row whose pair or " +
      "records have changed since the export is rejected, as is any other that cannot be carried out; every one is listed " +
      "with its line and why, and the exit code is 5.",
    examples: [
      {
        command: "mpi review import queue.csv --dry-run",
        does: "says what would happen, and changes nothing",
      },
      { command: "mpi review import queue.csv", does: "carries the decisions out" },
    ],
  })
    .option("--dry-run", "say what would happen, and change nothing")
    .action(act<ImportFlags, [string]>(importSheet));
}

async function importSheet(context: CommandContext, flags: ImportFlags, name: string): Promise<void> {
  const { importDecisions, parseDecisionSheet } = await import("../../../domain/review/import-decisions.ts");
  const rows = parseDecisionSheet(readSheet(path.resolve(context.cwd, name)));
  const db = await context.database();
  const counts = { decided: 0, leftOpen: 0, rejected: 0 };
  const outcomes = importDecisions(db, (reason) => context.audit("REVIEW_IMPORT", reason), rows, {
    dryRun: flags.dryRun === true,
    now: () => context.now(),
    signal: context.signal,
  });
  await context.output.list({
    columns: [
      { key: "line", header: "Line", value: (row) => row.line, align: "right" },
      { key: "pair", header: "Pair", value: (row) => row.pair },
      { key: "decision", header: "Decision", value: (row) => row.decision },
      { key: "outcome", header: "Outcome", value: (row) => row.outcome },
      { key: "why", header: "Why", value: (row) => row.why },
    ],
    rows: count(outcomes, counts),
    meta: () => ({ dryRun: flags.dryRun === true, ...counts }),
    empty: rows.length === 0 ? "The file has no rows." : "No row of the file has a decision.",
  });
  const would = flags.dryRun === true ? "would be " : "";
  context.info(
    `${String(counts.decided)} ${would}decided, ${String(counts.leftOpen)} left open, ${String(counts.rejected)} ${would}rejected.`,
  );
  if (counts.rejected > 0) {
    throw new MpiError("rejected", `${String(counts.rejected)} rows were rejected; the others are done.`, {
      hint: "Export anew, and decide these again.",
      details: { ...counts },
    });
  }
}

async function* count(
  outcomes: AsyncIterable<SheetOutcome>,
  counts: { decided: number; leftOpen: number; rejected: number },
): AsyncGenerator<SheetOutcome> {
  for await (const outcome of outcomes) {
    if (outcome.outcome === "decided") counts.decided += 1;
    else if (outcome.outcome === "rejected") counts.rejected += 1;
    else counts.leftOpen += 1;
    // Rows that nobody decided are no news.
    if (outcome.outcome !== "left open") yield outcome;
  }
}

function readSheet(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new MpiError("not-found", `There is no file ${file}.`);
    throw new MpiError(
      "usage",
      code === "ERR_ENCODING_INVALID_ENCODED_DATA"
        ? `${file} is not UTF-8.`
        : `${file} cannot be read (${code ?? "unknown reason"}).`,
      { hint: "Save it as CSV UTF-8." },
    );
  }
}
