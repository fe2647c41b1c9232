import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { MpiError } from "../../lib/errors.ts";
import { POPULATION_COLUMNS, TRUTH_COLUMNS } from "./columns.ts";
import { formatCsvLine } from "./csv-line.ts";
import { listErrorNames } from "./error-model.ts";
import { formatFhirPatient } from "./fhir-patient.ts";
import { formatPopulationSummary } from "./format-summary.ts";
import { generateRecords, type PopulationRecord } from "./record-generator.ts";
import { RowShuffler } from "./row-shuffler.ts";
import { resolvePopulationOptions, type PopulationOptions, type PopulationSettings } from "./settings.ts";
import { SummaryCounter, type PopulationSummary } from "./summary.ts";
import { TextFile } from "./text-file.ts";

export interface PopulationOutput {
  /** Created where it is missing. */
  readonly directory: string;
  /** Replaces files of the same names. Without it they are a conflict. */
  readonly overwrite?: boolean;
  readonly format?: "csv" | "fhir";
  /** Compresses patients and truth; their names then end in `.gz`. */
  readonly gzip?: boolean;
  /** Called now and then with the number of records made so far. */
  readonly onProgress?: (records: number) => void;
  /** Stops the generation; nothing is left behind then. */
  readonly signal?: AbortSignal;
}

const PROGRESS_EVERY = 10_000;

interface Row {
  readonly patient: string;
  readonly truth: string;
}

/**
 * Writes a synthetic population: `patients.csv` (or `patients.ndjson`), `truth.csv`, `summary.json` and
 * `summary.txt`. The same options give the same bytes on every platform; memory does not grow with the
 * number of records. Throws a `usage` error for options out of range, a `conflict` where a file is there
 * already, and the signal's reason when it aborts.
 */
export async function generatePopulation(
  options: PopulationOptions,
  output: PopulationOutput,
): Promise<PopulationSummary> {
  const settings = resolvePopulationOptions(options);
  checkErrorWeights(settings);
  const paths = await preparePaths(output);
  const patients = new TextFile(paths.patients);
  const truth = new TextFile(paths.truth);
  try {
    const counter = await writeRows(settings, output, patients, truth);
    const files = [await patients.close(), await truth.close()];
    const summary = counter.finish(
      settings,
      files.map((file) => ({ ...file, path: basename(file.path) })),
    );
    await writeFile(paths.summaryJson, `${JSON.stringify(summary, null, 2)}\n`);
    await writeFile(paths.summaryText, formatPopulationSummary(summary));
    return summary;
  } catch (error) {
    await Promise.all([patients.discard(), truth.discard()]);
    throw error;
  }
}

interface Paths {
  readonly patients: string;
  readonly truth: string;
  readonly summaryJson: string;
  readonly summaryText: string;
}

/** Makes the directory. Real patients may lie in it under these very names: nothing is replaced unasked. */
async function preparePaths({ directory, format, gzip, overwrite }: PopulationOutput): Promise<Paths> {
  const ending = gzip === true ? ".gz" : "";
  const paths: Paths = {
    patients: join(directory, (format === "fhir" ? "patients.ndjson" : "patients.csv") + ending),
    truth: join(directory, `truth.csv${ending}`),
    summaryJson: join(directory, "summary.json"),
    summaryText: join(directory, "summary.txt"),
  };
  await mkdir(directory, { recursive: true });
  const present = new Set(await readdir(directory));
  const taken = Object.values(paths as Readonly<Record<keyof Paths, string>>)
    .map((path) => basename(path))
    .filter((name) => present.has(name));
  if (taken.length > 0 && overwrite !== true) {
    throw new MpiError("conflict", `The directory already holds ${taken.join(", ")}.`, {
      hint: "Choose another directory, or say --overwrite.",
    });
  }
  return paths;
}

/** The population of the first steps: 5,000 records, the same for everybody. */
export function generateSamplePopulation(directory: string): Promise<PopulationSummary> {
  return generatePopulation({ patients: 5_000, seed: 1 }, { directory, overwrite: true });
}

async function writeRows(
  settings: PopulationSettings,
  output: PopulationOutput,
  patients: TextFile,
  truth: TextFile,
): Promise<SummaryCounter> {
  const formatRow = output.format === "fhir" ? formatFhirRow : formatCsvRow;
  const counter = new SummaryCounter();
  const shuffler = new RowShuffler<Row>(settings.seed);
  // A promise for each row would cost as much time as the row; most rows need none.
  const write = (row: Row): Promise<unknown> | undefined => {
    const patientWritten = patients.write(row.patient);
    const truthWritten = truth.write(row.truth);
    if (patientWritten === undefined) return truthWritten;
    return truthWritten === undefined ? patientWritten : Promise.all([patientWritten, truthWritten]);
  };
  if (output.format !== "fhir") await patients.write(formatCsvLine(POPULATION_COLUMNS));
  await truth.write(formatCsvLine(TRUTH_COLUMNS));
  let made = 0;
  for (const record of generateRecords(settings)) {
    counter.add(record);
    const row = shuffler.exchange(formatRow(record));
    const written = row === undefined ? undefined : write(row);
    if (written !== undefined) await written;
    if (++made % PROGRESS_EVERY === 0) await pause(output, made);
  }
  for (const row of shuffler.drain()) {
    const written = write(row);
    if (written !== undefined) await written;
  }
  output.onProgress?.(made);
  return counter;
}

/** Reports, and lets signals and timers have their turn: the loop alone would never. */
async function pause(output: PopulationOutput, made: number): Promise<void> {
  output.onProgress?.(made);
  await new Promise((resume) => setImmediate(resume));
  output.signal?.throwIfAborted();
}

function formatCsvRow(record: PopulationRecord): Row {
  const { columns } = record;
  return {
    patient: formatCsvLine(POPULATION_COLUMNS.map((column) => columns[column])),
    truth: formatTruth(record),
  };
}

function formatFhirRow(record: PopulationRecord): Row {
  return { patient: formatFhirPatient(record.columns), truth: formatTruth(record) };
}

function formatTruth({ columns, truth }: PopulationRecord): string {
  const { cluster, kind, group, household, role, errors } = truth;
  const fields = [columns.source_id, String(cluster), kind, group, household, role];
  return formatCsvLine([...fields, String(errors.length), errors.join(" ")]);
}

function checkErrorWeights({ errorWeights }: PopulationSettings): void {
  const names = listErrorNames();
  const unknown = Object.keys(errorWeights).filter((name) => !names.includes(name));
  if (names.every((name) => errorWeights[name] === 0)) {
    throw new MpiError("usage", "Duplicates have at least one error: errorWeights must leave one.");
  }
  if (unknown.length === 0) return;
  throw new MpiError("usage", `There is no error called ${unknown.join(", ")}.`, {
    hint: `The errors are ${names.join(", ")}.`,
  });
}
