import type { Command } from "commander";
import type { AuditPartition } from "../../../domain/audit/partitions.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { formatCount } from "../../progress.ts";

interface PartitionFlags {
  readonly ensure?: true;
  readonly dryRun?: true;
  readonly ahead: number;
}

/** Registers `mpi audit partitions`. */
export function registerPartitions(audit: Command, act: Act): void {
  defineCommand(audit, "partitions", {
    summary: "the months of the audit trail, and making those to come",
    description:
      "Lists the months of the audit trail. With --ensure it makes the partitions of this month and the next ones, and " +
      "takes rows that fell into the default partition to their months. Every match run does the same.",
    examples: [
      { command: "mpi audit partitions", does: "which months there are, and how large they are" },
      { command: "mpi audit partitions --ensure", does: "top up, for example from cron" },
    ],
  })
    .option("--ensure", "make what is missing and empty the default partition")
    .option("--dry-run", "with --ensure: say how many would be made, and change nothing")
    .option("--ahead <months>", "so many months ahead", integer({ min: 1, max: 120 }), 12)
    .action(act<PartitionFlags>(partitions));
}

async function partitions(context: CommandContext, flags: PartitionFlags): Promise<void> {
  if (flags.dryRun === true && flags.ensure !== true) {
    throw new MpiError("usage", "--dry-run goes with --ensure; without it nothing is changed.");
  }
  const { ensureAuditPartitions, listAuditPartitions } = await import("../../../domain/audit/partitions.ts");
  const db = await context.database();
  const isDryRun = flags.dryRun === true;
  const state =
    flags.ensure === true
      ? await ensureAuditPartitions(db, context.audit("AUDIT_PARTITIONS"), {
          ahead: flags.ahead,
          dryRun: isDryRun,
        })
      : undefined;
  const partitions = await listAuditPartitions(db);
  await context.output.list({
    columns,
    rows: partitions,
    meta: () => (state === undefined ? {} : { dryRun: isDryRun, made: state.made, missing: state.missing }),
  });
  if (state === undefined) {
    const late = partitions.find(({ month, rows }) => month === null && rows > 0);
    if (late === undefined) return;
    context.warn(
      `Rows in the default partition: ${formatCount(late.rows)}. "mpi audit partitions --ensure" takes them to their months.`,
    );
    return;
  }
  const made = isDryRun ? "would be made" : "made";
  context.info(state.made === 0 ? "No month was missing." : `${formatCount(state.made)} months ${made}.`);
  if (state.missing.length > 0 || state.strayRows > 0) {
    throw new MpiError("locked", "A long transaction holds the audit trail; not everything could be done.", {
      hint: "Nothing is lost; try again when it is over.",
      details: { missing: state.missing, strayRows: state.strayRows },
    });
  }
}

const columns: readonly Column<AuditPartition>[] = [
  { key: "month", header: "Month", value: (row) => row.month, text: (row) => row.month ?? "(default)" },
  { key: "name", header: "Table", value: (row) => row.name },
  {
    key: "rows",
    header: "Rows",
    align: "right",
    value: (row) => row.rows,
    text: (row) => formatCount(row.rows),
  },
  {
    key: "bytes",
    header: "Size",
    align: "right",
    value: (row) => row.bytes,
    text: (row) => `${(row.bytes / 1_048_576).toFixed(1)} MB`,
  },
];
