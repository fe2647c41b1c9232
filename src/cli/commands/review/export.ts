import { open, type FileHandle } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import type { PairView } from "../../../domain/review/pair-view.ts";
import type { PatientRecord } from "../../../domain/patient/patient-record.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { csvHeader, csvRow } from "../../output/csv.ts";
import { requireReason } from "../../prompt.ts";
import {
  formatAddress,
  formatBirthDate,
  formatName,
  maskIdentifier,
  primaryName,
} from "../patient/patient-text.ts";
import { readQueueFilter, withQueueFlags, type QueueFlags } from "./queue-flags.ts";

interface ExportFlags extends QueueFlags {
  readonly file: string;
  readonly limit: number;
  readonly reveal?: true;
  readonly reason?: string;
  readonly overwrite?: true;
}

/** Registers `mpi review export`. */
export function registerExport(review: Command, act: Act): void {
  withQueueFlags(
    defineCommand(review, "export", {
      summary: "the queue as a spreadsheet, to decide in",
      description:
        "Writes pairs with both records to a CSV file. Put same, different or later into its column decision, a reason if " +
        "there is one, and bring the file back with mpi review import. Leave pair and evidence as they are.",
      examples: [
        { command: "mpi review export --file queue.csv", does: "the best 500 pairs" },
        {
          command: "mpi review export --file lab.csv --source lab --limit 2000",
          does: "pairs with a record of one source",
        },
      ],
    }),
  )
    .requiredOption("--file <file>", "the file to write")
    .option("--limit <n>", "so many pairs at most", integer({ min: 1, max: 100_000 }), 500)
    .option("--reveal", "identifiers in full; needs --reason")
    .option("--reason <text>", "why, for the audit trail; with --reveal")
    .option("--overwrite", "replace a file of that name")
    .action(act<ExportFlags>(exportPairs));
}

const recordColumns = (side: "a" | "b", reveal: boolean): readonly Column<PairView>[] => {
  const column = (key: string, value: (record: PatientRecord) => string | null): Column<PairView> => ({
    key: `${side}_${key}`,
    header: key,
    value: (view) => value(view[side]),
  });
  return [
    column("record", (record) => record.id),
    column("name", (record) => formatName(primaryName(record))),
    column("birth_date", formatBirthDate),
    column("gender", (record) => record.gender),
    column("identifiers", (record) =>
      record.identifiers
        .map((each) => `${each.type} ${reveal ? each.value : maskIdentifier(each.value)}`)
        .join("; "),
    ),
    column("address", (record) => formatAddress(record.addresses[0])),
    column("contacts", (record) => record.contacts.map((each) => each.value).join("; ")),
    column("source", (record) => record.sourceSystem),
  ];
};

const columns = (reveal: boolean): readonly Column<PairView>[] => [
  { key: "pair", header: "pair", value: (view) => view.id },
  { key: "evidence", header: "evidence", value: (view) => view.evidence },
  { key: "kind", header: "kind", value: (view) => view.kind },
  { key: "score", header: "score", value: (view) => view.score },
  ...recordColumns("a", reveal),
  ...recordColumns("b", reveal),
  {
    key: "findings",
    header: "findings",
    value: (view) => view.findings.map((finding) => `${finding.comparison}: ${finding.level}`),
  },
  { key: "decision", header: "decision", value: () => null },
  { key: "reason", header: "reason", value: () => null },
];

async function exportPairs(context: CommandContext, flags: ExportFlags): Promise<void> {
  const { exportQueue } = await import("../../../domain/review/export-queue.ts");
  const reveal = flags.reveal === true;
  const reason = reveal ? await requireReason(context.prompt, flags.reason) : flags.reason;
  const db = await context.database();
  const filter = await readQueueFilter(context, flags);
  const file = await openFile(path.resolve(context.cwd, flags.file), flags.overwrite === true);
  let count = 0;
  try {
    const sheet = columns(reveal);
    await file.write(`${csvHeader(sheet)}\r\n`);
    const views = exportQueue(db, context.audit("REVIEW_EXPORT", reason), {
      filter,
      order: flags.order,
      limit: flags.limit,
    });
    for await (const view of views) {
      if (context.signal.aborted) throw new MpiError("cancelled", `Stopped; ${flags.file} is not complete.`);
      await file.write(`${csvRow(sheet, view)}\r\n`);
      count += 1;
    }
  } finally {
    await file.close();
  }
  await context.output.report({
    text: `${String(count)} pairs are in ${flags.file}.`,
    json: { file: flags.file, pairs: count },
  });
}

/** For its owner only: it holds patient data. */
async function openFile(name: string, overwrite: boolean): Promise<FileHandle> {
  try {
    return await open(name, overwrite ? "w" : "wx", 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") {
      throw new MpiError("conflict", `${name} exists already.`, { hint: "--overwrite replaces it." });
    }
    throw new MpiError("unavailable", `${name} cannot be written (${code ?? "unknown reason"}).`);
  }
}
