import { Option, type Command } from "commander";
import type { ExportType } from "../../../domain/export/export-fhir.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { readContext } from "../../read-context.ts";
import { addExportOptions, exportTo, readExportOptions, type ExportFlags } from "./export-target.ts";

interface FhirFlags extends ExportFlags {
  readonly bundle?: true;
  readonly types?: readonly ExportType[];
}

/** Registers `mpi export fhir`. */
export function registerExportFhir(parent: Command, act: Act): void {
  const command = defineCommand(parent, "fhir", {
    summary: "write patients, persons and organizations as FHIR",
    description:
      "Writes Organization, Patient and Person resources (R4, and what R5 reads too) as NDJSON, or as one Bundle. A Person is an " +
      "enterprise id with its records; links have FHIR's codes. What goes out comes in again by mpi import fhir as the same " +
      "records under the same ids. Every patient that leaves is written into the audit trail first.",
    examples: [
      { command: "mpi export fhir --to index.ndjson.gz", does: "everything, of one moment" },
      {
        command: "mpi export fhir --types Patient --source clinic-a --since 2026-11-01 --to Patient.ndjson",
        does: "what changed in the records of one source",
      },
      {
        command: "mpi export fhir --pseudonymize --key-file ./study.key --to study.ndjson",
        does: "for research: the same patient has the same pseudonym in every export",
      },
    ],
  });
  addExportOptions(command)
    .option("--bundle", "one Bundle of type collection instead of NDJSON")
    .addOption(
      new Option("--types <types...>", "resources to write (default: all)").choices([
        "Organization",
        "Patient",
        "Person",
      ]),
    )
    .action(act<FhirFlags>(exportAll));
}

async function exportAll(context: CommandContext, flags: FhirFlags): Promise<void> {
  const { exportFhir, exportTypes } = await import("../../../domain/export/export-fhir.ts");
  const progress = await context.progress({ label: "Exporting", unit: "patients" });
  try {
    const options = await readExportOptions(context, flags, (count) => progress.update(count));
    const db = await context.database();
    const audit = await readContext(context, "EXPORT");
    const counts = await exportTo(context, flags, (sink) =>
      exportFhir(db, audit, sink, {
        ...options,
        layout: flags.bundle === true ? "bundle" : "ndjson",
        types: flags.types ?? exportTypes,
      }),
    );
    progress.finish();
    const { Patient: patients, Person: persons, Organization: organizations } = counts;
    context.info(`${patients} patients, ${persons} persons and ${organizations} organizations exported.`);
  } finally {
    progress.finish();
  }
}
