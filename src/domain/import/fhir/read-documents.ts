import { JSONParser } from "@streamparser/json";
import { MpiError } from "../../../lib/errors.ts";
import { readLines } from "./ndjson-lines.ts";

/** A JSON value of the input in its place, or bytes that are none. */
export type FhirDocument =
  | {
      readonly place: number;
      readonly value: unknown;
      /** As it came where that is known, one byte a character. */
      readonly raw: string;
      /** Set on entries of a Bundle that is read piece by piece. */
      readonly bundleType?: string | undefined;
    }
  | { readonly place: number; readonly raw: string; readonly reason: string };

/** What `place` counts. */
export type PlaceUnit = "line" | "entry";

/** So much is looked at to tell NDJSON from one document, and a document up to this length is parsed in one piece. */
const headLength = 16 * 1024 * 1024;
const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** One byte a character, as raw text of every import is kept. */
export const toRaw = (value: unknown): string =>
  Buffer.from(JSON.stringify(value), "utf8").toString("latin1");

/**
 * Reads NDJSON (one resource a line), one resource, an array of them, or a Bundle; which of them it is shows in the
 * first bytes. Memory is bounded by 16 MiB, or the longest line or entry where that is longer.
 *
 * @throws {MpiError} `rejected` where one document of more than 16 MiB breaks off or is no JSON; `usage` where a short
 *   one is none.
 */
export async function readFhirDocuments(
  chunks: AsyncIterable<Buffer>,
  name: string,
): Promise<{ readonly unit: PlaceUnit; readonly documents: AsyncGenerator<FhirDocument> }> {
  const source = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let shape: Shape = "unknown";
  let isWhole = false;
  while (shape !== "lines" && head.length < headLength) {
    const next = await source.next();
    isWhole = next.done === true;
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
    if (shape === "unknown") shape = findShape(head);
  }
  const all = (async function* () {
    yield head;
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  })();
  if (shape === "lines") return { unit: "line", documents: parseLines(all) };
  if (!isWhole) return { unit: "entry", documents: streamEntries(all, name) };
  const whole = parseWhole(head);
  if (whole !== undefined) return { unit: "entry", documents: listMembers(whole.value) };
  // Lines of which none of the first is one; each will be set aside with its reason.
  if (!startsDocument(head)) return { unit: "line", documents: parseLines(all) };
  throw new MpiError("usage", `${name} is neither NDJSON nor one JSON document.`, {
    hint: "It may be cut off at its end, or not be UTF-8.",
  });
}

type Shape = "lines" | "document" | "unknown";

/** Lines looked at before it is settled that they do not stand for themselves. */
const linesLookedAt = 3;

function findShape(bytes: Buffer): Shape {
  if (startsDocument(bytes)) return "document";
  let start = 0;
  for (let looked = 0; looked < linesLookedAt; looked += 1) {
    const end = bytes.indexOf(10, start);
    if (end < 0) return "unknown";
    if (isResource(bytes.toString("utf8", start, end))) return "lines";
    start = end + 1;
  }
  return "document";
}

/** A line that is a resource by itself. */
function isResource(line: string): boolean {
  const text = line.replace(/^\ufeff/, "").trim();
  if (!text.startsWith("{") || !text.endsWith("}")) return false;
  try {
    return "resourceType" in (JSON.parse(text) as object);
  } catch {
    return false;
  }
}

/** A document that is laid out for reading begins with a bracket alone on its line. */
const startsDocument = (bytes: Buffer) =>
  /^(?:\ufeff)?\s*[[{][ \t\r]*\n/.test(bytes.toString("utf8", 0, 200));

function parseWhole(bytes: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(strictUtf8.decode(bytes)) as unknown };
  } catch {
    return undefined;
  }
}

// The shape of a reader, which others share, is asynchronous.
// eslint-disable-next-line @typescript-eslint/require-await
async function* listMembers(value: unknown): AsyncGenerator<FhirDocument> {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const [index, each] of values.entries()) yield { place: index + 1, value: each, raw: toRaw(each) };
}

async function* parseLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<FhirDocument> {
  for await (const { line, bytes } of readLines(chunks)) {
    const raw = bytes.toString("latin1");
    let text: string;
    try {
      text = strictUtf8.decode(bytes);
    } catch {
      yield { place: line, raw, reason: "is not valid UTF-8" };
      continue;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      yield { place: line, raw, reason: "is not JSON, or cut off" };
      continue;
    }
    yield { place: line, raw, value };
  }
}

/** Entries of a Bundle, or members of an array, that does not fit into memory. */
async function* streamEntries(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<FhirDocument> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let parser: JSONParser | undefined;
  let found: unknown[] = [];
  let bundleType: string | undefined;
  const open = (first: string): JSONParser => {
    const paths = first.trimStart().startsWith("[") ? ["$.*"] : ["$.type", "$.entry.*"];
    const opened = new JSONParser({ paths, keepStack: false });
    opened.onValue = ({ value, key }) => {
      if (typeof key === "number") found.push(value);
      else if (key === "type" && typeof value === "string") bundleType = value;
    };
    return opened;
  };
  let place = 0;
  const taken = function* (): Generator<FhirDocument> {
    const values = found;
    found = [];
    for (const value of values) {
      place += 1;
      yield { place, value, raw: toRaw(value), bundleType: bundleType ?? "collection" };
    }
  };
  const broken = () =>
    new MpiError("rejected", `${name} is damaged or cut off behind its entry ${place}.`, {
      hint: "What was read before the damage is imported; fetch the file again and repeat the command.",
    });
  for await (const chunk of chunks) {
    try {
      const text = decoder.decode(chunk, { stream: true });
      parser ??= open(text);
      parser.write(text);
    } catch {
      yield* taken();
      throw broken();
    }
    yield* taken();
  }
  if (parser?.isEnded !== true) throw broken();
  if (place === 0) throw new MpiError("usage", `${name} is neither NDJSON nor a Bundle.`);
}
