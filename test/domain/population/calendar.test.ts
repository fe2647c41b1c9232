import { describe, expect, test } from "vitest";
import { findDay, formatDay } from "../../../src/domain/population/calendar.ts";
import { dateOf, dayOf } from "../../../src/lib/calendar.ts";
import { fc } from "../../support/properties.ts";

const MILLISECONDS_IN_DAY = 86_400_000;

describe("the calendar", () => {
  test("agrees with the platform's about every day from 1800 to 2200", () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_000, max: 84_000 }), (day) => {
        expect(formatDay(day)).toBe(new Date(day * MILLISECONDS_IN_DAY).toISOString().slice(0, 10));
      }),
      { numRuns: 2_000 },
    );
  });

  test("finds the day that a date came from", () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_000, max: 84_000 }), (day) => {
        const { year, month, dayOfMonth } = dateOf(day);
        expect(dayOf(year, month, dayOfMonth)).toBe(day);
        expect(findDay(formatDay(day))).toBe(day);
      }),
    );
  });

  test.each(["1980-02-30", "1900-02-29", "2023-13-01", "2023-00-10", "1980-2-3", "1980", ""])(
    "knows no day called %j",
    (text) => {
      expect(findDay(text)).toBeUndefined();
    },
  );

  test("knows the leap days", () => {
    expect(findDay("2000-02-29")).toBeDefined();
    expect(findDay("2024-02-29")).toBeDefined();
  });
});
