import type { Readable } from "node:stream";
import { MpiError } from "../../../../lib/errors.ts";
import { openInput } from "../../input-file.ts";
import type { CsvMap } from "../csv-map.ts";
import { isBroken, readCsvRecords } from "../csv-reader.ts";
import { decodeFields } from "../decode-fields.ts";

/** Rows that are looked at: enough that a day beyond 12 turns up, little enough that it takes a second. */
const sampledRows = 20_000;

/** The beginning of a file, by columns. */
export interface Sample {
  readonly header: readonly string[];
  readonly delimiter: string;
  readonly encoding: CsvMap["encoding"];
  /** By column, in the order of the header; trimmed. */
  readonly columns: readonly (readonly string[])[];
  readonly rows: number;
  /** Words for nothing that stand in two columns or more: one column alone may mean them. */
  readonly emptyWords: readonly string[];
}

/** @throws {MpiError} `usage` for an empty file, `not-found`. */
export async function readSample(fileName: string, stdin: Readable): Promise<Sample> {
  const input = await openInput(fileName, stdin);
  const chunks = input.chunks()[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) throw new MpiError("usage", `${fileName} is empty: not even a header.`);
  const delimiter = findDelimiter(first.value);
  const all = async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => chunks };
  };
  const records: (readonly string[])[] = [];
  for await (const entry of readCsvRecords(all(), delimiter)) {
    if (!isBroken(entry)) records.push(entry.fields);
    if (records.length > sampledRows) break;
  }
  const isUtf8 = records.every((fields) => typeof decodeFields(fields, "utf-8") !== "string");
  const encoding = isUtf8 ? "utf-8" : "latin1";
  const [header = [], ...rows] = records.map((fields) => {
    const decoded = decodeFields(fields, encoding);
    return (typeof decoded === "string" ? fields : decoded).map((field) => field.trim());
  });
  const columns = header.map((_, place) => rows.map((row) => row[place] ?? ""));
  return {
    header,
    delimiter,
    encoding,
    columns,
    rows: rows.length,
    emptyWords: findEmptyWords(columns),
  };
}

/** The one of the four that parts the first line most often; outside of quotes. */
function findDelimiter(bytes: Buffer): string {
  const line = /^[\r\n]*([^\r\n]*)/.exec(bytes.toString("latin1"))?.[1] ?? "";
  const unquoted = line.replace(/"[^"]*"/g, "");
  const counts = [",", ";", "\t", "|"].map((each) => [each, unquoted.split(each).length] as const);
  return counts.reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}

/** Words for nothing that are worth declaring where a file uses them. */
const emptyWords = new Set([
  "NULL",
  "null",
  "N/A",
  "n/a",
  "NA",
  "\\N",
  "(null)",
  "None",
  "nil",
  "-",
  "--",
  "?",
]);

function findEmptyWords(columns: Sample["columns"]): readonly string[] {
  const found = new Map<string, number>();
  for (const values of columns) {
    for (const word of new Set(values.filter((value) => emptyWords.has(value)))) {
      found.set(word, (found.get(word) ?? 0) + 1);
    }
  }
  return [...found]
    .filter(([, count]) => count >= 2)
    .map(([word]) => word)
    .sort();
}
