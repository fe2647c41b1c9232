import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Option, type Command } from "commander";
import type { Database } from "../../../db/client.ts";
import type { EditedContent } from "../../../domain/patient/content-document.ts";
import type { EditRequest, EditResult } from "../../../domain/patient/edit-patient.ts";
import type { FieldDifference } from "../../../domain/patient/edit-plan.ts";
import type { PatientRecord } from "../../../domain/patient/patient-record.ts";
import type { RecordReference } from "../../../domain/patient/resolve-record.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, integer, repeatable, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { cancelled } from "../../prompt.ts";
import { parseDocument, readDocument } from "./content-file.ts";
import { hasContentFlags, withContentFlags, type ContentFlags } from "./content-flags.ts";
import { applyContentFlags, clearable, type RowFlags } from "./edited-by-flags.ts";
import { readReference, type ReferenceFlags } from "./record-argument.ts";

interface EditFlags extends ContentFlags, RowFlags {
  readonly file?: string;
  readonly print?: true;
  readonly ifVersion?: number;
  readonly reason?: string;
  readonly yes?: true;
  readonly dryRun?: true;
}

/** Registers `mpi patient edit`. */
export function registerEdit(patient: Command, act: Act): void {
  withContentFlags(
    defineCommand(patient, "edit <record>", {
      summary: "change what a record says",
      description:
        "Changes a record by flags, by a document (--file), or, on a terminal with neither, in $EDITOR as YAML. A new name " +
        "takes the place of the primary one, which is kept as old; --correct overwrites it instead. An address takes the " +
        "place of the one of the same use in the same way. A record that changed meanwhile, and a change that would turn " +
        "it into another person, are refused with exit code 4; the latter waits in mpi review.",
      examples: [
        {
          command: "mpi patient edit 3f2a9c01 --family Jones --given Wilma",
          does: "a new name; the former is kept",
        },
        { command: "mpi patient edit 3f2a9c01 --family Smith --correct", does: "a corrected spelling" },
        {
          command: "mpi patient edit MRN:12345 --phone 217-555-0142 --clear marital-status --dry-run",
          does: "what would change",
        },
        { command: "mpi patient edit 3f2a9c01", does: "in your editor, on a terminal" },
        { command: "mpi patient edit 3f2a9c01 --print > record.yaml", does: "the document, for --file" },
      ],
    }),
  )
    .option("--correct", "the name overwrites the primary one, which was never right")
    .option(
      "--remove <row>",
      "take away a name, address, contact or identifier by its row id; may be repeated",
      repeatable,
      [],
    )
    .option("--primary <row>", "make a name, address or contact primary by its row id")
    .addOption(
      new Option("--clear <field>", "empty a field; may be repeated")
        .argParser<readonly string[]>(repeatable)
        .default([]),
    )
    .option("--file <file>", "JSON or YAML of the whole record, as --print writes it; - is standard input")
    .option("--print", "print the document to edit, and change nothing")
    .option("--if-version <n>", "only if the record still has this version", integer({ min: 1 }))
    .option("--reason <text>", "why, for the audit trail")
    .option("--yes", "do not ask after editing")
    .option("--dry-run", "show what would change, and change nothing")
    .action(act<EditFlags, [string]>(edit));
}

interface Wanted {
  readonly change: EditRequest["change"];
  readonly version: number | null;
}

async function edit(context: CommandContext, flags: EditFlags, record: string): Promise<void> {
  const reference = readReference(record, {} satisfies ReferenceFlags);
  const db = await context.database();
  const audit = context.audit("PATIENT_EDIT", flags.reason);
  const { editPatient, readForEdit } = await import("../../../domain/patient/edit-patient.ts");
  if (flags.print === true) {
    return context.output.raw(await toDocumentText(await readForEdit(db, audit, reference)));
  }
  const wanted = await readWanted(context, db, flags, reference);
  const dryRun = flags.dryRun === true;
  const version = flags.ifVersion ?? wanted.version;
  const result = await editPatient(db, audit, { record: reference, change: wanted.change, version, dryRun });
  await report(context, result, { dryRun, version });
}

async function readWanted(
  context: CommandContext,
  db: Database,
  flags: EditFlags,
  reference: RecordReference,
): Promise<Wanted> {
  const byFlags =
    hasContentFlags(flags) ||
    flags.remove.length > 0 ||
    flags.clear.length > 0 ||
    flags.primary !== undefined;
  if (byFlags && flags.file !== undefined) {
    throw new MpiError("usage", "A record is edited by --file or by flags, not both.");
  }
  if (byFlags) {
    for (const field of flags.clear) {
      if (!(field in clearable)) {
        throw new MpiError("usage", `--clear takes one of ${Object.keys(clearable).join(", ")}.`);
      }
    }
    const { resolveOrganization } = await import("../../../domain/organization/resolve-organization.ts");
    const organization =
      flags.organization === undefined ? undefined : await resolveOrganization(db, flags.organization);
    return { change: (now, domains) => applyContentFlags(now, flags, domains, organization), version: null };
  }
  const { parseContentDocument } = await import("../../../domain/patient/content-document.ts");
  if (flags.file !== undefined) {
    const { content, version } = parseContentDocument(await readDocument(context, flags.file));
    return { change: () => content, version };
  }
  if (!context.prompt.isAvailable) {
    throw new MpiError("usage", "There is nothing to change: give flags, or --file.", {
      hint: 'On a terminal the record opens in $EDITOR; see "mpi patient edit --help".',
    });
  }
  const { readForEdit } = await import("../../../domain/patient/edit-patient.ts");
  const record = await readForEdit(db, context.audit("PATIENT_EDIT", flags.reason), reference);
  const content = await editInEditor(context, record, flags);
  return { change: () => content, version: record.version };
}

