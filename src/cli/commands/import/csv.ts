import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { parseCsvMap, type CsvMap } from "../../../domain/import/csv/csv-map.ts";
import type { FirstLoadOptions } from "../../../domain/import/first-load.ts";
import { importCsv, type CsvImportResult } from "../../../domain/import/csv/import-csv.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { importEach, refuseSharedRejects, type ImportFlags } from "./import-each.ts";

interface CsvFlags extends ImportFlags {
  readonly map?: string;
  readonly suggest?: true;
  readonly source?: string;
  readonly firstLoad?: true;
}

/** Registers `mpi import csv`. */
export function registerCsv(parent: Command, act: Act): void {
  defineCommand(parent, "csv <files...>", {
    summary: "bring in records from CSV files",
    description:
      "Brings in records from CSV files; - is standard input, gzip is recognised. The map says which column feeds which " +
      "field. (source, source id) names a record: the same file again changes nothing, a changed row is an update. " +
      "Rows that cannot be taken go to FILE.rejects.csv as they came; mended, that file can be imported as it is.",
    examples: [
      {
        command: "mpi import csv patients.csv --map population --source clinic-a",
        does: "with a map that mpi brings along",
      },
      {
        command: "mpi import csv export.csv.gz --map ./ours.json --source east --dry-run",
        does: "what would be added, updated, rejected",
      },
      {
        command: "mpi import csv export.csv --suggest > ours.json",
        does: "proposes a map; read it, then use it",
      },
      { command: "cat new.csv | mpi import csv - --map ./ours.json --source east", does: "from a pipe" },
    ],
  })
    .option(
      "--map <map>",
      "map: a file, or the name of one that mpi brings along (febrl, recordlinker-nbs, population)",
    )
    .option("--suggest", "import nothing: propose a map from the header and the data, on stdout")
    .option("--source <name>", "the system that the records come from")
    .option("--dry-run", "say what would change, and change nothing")
    .option("--max-rejects <n>", "stop after more than so many rejected rows", integer({ min: 0 }))
    .option("--rejects <file>", "where rejected rows go (default: FILE.rejects.csv)")
    .option("--first-load", "into an empty index: build the indexes for searching afterwards, all at once")
    .action(act<CsvFlags, [readonly string[]]>(importFiles));
}

async function importFiles(
  context: CommandContext,
  flags: CsvFlags,
  files: readonly string[],
): Promise<void> {
  if (flags.suggest === true) {
    await suggest(context, files);
    return;
  }
  if (flags.map === undefined) {
    throw new MpiError("usage", "Which column feeds which field? --map says so.", {
      hint: '"mpi import csv FILE --suggest" proposes a map.',
    });
  }
  refuseSharedRejects(flags, files);
  const map = readMap(flags.map, context.cwd);
  if (flags.firstLoad === true && flags.dryRun === true) {
    throw new MpiError(
      "usage",
      "--first-load drops and builds indexes; it cannot be tried out with --dry-run.",
    );
  }
  const load = async () => {
    const db = await context.database();
    return importEach(context, flags, files, "records", (file, options) =>
      importCsv(db, context.audit("IMPORT"), file, context.streams.stdin, {
        ...options,
        map,
        source: flags.source,
        // They are refreshed once the indexes are there.
        leavesStatistics: flags.firstLoad === true,
      }),
    );
  };
  const results =
    flags.firstLoad === true ? await loadFirst(context, load) : await loadOrdinarily(context, load);
  await report(context, results, flags.dryRun === true);
  const rejected = results.reduce(
    (sum, result) => sum + result.counts.rejected + result.counts.quarantined,
    0,
  );
  if (rejected > 0) {
    throw new MpiError(
      "rejected",
      `${rejected} of ${results.reduce((sum, each) => sum + each.records, 0)} rows were rejected or quarantined.`,
      {
        hint: rejectedHint(results),
      },
    );
  }
}

async function loadFirst<T>(context: CommandContext, load: () => Promise<T>): Promise<T> {
  const { isFirstLoadOpen, withFirstLoad } = await import("../../../domain/import/first-load.ts");
  const { signal } = context;
  const onStep: FirstLoadOptions["onStep"] = (step) =>
    context.info(
      "dropped" in step
        ? `Dropped ${String(step.dropped.indexes)} indexes that only searches need and ${String(step.dropped.references)} references to patients, to build and check them afterwards.`
        : `Built ${step.built}; ${String(step.left)} to go.`,
    );
  const db = await context.database();
  try {
    return await withFirstLoad(db, await context.target(), context.audit("IMPORT"), { signal, onStep }, load);
  } catch (error) {
    const isAnothers = error instanceof MpiError && error.code === "locked";
    if (!isAnothers && (await isFirstLoadOpen(db).catch(() => false))) {
      context.warn(
        "The first load is not finished: indexes and references are missing; the same command carries on.",
      );
    }
    throw error;
  }
}

