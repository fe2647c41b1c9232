import { describe, expect, it } from "vitest";
import {
  daysInMonth,
  daysSinceEpoch,
  normaliseBirthDate,
  packDate,
} from "../../../src/matching/normalise/date.ts";
import { fc } from "../../support/properties.ts";

describe("packDate", () => {
  it.each([
    ["1980-02-29", "day", 19800229],
    ["1980-02-29", "month", 19800200],
    ["1980-02-29", "year", 19800000],
    ["1980-01-01", "year", 19800000],
    ["1980-02", "day", 19800200],
    ["1980", "day", 19800000],
    ["1980-02-30", "day", 0],
    ["1900-02-29", "day", 0],
    ["1981-02-29", "day", 0],
    ["1980-13-01", "day", 0],
    ["1980-00-10", "day", 0],
    ["1980-04-00", "day", 0],
    ["0000-01-01", "day", 0],
    ["80-02-03", "day", 0],
    ["yesterday", "day", 0],
    [null, "day", 0],
  ] as const)("packs %j at the precision of a %s to %i", (iso, precision, expected) => {
    expect(packDate(iso, precision)).toBe(expected);
  });

  it("takes a date without a precision as a day", () => {
    expect(packDate("1980-01-01", null)).toBe(19800101);
  });
});

describe("normaliseBirthDate", () => {
  it.each([
    ["1900-01-01"],
    ["1901-01-01"],
    // After the receipt.
    ["2020-06-16"],
    // More than 120 years before it.
    ["1900-06-14"],
    ["9999-12-31"],
  ])("hazard 1: %s, received on 2020-06-15, is unavailable", (birthDate) => {
    expect(normaliseBirthDate(birthDate, "day", "2020-06-15")).toBe(0);
  });

  it.each([
    ["2020-06-15", 20200615],
    ["1900-06-15", 19000615],
    ["1900-01-02", 0],
    ["1980-01-01", 19800101],
  ])("judges %s against the receipt on 2020-06-15: %i", (birthDate, expected) => {
    expect(normaliseBirthDate(birthDate, "day", "2020-06-15")).toBe(expected);
  });

  it("does not call the month or year of the receipt a later one, and next year it does", () => {
    expect(normaliseBirthDate("2020-01-01", "year", "2020-06-15")).toBe(20200000);
    expect(normaliseBirthDate("2020-06-01", "month", "2020-06-15")).toBe(20200600);
    expect(normaliseBirthDate("2020-07-01", "month", "2020-06-15")).toBe(0);
    expect(normaliseBirthDate("2021-01-01", "year", "2020-06-15")).toBe(0);
  });

  it("hazard 1: never judges against today: without a receipt only the list counts", () => {
    expect(normaliseBirthDate("2999-06-15", "day", null)).toBe(29990615);
    expect(normaliseBirthDate("1900-01-01", "day", null)).toBe(0);
  });

  it("takes the day out of a receipt that has a time", () => {
    expect(normaliseBirthDate("2020-06-16", "day", "2020-06-15T23:59:59Z")).toBe(0);
  });

  it("hazard 13: keeps 1900 as a year: only the padded day is a placeholder", () => {
    expect(normaliseBirthDate("1901-01-01", "year", "2010-01-01")).toBe(19010000);
  });
});

describe("daysSinceEpoch", () => {
  it("counts as the calendar does", () => {
    expect(daysSinceEpoch(19700101)).toBe(0);
    expect(daysSinceEpoch(20000229)).toBe(11016);
    fc.assert(
      fc.property(fc.integer({ min: -60_000, max: 60_000 }), (days) => {
        const [year = "", month = "", day = ""] = new Date(days * 86_400_000)
          .toISOString()
          .slice(0, 10)
          .split("-");
        const packed = Number(year + month + day);
        expect(daysSinceEpoch(packed)).toBe(days);
        expect(Number(day)).toBeLessThanOrEqual(daysInMonth(Number(year), Number(month)));
      }),
      { numRuns: 2000 },
    );
  });
});
