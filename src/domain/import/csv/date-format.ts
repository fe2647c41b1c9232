import { makePartialDate } from "../../patient/partial-date.ts";
import type { PartialDate } from "../../patient/patient-record.ts";

/**
 * The formats that a map may declare. Nothing is guessed row by row: 03/04/1980 is what the map says it is.
 * `YYYY-MM-DD` also takes YYYY-MM and YYYY, `YYYYMMDD` also YYYYMM and YYYY: dates known less exactly. A month or a day may
 * have one digit where something separates it.
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
  "MM/DD/YY",
  "DD/MM/YY",
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
  "MM/DD/YY": { expression: /^(\d{1,2})\/(\d{1,2})\/(\d{2})$/, order: [3, 1, 2] },
  "DD/MM/YY": { expression: /^(\d{1,2})\/(\d{1,2})\/(\d{2})$/, order: [3, 2, 1] },
};

/** The first year of the hundred that two digits stand for, where the map names none. */
export const usualCenturyStart = 1930;

const fullYear = (year: number, centuryStart: number) => {
  const inSameCentury = centuryStart - (centuryStart % 100) + year;
  return inSameCentury < centuryStart ? inSameCentury + 100 : inSameCentury;
};

/**
 * Reads a date in the first of its declared formats that fits; a time after it (`T…` or a space) is left out. Undefined where
 * it is none.
 */
export function parseDate(
  text: string,
  formats: DateFormat | readonly DateFormat[],
  centuryStart: number = usualCenturyStart,
): PartialDate | undefined {
  const trimmed = text.trim().replace(/[T ]\d{2}:.*$/, "");
  for (const format of typeof formats === "string" ? [formats] : formats) {
    const { expression, order } = patterns[format];
    const match = expression.exec(trimmed);
    if (match === null) continue;
    const [year, month, day] = order.map((group) =>
      match[group] === undefined ? undefined : Number(match[group]),
    );
    return makePartialDate(format.endsWith("/YY") ? fullYear(year!, centuryStart) : year!, month, day);
  }
  return undefined;
}