/** A document that only its owner can read, gone when the editor is closed. */
async function editInEditor(
  context: CommandContext,
  record: PatientRecord,
  flags: EditFlags,
): Promise<EditedContent> {
  const { parseContentDocument } = await import("../../../domain/patient/content-document.ts");
  const { listDifferences, toEditedContent } = await import("../../../domain/patient/edit-plan.ts");
  const folder = await mkdtemp(path.join(tmpdir(), "mpi-edit-"));
  try {
    const file = path.join(folder, "record.yaml");
    await writeFile(file, await toDocumentText(record), { mode: 0o600 });
    for (;;) {
      openEditor(context, file);
      try {
        const { content } = parseContentDocument(
          await parseDocument(await readFile(file, "utf8"), "The document"),
        );
        const differences = listDifferences(toEditedContent(record), content);
        if (differences.length === 0 || flags.yes === true || flags.dryRun === true) return content;
        context.info(differenceLines(differences).join("\n"));
        if (await context.prompt.confirm("Save these changes?", { flag: "--yes" })) return content;
        throw cancelled();
      } catch (error) {
        if (!(error instanceof MpiError) || error.code !== "usage") throw error;
        context.warn(error.message);
        if (!(await context.prompt.confirm("Edit again?", { flag: "--file", default: true })))
          throw cancelled();
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function openEditor(context: CommandContext, file: string): void {
  const editor = context.env["VISUAL"] ?? context.env["EDITOR"] ?? "vi";
  // The variable may hold options, as in "code --wait".
  const [program, ...words] = editor.split(/\s+/).filter((word) => word !== "");
  const { status, error } = spawnSync(program ?? "vi", [...words, file], { stdio: "inherit" });
  if (error !== undefined || status !== 0) {
    throw new MpiError(
      "unavailable",
      `The editor ${program ?? "vi"} did not end well; nothing was changed.`,
      {
        hint: "Set EDITOR to a program that waits until the file is closed.",
      },
    );
  }
}

async function toDocumentText(record: PatientRecord): Promise<string> {
  const { stringify } = await import("yaml");
  const { toContentDocument } = await import("../../../domain/patient/content-document.ts");
  return `# Record ${record.id}. Rows without an id are new; rows that are taken out are removed.\n${stringify(toContentDocument(record), { lineWidth: 0 })}`;
}

const differenceLines = (differences: readonly FieldDifference[]): readonly string[] =>
  differences.flatMap(({ field, before, after }) => [
    ...(before === null ? [] : [`- ${field}: ${before}`]),
    ...(after === null ? [] : [`+ ${field}: ${after}`]),
  ]);

async function report(
  context: CommandContext,
  result: EditResult,
  { dryRun, version }: { readonly dryRun: boolean; readonly version: number | null },
): Promise<void> {
  const { record } = result;
  if (result.outcome === "unchanged") {
    context.info("The record says that already; nothing was changed.");
    return printDifferences(context, record, []);
  }
  await printDifferences(context, record, result.differences);
  if (result.outcome === "stale") {
    throw new MpiError(
      "conflict",
      `Record ${record.id} was changed meanwhile: it has version ${String(record.version)}, the edit was made from ${String(version)}.`,
      {
        hint: "What is shown leads from the record as it is now to what was wanted; edit it again.",
        details: { reason: "changed-meanwhile", version: record.version, madeFrom: version },
      },
    );
  }
  if (result.outcome === "quarantined") {
    throw new MpiError(
      "conflict",
      `That looks like another person's data (${result.fields.join(", ")}); it was ${dryRun ? "not applied" : "kept for review and not applied"}.`,
      { hint: 'A steward decides in "mpi review".', details: { reason: "overlay", fields: result.fields } },
    );
  }
  if (dryRun) context.info("Dry run: nothing was changed.");
}

async function printDifferences(
  context: CommandContext,
  record: PatientRecord,
  differences: readonly FieldDifference[],
): Promise<void> {
  await context.output.list({
    columns: [
      { key: "field", header: "Field", value: (each) => each.field },
      { key: "before", header: "Before", value: (each) => each.before },
      { key: "after", header: "After", value: (each) => each.after },
    ],
    rows: differences,
    meta: () => ({ id: record.id, version: record.version }),
  });
}
