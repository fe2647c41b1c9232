import type { PopulationSummary } from "./summary.ts";

/** The summary as lines of plain text for people. */
export function formatPopulationSummary(summary: PopulationSummary): string {
  const { records, persons, truePairs, settings } = summary;
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const rows = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([name, count]) => `  ${name.padEnd(34)} ${count}`);
  return [
    `Synthetic population, seed ${settings.seed}, as of ${settings.asOf}`,
    "",
    `${records} records of ${persons} persons; ${percent(summary.duplicateRate)} of the records are duplicates; ${truePairs} true pairs`,
    "",
    "Persons by number of records",
    ...rows(summary.clusterSizes),
    "",
    "Kinds (records, persons)",
    ...Object.entries(summary.kinds).map(
      ([kind, count]) => `  ${kind.padEnd(34)} ${count.records}, ${count.persons}`,
    ),
    "",
    "Records by source",
    ...rows(summary.sources),
    "",
    "Records with a value (placeholders included)",
    ...Object.entries(summary.filled).map(([column, share]) => `  ${column.padEnd(34)} ${percent(share)}`),
    "",
    "Duplicates by number of errors",
    ...rows(summary.errorsPerDuplicate),
    "",
    "Errors",
    ...rows(summary.errors),
    "",
    "Files (bytes before compression, SHA-256)",
    ...summary.files.map((file) => `  ${file.path}  ${file.bytes}  ${file.sha256}`),
    "",
  ].join("\n");
}
