import { describe, expect, it } from "vitest";
import { compareEmails, emailLevel } from "../../../src/matching/comparators/email.ts";
import { compareFamilyNames, familyNameLevel } from "../../../src/matching/comparators/family-name.ts";
import { compareGivenNames, givenNameLevel } from "../../../src/matching/comparators/given-name.ts";
import { describeEmails, mayBeSameEmail } from "../../../src/matching/compare/email-traits.ts";
import {
  describeNames,
  likeness,
  likenessOfFamilyNames,
  likenessOfGivenNames,
  mayBeVeryClose,
  type Likeness,
} from "../../../src/matching/compare/name-traits.ts";
import {
  describePostalCodes,
  postalCodesSurelyDiffer,
} from "../../../src/matching/compare/postal-code-traits.ts";
import { comparePostalCodes, postalCodeLevel } from "../../../src/matching/comparators/postal-code.ts";
import {
  describeTexts,
  mayBeOneEditApart,
  lineOfSimilarity,
  mayBeSimilar,
} from "../../../src/matching/compare/text-traits.ts";
import { jaroWinkler } from "../../../src/matching/comparators/jaro-winkler.ts";
import { isWithinOneEdit } from "../../../src/matching/comparators/osa.ts";
import { ByteDictionary } from "../../../src/matching/store/byte-dictionary.ts";
import { encodeRecords } from "../../../src/matching/store/encode-records.ts";
import { fc } from "../../support/properties.ts";

const columnsOf = (...values: readonly string[]) => {
  const dictionary = new ByteDictionary();
  for (const value of values) dictionary.add(value);
  return dictionary.columns();
};

/** Two texts, the second often the first with an edit or two, a letter moved to the front, or cut in two words. */
const twoTexts = (letters: fc.Arbitrary<string>, known: readonly string[]) => {
  const text = fc.oneof(fc.constantFrom(...known), fc.string({ unit: letters, minLength: 1, maxLength: 12 }));
  const edited = fc
    .tuple(text, fc.nat(11), letters, fc.constantFrom("put", "cut", "turn", "split", "front", "none"))
    .map(([value, place, letter, edit]) => {
      const letters = Array.from(value);
      const at = place % letters.length;
      if (edit === "put") letters.splice(at, 0, letter);
      if (edit === "cut" && letters.length > 1) letters.splice(at, 1);
      if (edit === "turn") letters.splice(at, 2, ...letters.slice(at, at + 2).reverse());
      if (edit === "split" && at > 0) letters.splice(at, 0, " ");
      if (edit === "front") letters.unshift(letter);
      return [value, letters.join("")] as const;
    });
  return fc.oneof(fc.tuple(text, text), edited).filter(([a, b]) => a !== b);
};

const latin = fc.constantFrom(...Array.from("abcdeinorst"));
const cyrillic = fc.constantFrom(...Array.from("авеинорс"));
const names = [
  "smith",
  "smyth",
  "berg",
  "vanderberg",
  "van der berg",
  "garcia lopez",
  "garcia",
  "lawrence",
  "law rence",
];
const givenNames = [
  "bob",
  "rob",
  "robert",
  "william",
  "bill",
  "will",
  "w",
  "liz",
  "beth",
  "elizabeth",
  "anne marie",
  "anne",
];

const traitsOf = (a: string, b: string) => {
  const store = encodeRecords([]);
  return describeNames({ ...store, dictionaries: { ...store.dictionaries, names: columnsOf(a, b) } });
};

type Levels = Readonly<Record<"exact" | "veryClose" | "close" | "phonetic" | "similar" | "else", number>>;

/** That a likeness admits the level that was found; levels stand in order, the best first. */
function expectAdmitted(found: number, like: Likeness, levels: Levels): void {
  const { similar, veryClose, close, phonetic } = levels;
  if (like === likeness.alike) {
    expect([veryClose, close, phonetic, similar, levels.else]).toContain(found);
    return;
  }
  const best = {
    [likeness.none]: levels.else,
    [likeness.similar]: similar,
    [likeness.close]: levels.exact + 1,
    [likeness.any]: levels.exact,
  }[like];
  expect(found).toBeGreaterThanOrEqual(best);
}

