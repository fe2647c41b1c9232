import { dayOf } from "../../lib/calendar.ts";
import { builtInPlaceholders, type PlaceholderList } from "../reference/placeholders.ts";

/** How much of a date is known. */
export type DatePrecision = "day" | "month" | "year";

/** Nobody is known to have lived longer; a birth date further back than this is a placeholder. */
const longestLifeInYears = 120;

/**
 * A calendar date packed as yyyymmdd, with 00 for what is not known: 19800229, 19800200 (the month),
 * 19800000 (the year). 0 where there is no date, or none that exists (1980-02-30).
 *
 * @param iso `yyyy-mm-dd`, `yyyy-mm` or `yyyy`; parts beyond `precision` are ignored, never compared.
 */
export function packDate(iso: string | null, precision: DatePrecision | null = "day"): number {
  if (iso === null) return 0;
  const match = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/u.exec(iso.trim());
  if (match === null) return 0;
  const year = Number(match[1]);
  const month = precision === "year" ? 0 : Number(match[2] ?? 0);
  const day = precision === "year" || precision === "month" ? 0 : Number(match[3] ?? 0);
  if (year === 0 || month > 12 || day > daysInMonth(year, month)) return 0;
  if ((match[2] === "00" && precision !== "year") || (match[3] === "00" && (precision ?? "day") === "day"))
    return 0;
  return year * 10000 + month * 100 + day;
}

/**
 * The birth date of a record, or 0 where it is unavailable: absent, impossible, on the list of placeholders,
 * after the record's receipt, or more than 120 years before it. Never judged against today: the same data
 * gives the same answer every day.
 *
 * @param receivedOn ISO date; null leaves out the two tests that need it.
 */
export function normaliseBirthDate(
  iso: string | null,
  precision: DatePrecision | null,
  receivedOn: string | null,
  placeholders: PlaceholderList = builtInPlaceholders,
): number {
  const date = packDate(iso, precision);
  return date === 0 || isPlaceholderDate(date, packDate(receivedOn?.slice(0, 10) ?? null), placeholders)
    ? 0
    : date;
}

/**
 * @param date packed, not 0.
 * @param received packed day of receipt, or 0 where it is not known.
 */
export function isPlaceholderDate(
  date: number,
  received: number,
  placeholders: PlaceholderList = builtInPlaceholders,
): boolean {
  if (placeholders.dates.has(date)) return true;
  if (received === 0) return false;
  // 00 sorts before every month and day, so a year or a month is never "after" a day inside it.
  if (date > received) return true;
  return latestDayOf(date) < received - longestLifeInYears * 10000;
}

/** The last day that a partial date can mean, packed; a full date itself. */
function latestDayOf(date: number): number {
  if (date % 10000 === 0) return date + 1231;
  return date % 100 === 0 ? date + 31 : date;
}

/** @param month 1 to 12, or 0 for an unknown one, in which only day 0 exists. */
export function daysInMonth(year: number, month: number): number {
  if (month === 0) return 0;
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970-01-01 of a full packed date. */
export const daysSinceEpoch = (date: number): number =>
  dayOf(Math.floor(date / 10000), Math.floor(date / 100) % 100, date % 100);

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
