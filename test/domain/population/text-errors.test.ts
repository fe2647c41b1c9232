import { describe, expect, test } from "vitest";
import { Random } from "../../../src/domain/population/random.ts";
import { readTextErrors } from "../../../src/domain/population/text-errors.ts";
import { fc } from "../../support/properties.ts";

const errors = readTextErrors();
const words = fc.stringMatching(/^[A-Z][a-z]{2,11}$/);
const digits = fc.stringMatching(/^[0-9]{2,10}$/);
const randoms = fc.nat().map((seed) => new Random(seed, 0));
const sorted = (text: string) => Array.from(text.toLowerCase()).sort().join("");

describe("errors in texts", () => {
  test("typing changes the length by one letter at most", () => {
    fc.assert(
      fc.property(words, randoms, (word, random) => {
        expect(Math.abs(errors.typing(random, word).length - word.length)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("a wrong digit is still a digit, and the others stay", () => {
    fc.assert(
      fc.property(digits, randoms, (number, random) => {
        const wrong = errors.digit(random, number);
        expect(wrong).toMatch(/^\d+$/);
        expect(wrong).toHaveLength(number.length);
        expect(Array.from(wrong).filter((digit, i) => digit !== number[i])).toHaveLength(1);
      }),
    );
  });

  test("transposition keeps all the letters", () => {
    fc.assert(
      fc.property(words, randoms, (word, random) => {
        expect(sorted(errors.transposition(random, word))).toBe(sorted(word));
      }),
    );
  });

  test("the capital stays at the front of a transposed name", () => {
    const random = new Random(1, 0);
    const seen = new Set(Array.from({ length: 200 }, () => errors.transposition(random, "Smith")));
    expect([...seen].sort()).toEqual(["Msith", "Simth", "Smiht", "Smtih"]);
  });

  test("phonetic and scanning errors come from their tables", () => {
    const random = new Random(4, 0);
    const heard = new Set(Array.from({ length: 300 }, () => errors.phonetic(random, "Philips")));
    expect(heard).toContain("Filips");
    const scanned = new Set(Array.from({ length: 300 }, () => errors.ocr(random, "Barnes")));
    expect(scanned).toContain("Bames");
  });

  test("a text with nothing to get wrong comes back as it was", () => {
    const random = new Random(5, 0);
    expect(errors.phonetic(random, "")).toBe("");
    expect(errors.digit(random, "-")).toBe("-");
    expect(errors.transposition(random, "A")).toBe("A");
  });
});
