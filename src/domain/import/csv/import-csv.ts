import type { Readable } from "node:stream";
import type { Database } from "../../../db/client.ts";
import {
  analyzePatientTables,
  openImportRun,
  updateImportRun,
  type OpenImport,
} from "../../../db/queries/imports.ts";
import { withTransaction, type AuditContext } from "../../../db/transaction.ts";
import { MpiError } from "../../../lib/errors.ts";
import { importInBatches, type CommittedBatch, type ImportEntry } from "../batch-import.ts";
import type { ImportOutcome } from "../import-record.ts";
import { fingerprintInput, openInput, type InputFile } from "../input-file.ts";
import { RejectsFile } from "../rejects-file.ts";
import { listMappedColumns, type CsvMap } from "./csv-map.ts";
import { isBroken, readCsvRecords, type BrokenLine, type CsvRecord } from "./csv-reader.ts";
import { createRowReader } from "./row-content.ts";
import { decodeFields } from "./decode-fields.ts";

export interface CsvImportOptions {
  readonly map: CsvMap;
  /** The source's name, where the map names no column for it. */
  readonly source: string | undefined;
  readonly dryRun: boolean;
  /** Stop after so many rejected rows; undefined: never. */
  readonly maxRejects: number | undefined;
  /** Default: the file's name and `.rejects.csv`. */
  readonly rejectsPath: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: {
    readonly records: number;
    readonly bytes: number;
    readonly size: number | undefined;
  }) => void;
}

export type ImportCounts = Readonly<Record<ImportOutcome | "rejected", number>>;

export interface CsvImportResult {
  readonly file: string;
  readonly records: number;
  readonly counts: ImportCounts;
  /** Records that an earlier, stopped import of the same file had committed. */
  readonly resumedAfter: number;
  readonly rejectsFile: string | null;
  /** The first rejections, without the data. */
  readonly rejections: readonly { readonly line: number; readonly reason: string }[];
  /** Columns of the file that the map neither uses nor ignores. */
  readonly unusedColumns: readonly string[];
  /** Dates left out because the map says so, by field. */
  readonly omittedDates: Readonly<Record<string, number>>;
}

const batchSize = 1000;
const lanes = 2;
const rejectionsListed = 10;
/** Beyond it the planner's statistics are worth refreshing. */
const analyzeFrom = 1000;
/** The columns that a rejects file has before the original ones. */
const rejectColumns = ["_line", "_reason"] as const;

/**
 * Imports one CSV file. Every batch is one transaction; a stopped import of the same file with the same map carries
 * on after the last committed batch.
 *
 * @throws {MpiError} `usage` where header and map do not fit, `limit` after too many rejections, `cancelled`.
 */
export async function importCsv(
  db: Database,
  audit: AuditContext,
  fileName: string,
  stdin: Readable,
  options: CsvImportOptions,
): Promise<CsvImportResult> {
  const input = await openInput(fileName, stdin);
  const layout = await readLayout(input, options.map);
  if (options.map.source === undefined && options.source === undefined) {
    throw new MpiError(
      "usage",
      "Which source system do the records come from? The map names no column for it.",
      {
        hint: "Give it with --source NAME.",
      },
    );
  }
  const fingerprint = options.dryRun
    ? undefined
    : await fingerprintInput(input, [JSON.stringify(options.map), options.source ?? ""]);
  const run =
    fingerprint === undefined
      ? undefined
      : await withTransaction(db, audit, (tx) =>
          openImportRun(tx, { format: "csv", sourceSystem: options.source ?? "(column)", fingerprint }),
        );
  return new CsvImport(db, audit, input, layout, options, run).run();
}

interface Layout {
  readonly header: readonly string[];
  /** Raw bytes of the header's line, one a character. */
  readonly rawHeader: string;
  /** Columns that a rejects file adds at the front. */
  readonly skip: number;
  readonly unused: readonly string[];
  readonly entries: AsyncGenerator<CsvRecord | BrokenLine>;
}

