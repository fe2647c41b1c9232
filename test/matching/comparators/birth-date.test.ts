import { describe, expect, it } from "vitest";
import {
  birthDateLevels,
  compareBirthDates,
  yearsApart,
} from "../../../src/matching/comparators/birth-date.ts";
import { unavailable } from "../../../src/matching/comparators/levels.ts";
import { daysInMonth } from "../../../src/matching/normalise/date.ts";
import { fc } from "../../support/properties.ts";

function levelOf(a: number, b: number): string {
  return birthDateLevels[compareBirthDates(a, b)] ?? "unavailable";
}

const fullDate = fc
  .tuple(
    fc.integer({ min: 1900, max: 2030 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 31 }),
  )
  .filter(([year, month, day]) => day <= daysInMonth(year, month))
  .map(([year, month, day]) => year * 10000 + month * 100 + day);
const anyDate = fc
  .tuple(fullDate, fc.constantFrom(1, 100, 10000))
  .map(([date, unit]) => date - (date % unit));

describe("compareBirthDates", () => {
  it.each([
    [19800412, 19800412, "exact"],
    [19800412, 19801204, "transposed"],
    [19800412, 19800421, "neighboursSwapped"],
    [19800412, 19080412, "neighboursSwapped"],
    [19800412, 19800413, "oneDigit"],
    [19800412, 19900412, "oneDigit"],
    [19800412, 19810412, "oneDigit"],
    [19800412, 19800512, "oneDigit"],
    [19800131, 19800201, "offByOneDay"],
    [19800409, 19800410, "offByOneDay"],
    [19791231, 19800101, "offByOneDay"],
    [19800229, 19800301, "offByOneDay"],
    [19000228, 19000301, "offByOneDay"],
    [19800412, 19800427, "sameYearMonth"],
    [19800412, 19801112, "sameYearDay"],
    [19800101, 19800427, "firstOfJanuary"],
    [19790412, 19800412, "yearOffByOneOrTen"],
    [19990412, 20090412, "yearOffByOneOrTen"],
    [19630412, 19800412, "sameMonthDay"],
    [19800412, 19801127, "sameYear"],
    [19800412, 19751127, "else"],
  ])("%i against %i is %s", (a, b, expected) => {
    expect(levelOf(a, b)).toBe(expected);
    expect(levelOf(b, a)).toBe(expected);
  });

  it.each([
    // Hazard 13: a partial date is compared at its own precision and never padded.
    [19800000, 19800412, "exactYear"],
    [19800000, 19800101, "exactYear"],
    [19800000, 19800000, "exactYear"],
    [19800400, 19800412, "exactMonth"],
    [19800400, 19800400, "exactMonth"],
    [19800400, 19800000, "exactYear"],
    [19800400, 19800512, "sameYear"],
    [19800000, 19810412, "else"],
    [19800400, 19810412, "else"],
  ])("compares the partial date %i with %i as %s", (a, b, expected) => {
    expect(levelOf(a, b)).toBe(expected);
    expect(levelOf(b, a)).toBe(expected);
  });

  it("hazard 13: a wrong digit, a transposition or the next day is never full agreement", () => {
    fc.assert(
      fc.property(fullDate, fullDate, (a, b) => {
        fc.pre(a !== b);
        expect(levelOf(a, b)).not.toBe("exact");
      }),
    );
  });

  it("hazard 2: a missing date is no evidence, even against another missing one", () => {
    expect(compareBirthDates(0, 0)).toBe(unavailable);
    expect(compareBirthDates(0, 19800412)).toBe(unavailable);
    expect(compareBirthDates(19800412, 0)).toBe(unavailable);
  });

  it("is symmetric, and finds a date equal to itself at its own precision", () => {
    fc.assert(
      fc.property(anyDate, anyDate, (a, b) => {
        expect(compareBirthDates(a, b)).toBe(compareBirthDates(b, a));
        const own = a % 10000 === 0 ? "exactYear" : a % 100 === 0 ? "exactMonth" : "exact";
        expect(levelOf(a, a)).toBe(own);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("yearsApart", () => {
  it.each([
    [19800412, 19920411, 11],
    [19800412, 19920412, 12],
    [19800412, 19800412, 0],
    [19800000, 19920600, 11],
    [19800000, 19800412, 0],
    [0, 19800412, -1],
  ])("between %i and %i are %i whole years at least", (a, b, expected) => {
    expect(yearsApart(a, b)).toBe(expected);
    expect(yearsApart(b, a)).toBe(expected);
  });
});
