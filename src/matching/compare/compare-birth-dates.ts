import { birthDateLevel, compareBirthDates } from "../comparators/birth-date.ts";
import { comparisonIndex, levelIndex } from "../model/comparison-kinds.ts";
import type { CompiledComparison, CompiledModel } from "../model/compile-model.ts";
import { BestLevel } from "./best-level.ts";
import { commonerFrequency, type ValueTables } from "./value-tables.ts";

const level = {
  exact: levelIndex("birth-date", "exact"),
  transposed: levelIndex("birth-date", "transposed"),
  neighboursSwapped: levelIndex("birth-date", "neighbours-swapped"),
  oneDigit: levelIndex("birth-date", "one-digit"),
  offByOneDay: levelIndex("birth-date", "off-by-one-day"),
  sameYearMonth: levelIndex("birth-date", "same-year-and-month"),
  sameYearDay: levelIndex("birth-date", "same-year-and-day"),
  firstOfJanuary: levelIndex("birth-date", "first-of-january"),
  yearOffByOneOrTen: levelIndex("birth-date", "year-off-by-one-or-ten"),
  sameMonthDay: levelIndex("birth-date", "same-month-and-day"),
  sameYear: levelIndex("birth-date", "same-year"),
  withinAYear: levelIndex("birth-date", "within-a-year"),
  withinTenYears: levelIndex("birth-date", "within-ten-years"),
  differs: levelIndex("birth-date", "differs"),
  month: levelIndex("birth-date", "month"),
  monthDiffers: levelIndex("birth-date", "month-differs"),
  year: levelIndex("birth-date", "year"),
  yearDiffers: levelIndex("birth-date", "year-differs"),
} as const;

/** Days: a year and a month, so that a year and another part off by one still count. */
const aboutAYear = 397;
const tenYears = 3653;

const fullDateLevels = new Uint8Array(Object.keys(birthDateLevel).length).fill(level.differs);
fullDateLevels[birthDateLevel.exact] = level.exact;
fullDateLevels[birthDateLevel.transposed] = level.transposed;
fullDateLevels[birthDateLevel.neighboursSwapped] = level.neighboursSwapped;
fullDateLevels[birthDateLevel.oneDigit] = level.oneDigit;
fullDateLevels[birthDateLevel.offByOneDay] = level.offByOneDay;
fullDateLevels[birthDateLevel.sameYearMonth] = level.sameYearMonth;
fullDateLevels[birthDateLevel.sameYearDay] = level.sameYearDay;
fullDateLevels[birthDateLevel.firstOfJanuary] = level.firstOfJanuary;
fullDateLevels[birthDateLevel.yearOffByOneOrTen] = level.yearOffByOneOrTen;
fullDateLevels[birthDateLevel.sameMonthDay] = level.sameMonthDay;
fullDateLevels[birthDateLevel.sameYear] = level.sameYear;

/** Compares the birth dates of two records of a store. */
export class BirthDateComparer {
  readonly best = new BestLevel();
  readonly #tables: ValueTables;
  readonly #comparison: CompiledComparison;

  constructor(compiled: CompiledModel, tables: ValueTables) {
    this.#tables = tables;
    this.#comparison = compiled.comparisons[comparisonIndex["birth-date"]]!;
  }

  /** @param dateA and dateB: packed; 0 where there is none. */
  compare(dateA: number, dateB: number): void {
    this.best.clear();
    if (dateA === 0 || dateB === 0) return;
    const frequency = dateA === dateB ? commonerFrequency(this.#tables.birthDates, dateA, dateB) : 0;
    this.best.offer(this.#comparison, birthDateLevelOf(dateA, dateB), frequency, true, 0, 0);
  }
}

/** Level of the kind for two packed dates, neither of them 0. */
export function birthDateLevelOf(a: number, b: number): number {
  if (a === b && a % 100 !== 0) return level.exact;
  if (a % 100 === 0 || b % 100 === 0) return partialDateLevelOf(a, b);
  const years = Math.abs(Math.floor(a / 10000) - Math.floor(b / 10000));
  // Dates that share no part differ in three digits at least: only their distance counts.
  if (years !== 0 && a % 100 !== b % 100 && a % 10000 !== b % 10000 && !sharesMonth(a, b)) {
    if (years > 11) return level.differs;
    const days = Math.abs(dayNumber(a) - dayNumber(b));
    return days === 1 ? level.offByOneDay : levelOfDistance(days);
  }
  const found = fullDateLevels[compareBirthDates(a, b)]!;
  return found === level.differs ? levelOfDistance(Math.abs(dayNumber(a) - dayNumber(b))) : found;
}

function levelOfDistance(days: number): number {
  if (days <= aboutAYear) return level.withinAYear;
  return days <= tenYears ? level.withinTenYears : level.differs;
}

function sharesMonth(a: number, b: number): boolean {
  return Math.floor(a / 100) % 100 === Math.floor(b / 100) % 100;
}

/** Days since some day long ago, in the Gregorian calendar; March is the first month, so that leap days come last. */
function dayNumber(date: number): number {
  const month = Math.floor(date / 100) % 100;
  const year = Math.floor(date / 10000) - (month <= 2 ? 1 : 0);
  const monthFromMarch = (month + 9) % 12;
  return (
    365 * year +
    Math.floor(year / 4) -
    Math.floor(year / 100) +
    Math.floor(year / 400) +
    Math.floor((153 * monthFromMarch + 2) / 5) +
    (date % 100)
  );
}

function partialDateLevelOf(a: number, b: number): number {
  const isYearOnly = a % 10000 === 0 || b % 10000 === 0;
  const found = compareBirthDates(a, b);
  if (isYearOnly) return found === birthDateLevel.exactYear ? level.year : level.yearDiffers;
  return found === birthDateLevel.exactMonth ? level.month : level.monthDiffers;
}
