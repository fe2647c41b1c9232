import { daysInMonth, daysSinceEpoch } from "../normalise/date.ts";
import { indexLevels, unavailable } from "./levels.ts";

/**
 * exact: the same day; exactMonth, exactYear: a partial date, equal in all that it says; transposed: month and
 * day changed places; neighboursSwapped: two neighbouring digits changed places; oneDigit: one digit differs;
 * offByOneDay: the day before or after; sameYearMonth: only the day differs; sameYearDay: only the month;
 * firstOfJanuary: the same year, and one side says 1 January, which often stands for "not known";
 * yearOffByOneOrTen: the same month and day; sameMonthDay: only the year differs, by more; sameYear: nothing
 * but the year.
 */
export const birthDateLevels = [
  "exact",
  "exactMonth",
  "transposed",
  "neighboursSwapped",
  "oneDigit",
  "offByOneDay",
  "exactYear",
  "sameYearMonth",
  "sameYearDay",
  "firstOfJanuary",
  "yearOffByOneOrTen",
  "sameMonthDay",
  "sameYear",
  "else",
] as const;

const level = indexLevels(birthDateLevels);

export const birthDateLevel = level;

/**
 * Compares two dates packed as packDate does (yyyymmdd, 00 for unknown parts, 0 for none). A partial date is
 * compared at its own precision, never padded. Symmetric; unavailable where either is 0.
 */
export function compareBirthDates(a: number, b: number): number {
  if (a === 0 || b === 0) return unavailable;
  const dayA = a % 100;
  const dayB = b % 100;
  if (dayA === 0 || dayB === 0) return comparePartialDates(a, b);
  if (a === b) return level.exact;

  // "| 0" divides whole numbers several times faster than Math.floor.
  const yearA = (a / 10000) | 0;
  const yearB = (b / 10000) | 0;
  const monthA = ((a / 100) | 0) % 100;
  const monthB = ((b / 100) | 0) % 100;
  if (yearA === yearB && monthA === dayB && dayA === monthB) return level.transposed;

  const digits = compareDigits(a, b);
  if (digits !== level.else) return digits;
  const months = (yearA - yearB) * 12 + monthA - monthB;
  if (months <= 1 && months >= -1 && Math.abs(daysSinceEpoch(a) - daysSinceEpoch(b)) === 1)
    return level.offByOneDay;
  if (yearA === yearB) {
    if (monthA === monthB) return level.sameYearMonth;
    if (dayA === dayB) return level.sameYearDay;
    if ((monthA === 1 && dayA === 1) || (monthB === 1 && dayB === 1)) return level.firstOfJanuary;
    return level.sameYear;
  }
  if (monthA !== monthB || dayA !== dayB) return level.else;
  const years = Math.abs(yearA - yearB);
  return years === 1 || years === 10 ? level.yearOffByOneOrTen : level.sameMonthDay;
}

/**
 * Whole years between two packed dates; 0 to 1 for the same year. For the parent-and-child rule, so rounded
 * down: unknown parts are taken so that the dates come nearest. Symmetric; -1 where either date is 0.
 */
export function yearsApart(a: number, b: number): number {
  if (a === 0 || b === 0) return unavailable;
  const earlier = latest(Math.min(a, b));
  const later = Math.max(a, b);
  return earlier >= later ? 0 : Math.floor((later - earlier) / 10000);
}

function latest(date: number): number {
  if (date % 10000 === 0) return date + 1231;
  return date % 100 === 0 ? date + daysInMonth(Math.floor(date / 10000), Math.floor(date / 100) % 100) : date;
}

/** At the coarser of the two precisions. */
function comparePartialDates(a: number, b: number): number {
  if (Math.floor(a / 10000) !== Math.floor(b / 10000)) return level.else;
  const monthA = Math.floor(a / 100) % 100;
  const monthB = Math.floor(b / 100) % 100;
  if (monthA === 0 || monthB === 0) return level.exactYear;
  return monthA === monthB ? level.exactMonth : level.sameYear;
}

/** Looks at the eight digits from the right. */
function compareDigits(a: number, b: number): number {
  let differences = 0;
  let isSwap = false;
  let restA = a;
  let restB = b;
  let previousA = -1;
  let previousB = -1;
  let previousDiffers = false;
  while (restA > 0 || restB > 0) {
    const digitA = restA % 10;
    const digitB = restB % 10;
    const differs = digitA !== digitB;
    if (differs) {
      if (++differences > 2) return level.else;
      isSwap = previousDiffers && digitA === previousB && digitB === previousA;
    }
    previousA = digitA;
    previousB = digitB;
    previousDiffers = differs;
    restA = (restA / 10) | 0;
    restB = (restB / 10) | 0;
  }
  if (differences === 1) return level.oneDigit;
  return differences === 2 && isSwap ? level.neighboursSwapped : level.else;
}
