import path from "node:path";
import type { Command } from "commander";
import type { AuditProblem, VerifyReport } from "../../../domain/audit/verify-audit.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { section } from "../../output/output.ts";
import type { Column } from "../../output/column.ts";
import { formatCount } from "../../progress.ts";

interface VerifyFlags {
  readonly head?: string;
  readonly archives?: string;
}

/** Registers `mpi audit verify`. */
export function registerVerify(audit: Command, act: Act): void {
  defineCommand(audit, "verify", {
    summary: "find any row that was altered, removed, inserted or moved",
    description:
      "Hashes every audit row again and compares with the seals, goes along the chain, and looks at the triggers and " +
      "functions that guard the trail. Covers the rows up to the last seal. Whoever can write to the database as a " +
      "superuser and computes the whole chain again is caught only by a head that was kept elsewhere: give it with --head. " +
      "Exits with 7 where anything is found.",
    examples: [
      {
        command: "mpi audit verify --head /mnt/worm/mpi-heads",
        does: "check against the heads that were kept",
      },
      { command: "mpi audit verify --archives /srv/mpi-archive", does: "and read the archived months, too" },
    ],
  })
    .option("--head <file>", "heads kept outside of the database, or - for standard input")
    .option("--archives <directory>", "also read the files of archived months")
    .action(act<VerifyFlags>(verify));
}

async function verify(context: CommandContext, flags: VerifyFlags): Promise<void> {
  const { verifyAudit } = await import("../../../domain/audit/verify-audit.ts");
  const kept = flags.head === undefined ? undefined : await readKept(context, flags.head);
  const progress = await context.progress({ label: "Checking", unit: "months" });
  let report: VerifyReport;
  try {
    report = await verifyAudit(
      await context.database(),
      await context.target(),
      context.audit("AUDIT_VERIFY"),
      {
        ...(kept === undefined ? {} : { kept }),
        ...(flags.archives === undefined
          ? {}
          : { archiveDirectory: path.resolve(context.cwd, flags.archives) }),
        signal: context.signal,
        onMonth: (done, total) => progress.update(done, total),
      },
    );
  } finally {
    progress.finish();
  }
  await context.output.record({
    fields: [
      { key: "ok", label: "As it was sealed", value: report.problems.length === 0 },
      { key: "seals", label: "Seals", value: report.seals },
      {
        key: "coveredUntil",
        label: "Covered until",
        value: report.coveredUntil,
        text: report.coveredUntil ?? "never sealed",
      },
      {
        key: "sealedRows",
        label: "Rows checked against seals",
        value: report.sealedRows,
        text: formatCount(report.sealedRows),
      },
      {
        key: "unsealedRows",
        label: "Rows not sealed yet",
        value: report.unsealedRows,
        text: formatCount(report.unsealedRows),
      },
      { key: "archivedMonths", label: "Archived months", value: report.archives.map(({ month }) => month) },
      { key: "keptHeads", label: "Heads compared", value: report.keptHeads },
    ],
    sections: [section("Problems", problemColumns, report.problems.slice(0, problemsPrinted))],
    json: { ok: report.problems.length === 0, ...report },
  });
  if (kept === undefined && report.seals > 0) {
    context.info("Without --head nobody can tell whether the whole chain was computed again.");
  }
  if (report.problems.length > 0) throw failure(report);
}

const problemsPrinted = 100;

async function readKept(context: CommandContext, head: string) {
  const { readHeads } = await import("../../../domain/audit/keep-heads.ts");
  if (head !== "-") return readHeads(head, context.cwd);
  const { parseHeads } = await import("../../../domain/audit/head-file.ts");
  const chunks: Buffer[] = [];
  for await (const chunk of context.streams.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return parseHeads(Buffer.concat(chunks).toString("utf8"), "standard input");
}

function failure(report: VerifyReport): MpiError {
  const first = report.firstRow;
  const what =
    first === undefined
      ? describeProblem(report.problems[0]!)
      : `The first is row ${first.id} of ${first.at}, which was ${first.kind}.`;
  return new MpiError(
    "check-failed",
    `The audit trail is not as it was sealed: ${formatCount(report.problems.length)} findings. ${what}`,
    {
      hint: "Keep the database, its backups and the kept heads as they are, and tell the privacy officer.",
      details: { problems: report.problems.length, firstRow: first ?? null },
    },
  );
}

/** One sentence for each kind of finding. */
function describeProblem(problem: AuditProblem): string {
  switch (problem.kind) {
    case "altered":
    case "removed":
    case "inserted":
    case "reordered":
      return `Row ${problem.id} of ${problem.at} was ${problem.kind}.`;
    case "part-altered":
      return `Seal ${String(problem.sealId)}, ${problem.month}: rows and their leaves were altered together, or a chunk's hash.`;
    case "seal-altered":
      return `Seal ${String(problem.sealId)} was altered.`;
    case "seal-removed":
      return `Seal ${String(problem.sealId)} is missing.`;
    case "head-differs":
      return `Seal ${String(problem.sealId)} is another one than the head that was kept: the chain was computed again.`;
    case "guard":
      return `The ${problem.name} is ${problem.problem}.`;
    case "archive-untold":
      return `${problem.month} is said to be archived, and the trail knows nothing of it.`;
    case "archive-missing":
      return `The archive of ${problem.month} is missing.`;
    case "archive-altered":
      return `The archive of ${problem.month} is not what was written.`;
  }
}

const problemColumns: readonly Column<AuditProblem>[] = [
  { key: "kind", header: "Finding", value: (problem) => problem.kind },
  { key: "what", header: "What", value: describeProblem },
];