async function readLayout(input: InputFile, map: CsvMap): Promise<Layout> {
  const entries = readCsvRecords(input.chunks(), map.delimiter);
  const first = await entries.next();
  if (first.done === true) throw new MpiError("usage", `${input.name} is empty: not even a header.`);
  if (isBroken(first.value))
    throw new MpiError("usage", `The header of ${input.name} is broken: ${first.value.reason}.`);
  const decoded = decodeFields(first.value.fields, map.encoding);
  if (typeof decoded === "string") throw new MpiError("usage", `The header of ${input.name} ${decoded}.`);
  const names = decoded.map((name) => name.trim());
  const skip = names[0] === rejectColumns[0] && names[1] === rejectColumns[1] ? rejectColumns.length : 0;
  const header = names.slice(skip);
  const repeated = header.filter((name, place) => name !== "" && header.indexOf(name) < place);
  if (repeated.length > 0)
    throw new MpiError(
      "usage",
      `${input.name} has more than one column ${[...new Set(repeated)].join(", ")}.`,
    );
  const mapped = listMappedColumns(map);
  const missing = mapped.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    throw new MpiError("usage", `${input.name} has no column ${missing.join(", ")}, which the map names.`, {
      hint: `It has: ${header.join(", ")}.`,
    });
  }
  const known = new Set([...mapped, ...map.ignore]);
  return {
    header,
    rawHeader: withoutLineEnd(first.value.raw).split(map.delimiter).slice(skip).join(map.delimiter),
    skip,
    unused: header.filter((name) => name !== "" && !known.has(name)),
    entries,
  };
}

const withoutLineEnd = (raw: string) => raw.replace(/^[\r\n]+|[\r\n]+$/g, "");

class CsvImport {
  readonly #db: Database;
  readonly #audit: AuditContext;
  readonly #input: InputFile;
  readonly #layout: Layout;
  readonly #options: CsvImportOptions;
  readonly #run: OpenImport | undefined;
  readonly #rejects: RejectsFile;
  readonly #rejections: { readonly line: number; readonly reason: string }[] = [];
  readonly #omitted: Record<string, number> = {};
  #done: number;
  #counts: Record<ImportOutcome | "rejected", number>;

  constructor(
    db: Database,
    audit: AuditContext,
    input: InputFile,
    layout: Layout,
    options: CsvImportOptions,
    run: OpenImport | undefined,
  ) {
    this.#db = db;
    this.#audit = audit;
    this.#input = input;
    this.#layout = layout;
    this.#options = options;
    this.#run = run;
    this.#done = run?.recordsDone ?? 0;
    this.#counts = { added: 0, updated: 0, unchanged: 0, quarantined: 0, rejected: 0, ...run?.counts };
    const path = options.rejectsPath ?? `${input.name === "-" ? "stdin" : input.name}.rejects.csv`;
    const header = Buffer.from(
      `${rejectColumns.join(options.map.delimiter)}${options.map.delimiter}${layout.rawHeader}\n`,
      "latin1",
    );
    this.#rejects = new RejectsFile(path, header, run?.rejectsBytes ?? 0);
  }

