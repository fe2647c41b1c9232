import type { Command } from "commander";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { readContext } from "../../read-context.ts";
import { addExportOptions, exportTo, readExportOptions, type ExportFlags } from "./export-target.ts";

interface CsvFlags extends ExportFlags {
  readonly crosswalk?: true;
  readonly rawValues?: true;
}

/** Registers `mpi export csv`. */
export function registerExportCsv(parent: Command, act: Act): void {
  const command = defineCommand(parent, "csv", {
    summary: "write records, or which ids mean whom, as CSV",
    description:
      "Writes a line for each record with its current name, address and numbers, or with --crosswalk only its source, its id " +
      "there, the enterprise id and the record that stands for it. Text that a spreadsheet would run as a formula gets a leading " +
      "apostrophe. Every patient that leaves is written into the audit trail first.",
    examples: [
      { command: "mpi export csv --to patients.csv.gz --active-only", does: "records in use" },
      {
        command: "mpi export csv --crosswalk --source clinic-a --to crosswalk.csv",
        does: "the enterprise id of each number of clinic-a",
      },
    ],
  });
  addExportOptions(command)
    .option("--crosswalk", "source, source id, enterprise id and survivor alone")
    .option("--raw-values", "no apostrophe before text that looks like a formula")
    .action(act<CsvFlags>(exportAll));
}

async function exportAll(context: CommandContext, flags: CsvFlags): Promise<void> {
  const { exportCsv } = await import("../../../domain/export/export-csv.ts");
  const progress = await context.progress({ label: "Exporting", unit: "records" });
  try {
    const options = await readExportOptions(context, flags, (count) => progress.update(count));
    const db = await context.database();
    const audit = await readContext(context, "EXPORT");
    const count = await exportTo(context, flags, (sink) =>
      exportCsv(db, audit, sink, {
        ...options,
        layout: flags.crosswalk === true ? "crosswalk" : "records",
        rawValues: flags.rawValues === true,
      }),
    );
    progress.finish();
    context.info(`${count} records exported.`);
  } finally {
    progress.finish();
  }
}
