import { describe, expect, it } from "vitest";
import { levenshteinDistance } from "../../../src/matching/comparators/levenshtein.ts";
import { isWithinOneEdit, osaDistance } from "../../../src/matching/comparators/osa.ts";
import { fc } from "../../support/properties.ts";

/** The whole table, without a word of cleverness. */
function osaByTable(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  const at = (i: number, j: number) => table[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      let cost = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, at(i - 2, j - 2) + 1);
      table[i]![j] = cost;
    }
  }
  return at(a.length, b.length);
}

const fewLetters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 40 });
const anyText = fc.oneof(
  fewLetters,
  fc.string({ maxLength: 45 }),
  fc.string({ unit: "binary", maxLength: 40 }),
);
const threeLetters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });

describe("osaDistance", () => {
  it.each([
    ["", "", 0],
    ["", "abc", 3],
    ["smith", "smith", 0],
    ["smith", "smyth", 1],
    ["smith", "simth", 1],
    ["smith", "smiths", 1],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3],
    ["19800102", "19800201", 2],
    ["martha", "marhta", 1],
    ["a cat", "an abct", 4],
  ])("from %j to %j is %i", (a, b, expected) => {
    expect(osaDistance(a, b)).toBe(expected);
  });

  it("agrees with the plain table on any pair, longer than 32 letters and beyond ASCII included", () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(osaDistance(a, b)).toBe(osaByTable(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  it("is symmetric, and 0 for equal strings only", () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(osaDistance(a, b)).toBe(osaDistance(b, a));
        expect(osaDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });

  it("reports any distance beyond the limit as the limit and one", () => {
    fc.assert(
      fc.property(anyText, anyText, fc.nat(6), (a, b, limit) => {
        expect(osaDistance(a, b, limit)).toBe(Math.min(osaByTable(a, b), limit + 1));
      }),
      { numRuns: 1000 },
    );
  });

  it("gets a table large enough after a long pair", () => {
    const long = "ж".repeat(700);
    expect(osaDistance(long, `${long}x`)).toBe(1);
    expect(osaDistance(`я${long}x`, `${long}я`)).toBe(2);
  });
});

describe("isWithinOneEdit", () => {
  it("is what a distance of at most 1 says", () => {
    fc.assert(
      fc.property(threeLetters, threeLetters, (a, b) => {
        expect(isWithinOneEdit(a, b)).toBe(osaByTable(a, b) <= 1);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("levenshteinDistance", () => {
  it.each([
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["smith", "simth", 2],
  ])("from %j to %j is %i", (a, b, expected) => {
    expect(levenshteinDistance(a, b)).toBe(expected);
  });

  it("is symmetric, obeys the triangle inequality, and is never less than OSA", () => {
    fc.assert(
      fc.property(fewLetters, fewLetters, fewLetters, (a, b, c) => {
        expect(levenshteinDistance(a, b)).toBe(levenshteinDistance(b, a));
        expect(levenshteinDistance(a, c)).toBeLessThanOrEqual(
          levenshteinDistance(a, b) + levenshteinDistance(b, c),
        );
        expect(osaDistance(a, b)).toBeLessThanOrEqual(levenshteinDistance(a, b));
      }),
    );
  });
});
