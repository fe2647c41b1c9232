import { describe, expect, it } from "vitest";
import { compareFamilyNames, familyNameLevels } from "../../../src/matching/comparators/family-name.ts";
import { unavailable } from "../../../src/matching/comparators/levels.ts";
import { normaliseFamilyName } from "../../../src/matching/normalise/name.ts";
import { fc } from "../../support/properties.ts";

function levelOf(a: string, b: string): string {
  return (
    familyNameLevels[compareFamilyNames(normaliseFamilyName(a), normaliseFamilyName(b))] ?? "unavailable"
  );
}

describe("compareFamilyNames", () => {
  it.each([
    ["Smith", "SMITH", "exact"],
    ["O'Brien", "OBRIEN", "exact"],
    ["O'Brien", "O Brien", "exact"],
    ["O’Brien", "O´Brien", "exact"],
    ["van der Berg", "Vanderberg", "exact"],
    ["de la Cruz", "DELACRUZ", "exact"],
    ["Mc Donald", "McDonald", "exact"],
    ["Law-rence", "Lawrence", "exact"],
    ["Smith-Jones", "Smithjones", "exact"],
    ["Müller", "MULLER", "exact"],
    ["Łukasz", "Lukasz", "exact"],
    ["Иванов", "Ivanov", "exact"],
    ["Smith", "Smiht", "veryClose"],
    ["Johnson", "Johnsen", "veryClose"],
    // OSA 1 with five letters, though Jaro-Winkler is 0.867.
    ["Smith", "Amith", "veryClose"],
    ["van der Berg", "Berg", "contained"],
    ["de la Cruz", "Cruz", "contained"],
    ["Wright", "Rite", "phonetic"],
    ["Knight", "Nite", "phonetic"],
    ["Garcia Lopez", "Garcia Perez", "partInCommon"],
    ["Smith", "Nguyen", "else"],
    ["Smith-Jones", "Nguyen Tran", "else"],
  ])("%s against %s is %s", (a, b, expected) => {
    expect(levelOf(a, b)).toBe(expected);
    expect(levelOf(b, a)).toBe(expected);
  });

  it("hazard 11: GARCIA-LOPEZ and LOPEZ GARCIA agree: only punctuation and order differ", () => {
    expect(levelOf("GARCIA-LOPEZ", "LOPEZ GARCIA")).toBe("exact");
    expect(levelOf("García y López", "Lopez-Garcia")).toBe("exact");
  });

  it("hazard 11: one part in common is partial agreement, not full", () => {
    expect(levelOf("GARCIA-LOPEZ", "GARCIA")).toBe("contained");
    expect(levelOf("GARCIA-LOPEZ", "LOPEZ")).toBe("contained");
    expect(levelOf("GARCIA-LOPEZ", "GARCIA-TORRES")).toBe("partInCommon");
  });

  it("pairs misspelt parts whatever their order", () => {
    expect(levelOf("Garcia-Lopez", "Lopes Garcia")).toBe("veryClose");
    // The misspelling changes the order after sorting.
    expect(levelOf("Garcia-Lopez", "Zarcia-Lopez")).toBe("veryClose");
  });

  it("hazard 16: long names are never cut", () => {
    const long = "abcdefghij".repeat(20);
    expect(levelOf(`${long}x`, `${long}x`)).toBe("exact");
    expect(levelOf(`${long}x`, `${long}y`)).not.toBe("exact");
  });

  it("hazard 2: a missing family name is no evidence, even against another missing one", () => {
    expect(compareFamilyNames(null, null)).toBe(unavailable);
    expect(compareFamilyNames(null, "smith")).toBe(unavailable);
    expect(compareFamilyNames("smith", "")).toBe(unavailable);
  });

  it("is symmetric, and exact for a name against itself", () => {
    const part = fc.constantFrom(
      "garcia",
      "garcai",
      "lopez",
      "lopes",
      "smith",
      "smyth",
      "vanderberg",
      "berg",
      "li",
      "o",
      "wright",
      "rite",
    );
    const family = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => [...parts].sort().join(" "));
    fc.assert(
      fc.property(family, family, (a, b) => {
        expect(compareFamilyNames(a, b)).toBe(compareFamilyNames(b, a));
        expect(compareFamilyNames(a, a)).toBe(0);
      }),
      { numRuns: 3000 },
    );
  });
});
