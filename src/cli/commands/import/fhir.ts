import path from "node:path";
import type { Command } from "commander";
import type { FhirImportResult } from "../../../domain/import/fhir/import-fhir.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import {
  expectedRecords,
  readImportFlags,
  refuseSharedRejects,
  resolveInput,
  shortName,
  type ImportFlags,
} from "./import-each.ts";

interface FhirFlags extends ImportFlags {
  readonly source?: string;
  readonly strict?: true;
}

/** Registers `mpi import fhir`. */
export function registerFhir(parent: Command, act: Act): void {
  defineCommand(parent, "fhir <files...>", {
    summary: "bring in Patients and Organizations from FHIR files",
    description:
      "Brings in Patient and Organization resources of FHIR R4 or R5: NDJSON, single resources, arrays, Bundles of any type, " +
      "the directory of a bulk export; - is standard input, gzip is recognised. (source, id) names a record: the same file " +
      "again changes nothing, a changed resource is an update. Links between patients are settled when all files are read. " +
      "Resources that cannot be taken go to FILE.rejects.ndjson as they came, each behind an OperationOutcome that says why; " +
      "mended, that file can be imported as it is.",
    examples: [
      {
        command: "mpi import fhir Patient.ndjson --source clinic-a --dry-run",
        does: "what would be added, updated, rejected",
      },
      {
        command: "mpi import fhir ./bulk-export --source clinic-a --strict",
        does: "all of a bulk export; content without a column rejects its resource",
      },
      {
        command: "mpi import fhir other-index.ndjson.gz",
        does: "an export of mpi: it names its sources itself",
      },
    ],
  })
    .option("--source <name>", "the system that the resources come from (default: their meta.source)")
    .option("--strict", "reject resources with content that has no column here")
    .option("--dry-run", "say what would change, and change nothing")
    .option("--max-rejects <n>", "stop after more than so many rejected resources", integer({ min: 0 }))
    .option("--rejects <file>", "where rejected resources go (default: FILE.rejects.ndjson)")
    .action(act<FhirFlags, [readonly string[]]>(importFiles));
}

async function importFiles(
  context: CommandContext,
  flags: FhirFlags,
  names: readonly string[],
): Promise<void> {
  const { importFhir } = await import("../../../domain/import/fhir/import-fhir.ts");
  const { listBulkFiles } = await import("../../../domain/import/fhir/list-bulk-files.ts");
  const files: string[] = [];
  for (const name of names) {
    const found = await listBulkFiles(resolveInput(context, name));
    files.push(...found.files);
    if (found.leftOut.length > 0)
      context.info(`Files of other resources left out: ${found.leftOut.join(", ")}.`);
  }
  refuseSharedRejects(flags, files);
  const db = await context.database();
  const label = files.length === 1 ? shortName(files[0]!) : `${String(files.length)} files`;
  const progress = await context.progress({ label: `Importing ${label}`, unit: "resources" });
  const done = new Map<string, number>();
  let results: readonly FhirImportResult[];
  try {
    results = await importFhir(db, context.audit("IMPORT"), files, context.streams.stdin, (file) => ({
      ...readImportFlags(context, flags, (progressed) => {
        done.set(file, progressed.records);
        const all = [...done.values()].reduce((sum, each) => sum + each, 0);
        progress.update(all, files.length === 1 ? expectedRecords(progressed) : undefined);
      }),
      source: flags.source,
      strict: flags.strict === true,
    }));
  } finally {
    progress.finish();
  }
  await report(context, results, flags);
  refuseQuietLoss(results);
}

/** @throws {MpiError} `rejected` where anything was set aside. */
function refuseQuietLoss(results: readonly FhirImportResult[]): void {
  const sum = (count: (result: FhirImportResult) => number) =>
    results.reduce((total, result) => total + count(result), 0);
  const rejected = sum(({ counts }) => counts.rejected);
  const quarantined = sum(({ counts, links }) => counts.quarantined + (links?.quarantined ?? 0));
  if (rejected + quarantined === 0) return;
  const files = results.flatMap((result) => (result.rejectsFile === null ? [] : [result.rejectsFile]));
  const them = files.length === 1 ? "it" : "them";
  throw new MpiError("rejected", `${rejected} rejected, ${quarantined} quarantined.`, {
    hint: [
      ...(files.length > 0 ? [`Mend ${files.join(", ")} and import ${them} again.`] : []),
      ...(quarantined > 0 ? ['What was quarantined waits in "mpi review".'] : []),
    ].join(" "),
  });
}

async function report(
  context: CommandContext,
  results: readonly FhirImportResult[],
  flags: FhirFlags,
): Promise<void> {
  for (const result of results) remark(context, result);
  if (flags.dryRun === true) context.info("Dry run: nothing was changed, and links were not looked at.");
  // On a terminal only what there is any of; elsewhere the columns are always the same.
  const rare = (value: (result: FhirImportResult) => number) => !results.some((result) => value(result) > 0);
  const count = (key: keyof FhirImportResult["counts"], header: string) =>
    ({ key, header, value: (result: FhirImportResult) => result.counts[key], align: "right" }) as const;
  await context.output.list({
    columns: [
      {
        key: "file",
        header: "File",
        value: (result) => (result.file === "-" ? "-" : path.basename(result.file)),
      },
      { key: "records", header: "Records", value: (result) => result.records, align: "right" },
      count("added", "Added"),
      count("updated", "Updated"),
      count("unchanged", "Unchanged"),
      { ...count("deleted", "Deleted"), machineOnly: rare(({ counts }) => counts.deleted) },
      {
        key: "quarantined",
        header: "Quarantined",
        value: ({ counts, links }) => counts.quarantined + (links?.quarantined ?? 0),
        align: "right",
      },
      count("rejected", "Rejected"),
      {
        key: "linked",
        header: "Linked",
        value: (result) => result.links?.linked ?? null,
        align: "right",
        machineOnly: rare(({ links }) => links?.linked ?? 0),
      },
      {
        key: "merged",
        header: "Merged",
        value: (result) => result.links?.merged ?? null,
        align: "right",
        machineOnly: rare(({ links }) => links?.merged ?? 0),
      },
      { key: "rejectsFile", header: "Rejects", value: (result) => result.rejectsFile, machineOnly: true },
    ],
    rows: results,
    json: (result) => ({
      file: result.file,
      records: result.records,
      ...result.counts,
      links: result.links,
      rejectsFile: result.rejectsFile,
      resumedAfter: result.resumedAfter,
      unmapped: result.unmapped,
      otherResources: result.otherResources,
    }),
  });
}

/** What the counts do not say. */
function remark(context: CommandContext, result: FhirImportResult): void {
  const name = shortName(result.file);
  for (const { line, reason } of result.rejections)
    context.info(`${name} ${result.unit} ${line}: ${reason}.`);
  const more = result.counts.rejected - result.rejections.length;
  if (more > 0) context.info(`… and ${more} more.`);
  if (result.resumedAfter > 0)
    context.info(`Carried on after ${result.resumedAfter} records of an earlier run.`);
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([path, count]) => `${path} ${count}`)
      .join(", ");
  if (Object.keys(result.unmapped).length > 0)
    context.info(`Content of ${name} that has no column here: ${list(result.unmapped)}.`);
  if (Object.keys(result.otherResources).length > 0)
    context.info(`Other resources of ${name}, left out: ${list(result.otherResources)}.`);
}