async function loadOrdinarily<T>(context: CommandContext, load: () => Promise<T>): Promise<T> {
  const { isFirstLoadOpen } = await import("../../../domain/import/first-load.ts");
  if (await isFirstLoadOpen(await context.database())) {
    context.warn(
      "A first load was stopped: indexes and references are missing, and searches are slow. The same command with --first-load finishes it.",
    );
  }
  return load();
}

async function suggest(context: CommandContext, files: readonly string[]): Promise<void> {
  const [file] = files;
  if (file === undefined || files.length > 1) {
    throw new MpiError("usage", "--suggest looks at one file at a time.");
  }
  const { suggestMap } = await import("../../../domain/import/csv/suggest/suggest-map.ts");
  const name = file === "-" ? file : path.resolve(context.cwd, file);
  const { map, notes, rows } = await suggestMap(name, context.streams.stdin);
  await context.output.raw(`${JSON.stringify(map, null, 2)}\n`);
  context.info(`Proposed from the header and ${String(rows)} rows of ${path.basename(file)}.`);
  notes.forEach((note) => context.info(`- ${note}`));
}

const rejectedHint = (results: readonly CsvImportResult[]): string => {
  const files = results.flatMap((result) => (result.rejectsFile === null ? [] : [result.rejectsFile]));
  const reject =
    files.length === 0
      ? ""
      : `Mend ${files.join(", ")} and import ${files.length === 1 ? "it" : "them"} again. `;
  const held = results.some((result) => result.counts.quarantined > 0)
    ? 'Quarantined updates wait in "mpi review".'
    : "";
  return `${reject}${held}`.trim();
};

async function report(
  context: CommandContext,
  results: readonly CsvImportResult[],
  dryRun: boolean,
): Promise<void> {
  for (const result of results) {
    for (const { line, reason } of result.rejections)
      context.info(`${path.basename(result.file)} line ${line}: ${reason}.`);
    if (result.counts.rejected > result.rejections.length) {
      context.info(`… and ${result.counts.rejected - result.rejections.length} more.`);
    }
    if (result.resumedAfter > 0)
      context.info(`Carried on after ${result.resumedAfter} records of an earlier run.`);
    for (const [field, count] of Object.entries(result.omittedDates)) {
      context.info(`${count} impossible dates left out of ${field}, as the map says.`);
    }
    if (result.unusedColumns.length > 0) {
      context.info(
        `Columns of ${path.basename(result.file)} that the map does not use: ${result.unusedColumns.join(", ")}.`,
      );
    }
  }
  if (dryRun) context.info("Dry run: nothing was changed.");
  const count = (key: keyof CsvImportResult["counts"], header: string) =>
    ({ key, header, value: (result: CsvImportResult) => result.counts[key], align: "right" }) as const;
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
      count("quarantined", "Quarantined"),
      count("rejected", "Rejected"),
      { key: "rejectsFile", header: "Rejects", value: (result) => result.rejectsFile, machineOnly: true },
      {
        key: "resumedAfter",
        header: "Resumed after",
        value: (result) => result.resumedAfter,
        machineOnly: true,
      },
      {
        key: "omittedDates",
        header: "Omitted dates",
        value: (result) => Object.entries(result.omittedDates).map(([field, count]) => `${field}: ${count}`),
        machineOnly: true,
      },
      { key: "unusedColumns", header: "Unused", value: (result) => result.unusedColumns, machineOnly: true },
    ],
    rows: results,
  });
}

/** A map is a file; without a slash or a dot in its name it is one of ours. */
function readMap(name: string, cwd: string): CsvMap {
  const file = /[./\\]/.test(name)
    ? path.resolve(cwd, name)
    : fileURLToPath(new URL(`../../../../data/maps/${name}.json`, import.meta.url));
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new MpiError(code === "ENOENT" ? "not-found" : "usage", `Cannot read the map ${name} (${code}).`, {
      hint: '"mpi import csv --help" names the maps that come along.',
    });
  }
  return parseCsvMap(text, path.basename(file));
}
