import path from "node:path";
import type { Command } from "commander";
import type { ArchivedMonth } from "../../../domain/audit/archive-audit.ts";
import { parsePartialDate } from "../../../domain/patient/partial-date.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { formatCount } from "../../progress.ts";
import { requireYes } from "../../prompt.ts";

interface ArchiveFlags {
  readonly before: string;
  readonly to: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly reason?: string;
}

/** Registers `mpi audit archive`. */
export function registerArchive(audit: Command, act: Act): void {
  defineCommand(audit, "archive", {
    summary: "move old months of the audit trail into files",
    description:
      "Writes each month that ended before a day to a file of its own (one line of JSON for each row, gzip), reads it back, " +
      "compares it with the seals, and only then drops the month from the database. Months that are not wholly sealed are " +
      "refused; the current month stays. Killed in between, the same command goes on. The trail still verifies afterwards.",
    examples: [
      {
        command: "mpi audit archive --before 2020-01-01 --to /srv/mpi-archive --dry-run",
        does: "which months would go",
      },
      {
        command: "mpi audit archive --before 2020-01-01 --to /srv/mpi-archive --yes",
        does: "without asking",
      },
    ],
  })
    .requiredOption("--before <date>", "months that ended before this day")
    .requiredOption("--to <directory>", "where the files go; readable by you alone")
    .option("--dry-run", "list the months, and change nothing")
    .option("--yes", "do not ask")
    .option("--reason <text>", "why, for the audit trail")
    .action(act<ArchiveFlags>(archive));
}

async function archive(context: CommandContext, flags: ArchiveFlags): Promise<void> {
  const { archiveAudit, planArchive } = await import("../../../domain/audit/archive-audit.ts");
  const before = readDay(flags.before);
  const db = await context.database();
  const plan = await planArchive(db, before);
  const isDryRun = flags.dryRun === true;
  if (plan.length === 0) context.info("There is no such month to archive.");
  if (isDryRun || plan.length === 0) {
    await context.output.list({ columns: planColumns, rows: plan, meta: () => ({ dryRun: isDryRun }) });
    return;
  }
  const rows = plan.reduce((sum, month) => sum + month.rows, 0);
  const months = plan.length === 1 ? plan[0]!.month : `${plan[0]!.month} to ${plan.at(-1)!.month}`;
  await requireYes(
    context.prompt,
    flags.yes,
    `Move ${formatCount(rows)} rows of ${months} out of the database?`,
  );
  const archived = await archiveAudit(
    db,
    await context.target(),
    context.audit("AUDIT_ARCHIVE", flags.reason),
    {
      before,
      directory: path.resolve(context.cwd, flags.to),
      signal: context.signal,
      onMonth: (month, step) => context.info(`${month}: ${step} …`),
    },
  );
  await context.output.list({ columns, rows: archived });
}

/** @throws {MpiError} `usage` */
function readDay(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || parsePartialDate(text) === undefined) {
    throw new MpiError("usage", "--before takes a day, such as 2020-01-01.");
  }
  return text;
}

const planColumns: readonly Column<{ readonly month: string; readonly rows: number }>[] = [
  { key: "month", header: "Month", value: (row) => row.month },
  { key: "rows", header: "Rows", align: "right", value: (row) => row.rows },
];

const columns: readonly Column<ArchivedMonth>[] = [
  { key: "month", header: "Month", value: (row) => row.month },
  { key: "rows", header: "Rows", align: "right", value: (row) => row.rows },
  { key: "file", header: "File", value: (row) => row.file },
  { key: "fileHash", header: "SHA-256", value: (row) => row.fileHash },
];
