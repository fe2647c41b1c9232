import { describe, expect, it } from "vitest";
import { findGeneration } from "../../../src/matching/normalise/name-parts.ts";
import {
  listFamilyNameParts,
  normaliseFamilyName,
  normaliseName,
} from "../../../src/matching/normalise/name.ts";
import { extendPlaceholders } from "../../../src/matching/normalise/placeholders.ts";
import { builtInPlaceholders } from "../../../src/matching/reference/placeholders.ts";
import { fc } from "../../support/properties.ts";

function name(family: string | null, given: readonly string[] = [], suffix: readonly string[] = []) {
  return { family, given, prefix: [], suffix, current: true };
}

describe("normaliseFamilyName", () => {
  it.each([
    ["O'Brien", "obrien"],
    ["OBRIEN", "obrien"],
    ["O Brien", "obrien"],
    ["D'Angelo", "dangelo"],
    ["Mc Donald", "mcdonald"],
    ["Mac Donald", "macdonald"],
    ["van der Berg", "vanderberg"],
    ["Vanderberg", "vanderberg"],
    ["de la Cruz", "delacruz"],
    ["de la Cruz García", "delacruz garcia"],
    ["St. John", "stjohn"],
    ["al-Hassan", "alhassan"],
    ["GARCIA-LOPEZ", "garcia lopez"],
    ["LOPEZ GARCIA", "garcia lopez"],
    ["García y López", "garcia lopez"],
    ["Silva e Costa", "costa silva"],
    ["Garcia Garcia", "garcia garcia"],
    ["Smith Jr.", "smith"],
    ["Smith III", "smith"],
    ["Smith, MD", "smith"],
    ["Senior", "senior"],
    ["Le", "le"],
    ["De", "de"],
    ["Y", "y"],
    ["王", "wang"],
  ])("%s is %s", (raw, expected) => {
    expect(normaliseFamilyName(raw)).toBe(expected);
  });

  it("is null where nothing is left", () => {
    expect(normaliseFamilyName(" - ")).toBeNull();
  });

  it("hazard 11: does not depend on the order of the parts, and gives itself back", () => {
    const part = fc.constantFrom("Garcia", "López", "Müller", "Smith", "Nguyễn");
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(" ", "-"),
        (parts, sign) => {
          const normalised = normaliseFamilyName(parts.join(sign));
          expect(normaliseFamilyName([...parts].reverse().join(" "))).toBe(normalised);
          expect(normalised === null ? null : normaliseFamilyName(normalised)).toBe(normalised);
        },
      ),
    );
  });
});

describe("listFamilyNameParts", () => {
  it("keeps the order received", () => {
    expect(listFamilyNameParts("López de la Cruz")).toEqual(["lopez", "delacruz"]);
    expect(listFamilyNameParts(".")).toEqual([]);
  });
});

