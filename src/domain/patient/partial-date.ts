import type { PartialDate } from "./patient-record.ts";

const daysInMonth = (year: number, month: number) =>
  month === 2 && (year % 4 !== 0 || (year % 100 === 0 && year % 400 !== 0))
    ? 28
    : [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!;

/** True for a date of the proleptic Gregorian calendar in the years 1 to 9999. */
export const isCalendarDate = (year: number, month: number, day: number): boolean =>
  year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);

const two = (value: number) => String(value).padStart(2, "0");

/** Builds a date from its parts, at the precision of what is there; undefined where there is no such date. */
export function makePartialDate(year: number, month?: number, day?: number): PartialDate | undefined {
  if (!isCalendarDate(year, month ?? 1, day ?? 1) || (month === undefined && day !== undefined))
    return undefined;
  return {
    date: `${String(year).padStart(4, "0")}-${two(month ?? 1)}-${two(day ?? 1)}`,
    precision: month === undefined ? "year" : day === undefined ? "month" : "day",
  };
}

/**
 * Reads `1980-03-15`, `1980-03` or `1980`, and nothing else: 31/12/1980 could be read two ways, so it is not
 * read at all. Undefined where it is no such date.
 */
export function parsePartialDate(text: string): PartialDate | undefined {
  const match = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day] = match;
  return makePartialDate(
    Number(year),
    month === undefined ? undefined : Number(month),
    day === undefined ? undefined : Number(day),
  );
}

/** `1980-03-15`, `1980-03` or `1980`: the date at its own precision. */
export const formatPartialDate = (date: PartialDate): string =>
  date.date.slice(0, { day: 10, month: 7, year: 4 }[date.precision]);
