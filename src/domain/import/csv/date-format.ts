import { makePartialDate } from "../../patient/partial-date.ts";
import type { PartialDate } from "../../patient/patient-record.ts";

/**
 * The formats that a map may declare. Nothing is guessed row by row: 03/04/1980 is what the map says it is.
 * `YYYY-MM-DD` also takes YYYY-MM and YYYY, `YYYYMMDD` also YYYYMM and YYYY: dates known less exactly.
 */
export const dateFormats = [
  "YYYY-MM-DD",
  "YYYYMMDD",
  "MM/DD/YYYY",
  "DD/MM/YYYY",
  "DD.MM.YYYY",
  "DD-MM-YYYY",
  "MM-DD-YYYY",
  "YYYY/MM/DD",
] as const;
export type DateFormat = (typeof dateFormats)[number];

interface Pattern {
  readonly expression: RegExp;
  /** Which group holds year, month and day. */
  readonly order: readonly [year: number, month: number, day: number];
}

const separated = (separator: string, yearFirst: boolean) =>
  new RegExp(
    yearFirst
      ? `^(\\d{4})${separator}(\\d{1,2})${separator}(\\d{1,2})$`
      : `^(\\d{1,2})${separator}(\\d{1,2})${separator}(\\d{4})$`,
  );

const patterns: Readonly<Record<DateFormat, Pattern>> = {
  "YYYY-MM-DD": { expression: /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/, order: [1, 2, 3] },
  YYYYMMDD: { expression: /^(\d{4})(?:(\d{2})(\d{2})?)?$/, order: [1, 2, 3] },
  "MM/DD/YYYY": { expression: separated("/", false), order: [3, 1, 2] },
  "DD/MM/YYYY": { expression: separated("/", false), order: [3, 2, 1] },
  "DD.MM.YYYY": { expression: separated("\\.", false), order: [3, 2, 1] },
  "DD-MM-YYYY": { expression: separated("-", false), order: [3, 2, 1] },
  "MM-DD-YYYY": { expression: separated("-", false), order: [3, 1, 2] },
  "YYYY/MM/DD": { expression: separated("/", true), order: [1, 2, 3] },
};

/** Reads a date in its declared format; a time after it (`T…` or a space) is left out. Undefined where it is none. */
export function parseDate(text: string, format: DateFormat): PartialDate | undefined {
  const { expression, order } = patterns[format];
  const match = expression.exec(text.trim().replace(/[T ]\d{2}:.*$/, ""));
  if (match === null) return undefined;
  const [year, month, day] = order.map((group) =>
    match[group] === undefined ? undefined : Number(match[group]),
  );
  return makePartialDate(year!, month, day);
}
