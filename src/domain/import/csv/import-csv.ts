import type { Readable } from "node:stream";
import type { Database } from "../../../db/client.ts";
import type { AuditContext } from "../../../db/transaction.ts";
import { MpiError } from "../../../lib/errors.ts";
import type { ImportEntry, RejectedEntry } from "../batch-import.ts";
import { ImportRun, type ImportOptions, type ImportResult } from "../import-run.ts";
import { openInput, type InputFile } from "../input-file.ts";
import { listMappedColumns, type CsvMap } from "./csv-map.ts";
import { isBroken, readCsvRecords, type BrokenLine, type CsvRecord } from "./csv-reader.ts";
import { decodeFields, isAscii } from "./decode-fields.ts";
import { createRowReader } from "./row-content.ts";

export interface CsvImportOptions extends ImportOptions {
  readonly map: CsvMap;
  /** The source's name, where the map names no column for it. */
  readonly source: string | undefined;
}

export interface CsvImportResult extends ImportResult {
  /** Columns of the file that the map neither uses nor ignores. */
  readonly unusedColumns: readonly string[];
  /** Dates left out because the map says so, by field. */
  readonly omittedDates: Readonly<Record<string, number>>;
}

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
  const { map, source } = options;
  const run = await ImportRun.open(
    db,
    audit,
    input,
    {
      origin: "csv",
      sourceSystem: source ?? "(column)",
      fingerprint: [JSON.stringify(map), source ?? ""],
      rejects: {
        ending: ".rejects.csv",
        header: Buffer.from([...rejectColumns, `${layout.rawHeader}\n`].join(map.delimiter), "latin1"),
        format: (entry) => formatReject(entry, map.delimiter),
      },
    },
    options,
  );
  const omittedDates: Record<string, number> = {};
  await run.readRecords((skip) =>
    readEntries(layout, options, skip, (field) => {
      omittedDates[field] = (omittedDates[field] ?? 0) + 1;
    }),
  );
  return { ...(await run.finish()), unusedColumns: layout.unused, omittedDates };
}

const formatReject = ({ line, reason, raw }: RejectedEntry, delimiter: string): Buffer =>
  Buffer.from(
    `${[line, `"${reason.replaceAll('"', '""')}"`, withoutLineEnd(raw)].join(delimiter)}\n`,
    "latin1",
  );

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

async function* readEntries(
  layout: Layout,
  { map, source }: CsvImportOptions,
  skip: number,
  onOmitted: (field: string) => void,
): AsyncGenerator<ImportEntry> {
  const readRow = createRowReader(map, layout.header);
  let place = 0;
  for await (const entry of layout.entries) {
    place += 1;
    if (place <= skip) continue;
    const raw = layout.skip === 0 ? entry.raw : withoutRejectColumns(entry.raw, map.delimiter);
    if ("reason" in entry) {
      yield { line: entry.line, raw, reason: entry.reason };
      continue;
    }
    const rejected = (reason: string): ImportEntry => ({ line: entry.line, raw, reason });
    const decoded = isAscii(entry.raw) ? entry.fields : decodeFields(entry.fields, map.encoding);
    if (typeof decoded === "string") {
      yield rejected(decoded);
      continue;
    }
    const fields = layout.skip === 0 ? decoded : decoded.slice(layout.skip);
    if (fields.length !== layout.header.length) {
      yield rejected(`has ${fields.length} columns where the header has ${layout.header.length}`);
      continue;
    }
    const row = readRow(fields);
    const sourceSystem = row.source ?? source;
    row.omitted.forEach(onOmitted);
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

/** The first two columns of a rejects file are ours: a number, and a reason in quotes. */
const withoutRejectColumns = (raw: string, delimiter: string): string => {
  const start = raw.replace(/^[\r\n]+/, "");
  const after = /^\d*/.exec(start)![0].length + delimiter.length;
  const reason = /^"(?:[^"]|"")*"|^[^"]*?(?=[,;\t|])/.exec(start.slice(after));
  return reason === null ? raw : start.slice(after + reason[0].length + delimiter.length);
};