describe("normaliseName", () => {
  it("takes first and further given names apart, and drops titles", () => {
    expect(normaliseName(name("Smith", ["Dr. Mary Ann", "Louise", "K."]))).toEqual({
      family: "smith",
      given: "mary ann",
      middle: "louise k",
      generation: null,
      familyIsPlaceholder: false,
      givenIsPlaceholder: false,
    });
  });

  it("has nothing where nothing was received", () => {
    expect(normaliseName(name(null))).toEqual({
      family: null,
      given: null,
      middle: null,
      generation: null,
      familyIsPlaceholder: false,
      givenIsPlaceholder: false,
    });
  });

  it("keeps a title that is the only name", () => {
    expect(normaliseName(name("King", ["Don"])).given).toBe("don");
  });

  it.each([
    [name("Smith", ["John"], ["Jr."]), 2],
    [name("Smith", ["John"], ["MD", "III"]), 3],
    [name("Smith", ["John"], ["2nd"]), 2],
    [name("Smith", ["John"], ["Senior"]), 1],
    [name("Smith Jr", ["John"]), 2],
    [name("Smith IV", ["John"]), 4],
    [name("Smith", ["John", "Jr"]), 2],
    [name("Smith", ["John Jr"]), 2],
    [name("Smith", ["John"], ["PhD"]), null],
    [name("Smith", ["John", "V"]), null],
    [name("Smith", ["Junior"]), null],
    [name("Smith", ["John"]), null],
  ])("hazard 7: finds the generation in %j: %j", (received, expected) => {
    expect(normaliseName(received).generation).toBe(expected);
  });

  it("does not take a generation for a given name", () => {
    expect(normaliseName(name("Smith", ["John", "Jr"]))).toMatchObject({ given: "john", middle: null });
    expect(normaliseName(name("Smith", ["Junior"]))).toMatchObject({ given: "junior" });
  });

  it.each([
    ["BABY"],
    ["BABY BOY"],
    ["Baby Girl"],
    ["BG"],
    ["BB"],
    ["INFANT"],
    ["NEWBORN"],
    ["TWIN A"],
    ["Twin 2"],
    ["UNKNOWN"],
    ["UNK"],
    ["ANON"],
    ["TEST"],
    ["XXX"],
    ["N/A"],
    ["."],
    ["Babyboy"],
    ["Baby Boy of Maria"],
    ["Infant Male B"],
    ["BB1"],
    ["no name"],
    ["zztest"],
    ["Unknown Male"],
  ])("hazard 1: the given name %s is unavailable", (given) => {
    expect(normaliseName(name("Smith", [given]))).toMatchObject({
      family: "smith",
      given: null,
      middle: null,
      givenIsPlaceholder: true,
      familyIsPlaceholder: false,
    });
  });

  it.each([["UNKNOWN"], ["UNK"], ["ANON"], ["TEST"], ["XXX"], ["N/A"], ["."]])(
    "hazard 1: the family name %s is unavailable",
    (family) => {
      expect(normaliseName(name(family, ["Mary"]))).toMatchObject({
        family: null,
        given: "mary",
        familyIsPlaceholder: true,
      });
    },
  );

  it.each([
    ["Doe", ["John"]],
    ["DOE", ["Jane"]],
    ["Test", ["Patient"]],
  ])("hazard 1: the whole name %s, %j is unavailable", (family, given) => {
    expect(normaliseName(name(family, given))).toMatchObject({ family: null, given: null });
  });

  it("hazard 1: a placeholder over two fields is one", () => {
    expect(normaliseName(name("Smith", ["No", "Name"])).given).toBeNull();
    expect(normaliseName(name("Smith", ["Baby", "Girl"])).given).toBeNull();
  });

  it.each([
    ["Doe", "Mary"],
    ["Null", "Anna"],
    ["Babyak", "Twila"],
    ["Testa", "Anonda"],
    ["Infante", "Unkas"],
    ["Boyd", "Na"],
    ["Li", "Bo"],
  ])("takes %s, %s for the real name that it is", (family, given) => {
    const normalised = normaliseName(name(family, [given]));
    expect(normalised.familyIsPlaceholder || normalised.givenIsPlaceholder).toBe(false);
  });

  it("drops a placeholder middle name and keeps the rest", () => {
    expect(normaliseName(name("Smith", ["Mary", "NMN"]))).toMatchObject({ given: "mary", middle: null });
  });

  it("hazard 1: a site's own entries count, and leave the built-in list alone", () => {
    const extended = extendPlaceholders(builtInPlaceholders, {
      version: "site-1",
      givenNames: ["Kein Vorname"],
    });
    const received = name("Smith", ["KEIN VORNAME"]);
    expect(normaliseName(received, extended).given).toBeNull();
    expect(normaliseName(received).given).toBe("kein vorname");
    expect(extended.version).toBe(`${builtInPlaceholders.version}+site-1`);
  });

  it("hazard 16: case, accents and Unicode form never matter", () => {
    const text = fc.string({
      unit: fc.constantFrom(...Array.from("abéèßüñ ЖжΩ王-'.")),
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(text, text, (family, given) => {
        const normalised = normaliseName(name(family, [given]));
        expect(normaliseName(name(family.toUpperCase(), [given.toUpperCase()]))).toEqual(normalised);
        expect(normaliseName(name(family.normalize("NFD"), [given.normalize("NFD")]))).toEqual(normalised);
      }),
    );
  });
});

describe("findGeneration", () => {
  it.each([
    [["Jr"], 2],
    [["JR."], 2],
    [["II"], 2],
    [["Sr"], 1],
    [["the third"], 3],
    [["V"], 5],
    [["Esq."], null],
    [[], null],
  ])("%j is %j", (suffixes, expected) => {
    expect(findGeneration(suffixes)).toBe(expected);
  });
});
