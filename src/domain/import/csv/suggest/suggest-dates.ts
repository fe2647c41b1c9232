import { dateFormats, parseDate, type DateFormat } from "../date-format.ts";

/** The formats that a column's dates are written in, or why that is for a person to say. */
export interface SuggestedDates {
  /** In the order of their frequency; empty where nothing can be said. */
  readonly formats: readonly DateFormat[];
  /** Formats that fit equally well: the data cannot decide between them. */
  readonly ambiguous: readonly DateFormat[];
  /** Values that are no date in any format that was found. */
  readonly unreadable: number;
  readonly values: number;
}

/** Values that look alike: digits by their number, separators as they are. A single digit looks like two. */
const lookOf = (value: string) =>
  value
    .trim()
    .replace(/[T ]\d{2}:.*$/, "")
    .replace(/\d+/g, (digits) => (digits.length <= 2 ? "00" : "0".repeat(digits.length)));

/** At most so many of the values that decide between two formats may speak for the other one. */
const tolerated = 0.01;

/**
 * Finds the formats by looking at all values: 25/03/1980 tells day from month for the whole column, where 03/04/1980 does
 * not. Where no value tells, or values contradict each other, nothing is chosen.
 */
export function suggestDates(values: Iterable<string>): SuggestedDates {
  const groups = new Map<string, string[]>();
  let count = 0;
  for (const value of values) {
    count += 1;
    const look = lookOf(value);
    const group = groups.get(look);
    if (group === undefined) groups.set(look, [value]);
    else group.push(value);
  }
  const formats: DateFormat[] = [];
  const ambiguous: DateFormat[] = [];
  for (const group of [...groups.values()].sort((a, b) => b.length - a.length)) {
    const found = decide(group);
    if (found.length === 1 && !formats.includes(found[0]!)) formats.push(found[0]!);
    if (found.length > 1) ambiguous.push(...found.filter((format) => !ambiguous.includes(format)));
  }
  const readable = [...formats, ...ambiguous];
  const unreadable = [...groups.values()]
    .flat()
    .filter((value) => readable.length === 0 || parseDate(value, readable) === undefined).length;
  return { formats, ambiguous, unreadable, values: count };
}

/** The format of values that look alike; several where they do not tell, none where they are no dates. */
function decide(values: readonly string[]): readonly DateFormat[] {
  const readers = dateFormats
    .map((format) => ({
      format,
      reads: new Set(
        values.flatMap((value, place) => (parseDate(value, format) === undefined ? [] : [place])),
      ),
    }))
    .filter(({ reads }) => reads.size > 0);
  const [best, next] = [...readers].sort((a, b) => b.reads.size - a.reads.size);
  if (best === undefined) return [];
  if (next === undefined) return [best.format];
  // A year alone, and YYYYMMDD, are read the same by whichever format takes them.
  if (values.every((value) => /^\d{4}$/.test(value.trim()))) return ["YYYY-MM-DD"];
  const onlyBest = [...best.reads].filter((place) => !next.reads.has(place)).length;
  const onlyNext = [...next.reads].filter((place) => !best.reads.has(place)).length;
  const isDecided = onlyBest > 0 && onlyNext <= onlyBest * tolerated;
  return isDecided ? [best.format] : readers.map(({ format }) => format);
}