describe("what is told of two texts at a glance", () => {
  for (const [script, letters] of [
    ["Latin", latin],
    ["Cyrillic", cyrillic],
  ] as const) {
    it(`never says of family names that they are less alike than the comparator finds, in ${script} letters`, () => {
      fc.assert(
        fc.property(twoTexts(letters, names), ([a, b]) => {
          const like = likenessOfFamilyNames(traitsOf(a, b), 0, 1);
          expectAdmitted(compareFamilyNames(a, b), like, familyNameLevel);
        }),
        { numRuns: 2000 },
      );
    });

    it(`never says so of given names, in ${script} letters`, () => {
      fc.assert(
        fc.property(twoTexts(letters, givenNames), ([a, b]) => {
          const like = likenessOfGivenNames(traitsOf(a, b), 0, 1);
          expectAdmitted(compareGivenNames(a, b), like, givenNameLevel);
        }),
        { numRuns: 2000 },
      );
    });

    it(`never says that family names are not very close where they are, in ${script} letters`, () => {
      fc.assert(
        fc.property(twoTexts(letters, names), ([a, b]) => {
          if (compareFamilyNames(a, b) > familyNameLevel.veryClose) return;
          expect(mayBeVeryClose(traitsOf(a, b), 0, 1)).toBe(true);
        }),
        { numRuns: 2000 },
      );
    });
  }

  it("never says so of family names of several parts", () => {
    const part = fc.oneof(
      fc.constantFrom(
        "garcia",
        "gracia",
        "lopez",
        "van",
        "vanlopez",
        "de",
        "smith",
        "smyth",
        "garcialopez",
        "ми",
      ),
      fc.string({ unit: latin, minLength: 1, maxLength: 6 }),
    );
    const name = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.sort().join(" "));
    fc.assert(
      fc.property(name, name, (a, b) => {
        fc.pre(a !== b);
        const traits = traitsOf(a, b);
        const found = compareFamilyNames(a, b);
        expectAdmitted(found, likenessOfFamilyNames(traits, 0, 1), familyNameLevel);
        if (found <= familyNameLevel.veryClose) expect(mayBeVeryClose(traits, 0, 1)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it("tells family names without a like part apart", () => {
    const family = (a: string, b: string) => likenessOfFamilyNames(traitsOf(a, b), 0, 1);
    expect(family("garcia lopez", "smith")).toBe(likeness.none);
    expect(family("garcia lopez", "brown smith")).toBe(likeness.none);
    expect(family("garcia lopez", "garcia")).toBe(likeness.any);
    expect(family("garcia lopez", "lopes smith")).toBe(likeness.any);
    expect(family("garcia lopez", "lopezgarcia")).toBe(likeness.any);
    expect(mayBeVeryClose(traitsOf("garcia lopez", "garcia"), 0, 1)).toBe(false);
    expect(mayBeVeryClose(traitsOf("garcia lopez", "garzia lopez"), 0, 1)).toBe(true);
  });

  it("never puts the similarity too low, nor calls one edit more", () => {
    fc.assert(
      fc.property(twoTexts(latin, names), ([a, b]) => {
        const traits = describeTexts(columnsOf(a, b));
        for (const similarity of [0.5, 0.69, 0.88, 0.92, jaroWinkler(a, b)]) {
          if (jaroWinkler(a, b) < similarity) continue;
          expect(mayBeSimilar(traits, 0, 4, lineOfSimilarity(similarity))).toBe(true);
        }
        if (isWithinOneEdit(a, b)) expect(mayBeOneEditApart(traits, 0, 4)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("never says of e-mail addresses that they differ where the comparator sees a likeness", () => {
    const domains = fc.constantFrom("a.example", "b.example", "aa.example", "mail.example");
    fc.assert(
      fc.property(twoTexts(latin, ["ann.smith", "a.smith"]), domains, domains, ([a, b], one, other) => {
        const [first, second] = [`${a}@${one}`, `${b}@${other}`];
        if (compareEmails(first, second) === emailLevel.else) return;
        expect(mayBeSameEmail(describeEmails(columnsOf(first, second)), 0, 1)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("never says of postal codes that they differ where the comparator sees a likeness", () => {
    const codes = fc.constantFrom(...Array.from("0123ABé"));
    fc.assert(
      fc.property(twoTexts(codes, ["04417", "4417", "SW1A 1AA", "10", "é4417"]), ([a, b]) => {
        if (!postalCodesSurelyDiffer(describePostalCodes(columnsOf(a, b)), 0, 1)) return;
        expect(comparePostalCodes(a, b)).toBe(postalCodeLevel.else);
      }),
      { numRuns: 5000 },
    );
    expect(postalCodesSurelyDiffer(describePostalCodes(columnsOf("04417", "92210")), 0, 1)).toBe(true);
  });

  it("tells texts that are not similar apart", () => {
    const traits = describeTexts(columnsOf("philippa", "gordon"));
    expect(mayBeSimilar(traits, 0, 4, lineOfSimilarity(0.69))).toBe(false);
    const alike = describeTexts(columnsOf("martha", "marhta"));
    expect(mayBeSimilar(alike, 0, 4, lineOfSimilarity(0.9))).toBe(true);
  });

  it("tells names of one letter and names with nothing in common apart", () => {
    const given = (a: string, b: string) => likenessOfGivenNames(traitsOf(a, b), 0, 1);
    expect(given("w", "william")).toBe(likeness.close);
    expect(given("w", "henry")).toBe(likeness.none);
    expect(given("bob", "rob")).toBe(likeness.close);
    expect(given("philippa", "gordon")).toBe(likeness.none);
    // Nothing is told of letters of several bytes each.
    expect(given("иван", "ёван")).toBe(likeness.close);
    expect(likenessOfFamilyNames(traitsOf("berg", "vanderberg"), 0, 1)).toBe(likeness.close);
    expect(likenessOfFamilyNames(traitsOf("law rence", "lawrence"), 0, 1)).toBe(likeness.any);
    // Two edits and other sounds, yet a Jaro-Winkler similarity of 0.91.
    expect(likenessOfFamilyNames(traitsOf("johansson", "johnstone"), 0, 1)).toBe(likeness.alike);
    expect(likenessOfFamilyNames(traitsOf("smith", "smyth"), 0, 1)).toBe(likeness.alike);
  });
});