  async run(): Promise<CsvImportResult> {
    const resumedAfter = this.#done;
    try {
      for await (const batch of importInBatches(this.#db, this.#audit, this.#entries(resumedAfter), {
        origin: "csv",
        dryRun: this.#options.dryRun,
        batchSize,
        lanes: this.#options.dryRun ? 1 : lanes,
        signal: this.#options.signal,
      })) {
        await this.#commit(batch);
      }
    } catch (error) {
      await this.#checkpoint(
        error instanceof MpiError && error.code !== "unavailable" ? "stopped" : "failed",
      ).catch(() => undefined);
      throw error;
    } finally {
      await this.#rejects.close();
    }
    await this.#checkpoint("succeeded");
    if (!this.#options.dryRun && this.#counts.added + this.#counts.updated >= analyzeFrom)
      await analyzePatientTables(this.#db);
    return {
      file: this.#input.name,
      records: this.#done,
      counts: this.#counts,
      resumedAfter,
      rejectsFile: this.#rejects.length > 0 ? this.#rejects.path : null,
      rejections: this.#rejections,
      unusedColumns: this.#layout.unused,
      omittedDates: this.#omitted,
    };
  }

  async *#entries(skip: number): AsyncGenerator<ImportEntry> {
    const { map, source } = this.#options;
    const readRow = createRowReader(map, this.#layout.header);
    let place = 0;
    for await (const entry of this.#layout.entries) {
      place += 1;
      if (place <= skip) continue;
      const raw = this.#layout.skip === 0 ? entry.raw : withoutRejectColumns(entry.raw, map.delimiter);
      if ("reason" in entry) {
        yield { line: entry.line, raw, reason: entry.reason };
        continue;
      }
      const rejected = (reason: string): ImportEntry => ({ line: entry.line, raw, reason });
      const decoded = decodeFields(entry.fields, map.encoding);
      if (typeof decoded === "string") {
        yield rejected(decoded);
        continue;
      }
      const fields = decoded.slice(this.#layout.skip);
      if (fields.length !== this.#layout.header.length) {
        yield rejected(`has ${fields.length} columns where the header has ${this.#layout.header.length}`);
        continue;
      }
      const row = readRow(fields);
      const sourceSystem = row.source ?? source;
      for (const field of row.omitted) this.#omitted[field] = (this.#omitted[field] ?? 0) + 1;
      if (row.problems.length > 0 || sourceSystem === undefined) {
        const problems = [
          ...row.problems,
          ...(sourceSystem === undefined ? [{ field: "source", reason: "is empty" }] : []),
        ];
        yield rejected(problems.map((problem) => `${problem.field} ${problem.reason}`).join("; "));
        continue;
      }
      yield {
        line: entry.line,
        raw,
        sourceSystem,
        sourceId: row.sourceId,
        receivedAt: row.receivedAt,
        content: row.content,
      };
    }
  }

  async #commit(batch: CommittedBatch): Promise<void> {
    for (const { line, raw, reason } of batch.rejected) {
      if (this.#rejections.length < rejectionsListed) this.#rejections.push({ line, reason });
      this.#counts.rejected += 1;
      if (!this.#options.dryRun) {
        const { delimiter } = this.#options.map;
        await this.#rejects.append(
          Buffer.from(
            `${line}${delimiter}"${reason.replaceAll('"', '""')}"${delimiter}${withoutLineEnd(raw)}\n`,
            "latin1",
          ),
        );
      }
    }
    for (const [outcome, count] of Object.entries(batch.counts))
      this.#counts[outcome as ImportOutcome] += count;
    this.#done += batch.entries;
    await this.#checkpoint("running");
    this.#options.onProgress({ records: this.#done, bytes: this.#input.bytesRead(), size: this.#input.size });
    const { maxRejects } = this.#options;
    if (maxRejects !== undefined && this.#counts.rejected > maxRejects) {
      throw new MpiError("limit", `Stopped after ${this.#counts.rejected} rejected rows.`, {
        hint: "The reasons are in the rejects file; the same command carries on.",
      });
    }
  }

  async #checkpoint(state: "running" | "succeeded" | "stopped" | "failed"): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    await withTransaction(this.#db, this.#audit, (tx) =>
      updateImportRun(tx, run.id, {
        recordsDone: this.#done,
        rejectsBytes: this.#rejects.length,
        counts: this.#counts,
        state,
      }),
    );
  }
}

/** The first two columns of a rejects file are ours: a number, and a reason in quotes. */
const withoutRejectColumns = (raw: string, delimiter: string): string => {
  const start = raw.replace(/^[\r\n]+/, "");
  const after = /^\d*/.exec(start)![0].length + delimiter.length;
  const reason = /^"(?:[^"]|"")*"|^[^"]*?(?=[,;\t|])/.exec(start.slice(after));
  return reason === null ? raw : start.slice(after + reason[0].length + delimiter.length);
};
