import { describe, expect, it } from "vitest";
import { unavailable } from "../../../src/matching/comparators/levels.ts";
import { compareSwappedNames, swappedNameLevels } from "../../../src/matching/comparators/swapped-name.ts";
import { fc } from "../../support/properties.ts";

type FullName = readonly [given: string | null, family: string | null];

function levelOf(a: FullName, b: FullName): string {
  return swappedNameLevels[compareSwappedNames(...a, ...b)] ?? "unavailable";
}

describe("compareSwappedNames", () => {
  it.each<[FullName, FullName, string]>([
    [["jose", "singleton"], ["singleton", "jose"], "swapped"],
    [["maria elena", "lopez"], ["lopez", "elena maria"], "swapped"],
    [["jose", "singleton"], ["singelton", "jose"], "swappedClose"],
    [["jose", "singleton"], ["jose", "singleton"], "else"],
    // One of the two in the other's place is not enough.
    [["jose", "singleton"], ["singleton", "maria"], "else"],
    [["james", "james"], ["james", "james"], "else"],
    [["jose", "singleton"], ["maria", "lopez"], "else"],
  ])("hazard 12: %j against %j is %s", (a, b, expected) => {
    expect(levelOf(a, b)).toBe(expected);
    expect(levelOf(b, a)).toBe(expected);
  });

  it.each<[FullName, FullName]>([
    [
      [null, "singleton"],
      ["singleton", "jose"],
    ],
    [
      ["jose", null],
      ["singleton", "jose"],
    ],
    [
      ["jose", "singleton"],
      ["singleton", null],
    ],
    [
      [null, null],
      [null, null],
    ],
  ])("hazard 2: %j against %j is no evidence", (a, b) => {
    expect(compareSwappedNames(...a, ...b)).toBe(unavailable);
  });

  it("is symmetric, and finds every swap of two different names", () => {
    const word = fc.constantFrom("jose", "maria", "lopez", "garcia", "smith", "smyth", "ann");
    fc.assert(
      fc.property(word, word, word, word, (givenA, familyA, givenB, familyB) => {
        expect(compareSwappedNames(givenA, familyA, givenB, familyB)).toBe(
          compareSwappedNames(givenB, familyB, givenA, familyA),
        );
        fc.pre(givenA !== familyA);
        expect(levelOf([givenA, familyA], [familyA, givenA])).toBe("swapped");
      }),
    );
  });
});
