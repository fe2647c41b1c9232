import { describe, expect, it } from "vitest";
import {
  compareGivenNames,
  comparePreparedGivenNames,
  givenNameLevels,
  prepareGivenName,
} from "../../../src/matching/comparators/given-name.ts";
import { unavailable } from "../../../src/matching/comparators/levels.ts";
import { createPhoneticLookup } from "../../../src/matching/comparators/phonetic.ts";
import { readNicknames } from "../../../src/matching/reference/nicknames.ts";
import { fc } from "../../support/properties.ts";

function levelOf(a: string | null, b: string | null): string {
  return givenNameLevels[compareGivenNames(a, b)] ?? "unavailable";
}

describe("compareGivenNames", () => {
  it.each([
    ["john", "john", "exact"],
    ["mary ann", "maryann", "exact"],
    ["anne marie", "anne", "contained"],
    ["anne marie", "marie", "contained"],
    ["robert", "bob", "nickname"],
    ["elizabeth", "beth", "nickname"],
    ["dwayne", "dwane", "veryClose"],
    ["latoya", "latoia", "veryClose"],
    ["dunningham", "cunnigham", "close"],
    ["j", "john", "initial"],
    ["bob", "rob", "sharedFormalName"],
    ["philip", "filip", "phonetic"],
    ["john", "mary", "else"],
    ["j", "mary", "else"],
    ["j", "m", "else"],
    ["robert james", "bob", "nickname"],
    ["anne marie", "anne louise", "contained"],
  ])("%s against %s is %s", (a, b, expected) => {
    expect(levelOf(a, b)).toBe(expected);
    expect(levelOf(b, a)).toBe(expected);
  });

  it("hazard 14: nicknames are many to many and not transitive", () => {
    expect(levelOf("ed", "edward")).toBe("nickname");
    expect(levelOf("ed", "edmund")).toBe("nickname");
    expect(levelOf("edward", "edmund")).not.toBe("nickname");
  });

  it("hazard 14: an initial agrees with a full name, and less than the full name does", () => {
    expect(levelOf("r", "robert")).toBe("initial");
    expect(compareGivenNames("r", "robert")).toBeGreaterThan(compareGivenNames("robert", "robert"));
  });

  it("hazard 6: the given names of likely twins are not exact and not nicknames", () => {
    for (const [a, b] of [
      ["jayden", "kayden"],
      ["ella", "bella"],
      ["mia", "maya"],
      ["julian", "juliana"],
    ] as const) {
      expect(["exact", "contained", "nickname", "initial"]).not.toContain(levelOf(a, b));
    }
  });

  it("hazard 2: a missing given name is no evidence, even against another missing one", () => {
    expect(compareGivenNames(null, null)).toBe(unavailable);
    expect(compareGivenNames(null, "ann")).toBe(unavailable);
    expect(compareGivenNames("", "ann")).toBe(unavailable);
  });

  it("says the same of prepared names, with whatever lookup", () => {
    const codesOf = createPhoneticLookup();
    const word = fc.constantFrom("ann", "anne", "bob", "robert", "philip", "filip", "j", "jon");
    const given = fc.array(word, { minLength: 1, maxLength: 2 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(given, given, (a, b) => {
        const expected = compareGivenNames(a, b);
        expect(compareGivenNames(a, b, codesOf)).toBe(expected);
        expect(comparePreparedGivenNames(prepareGivenName(a), prepareGivenName(b, codesOf))).toBe(expected);
      }),
    );
  });

  it("is symmetric, and exact for a name against itself", () => {
    const word = fc.constantFrom(
      ...readNicknames().keys(),
      "bob",
      "rob",
      "ed",
      "ted",
      "j",
      "r",
      "xu",
      "shawn",
      "jon",
      "micheal",
    );
    const given = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(given, given, (a, b) => {
        expect(compareGivenNames(a, b)).toBe(compareGivenNames(b, a));
        expect(compareGivenNames(a, a)).toBe(0);
      }),
      { numRuns: 3000 },
    );
  });
});
