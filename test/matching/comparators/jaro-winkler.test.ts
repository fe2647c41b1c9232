import { describe, expect, it } from "vitest";
import { jaroSimilarity, jaroWinkler } from "../../../src/matching/comparators/jaro-winkler.ts";
import { fc } from "../../support/properties.ts";

/** Winkler's published table (1990), three decimals, where strcmp95's extra adjustments play no part. */
const published: readonly (readonly [string, string, number, number])[] = [
  ["SHACKLEFORD", "SHACKELFORD", 0.97, 0.982],
  ["DUNNINGHAM", "CUNNIGHAM", 0.896, 0.896],
  ["NICHLESON", "NICHULSON", 0.926, 0.956],
  ["JONES", "JOHNSON", 0.79, 0.832],
  ["MASSEY", "MASSIE", 0.889, 0.933],
  ["ABROMS", "ABRAMS", 0.889, 0.922],
  ["JERALDINE", "GERALDINE", 0.926, 0.926],
  ["MARHTA", "MARTHA", 0.944, 0.961],
  ["MICHELLE", "MICHAEL", 0.869, 0.921],
  ["JULIES", "JULIUS", 0.889, 0.933],
  ["TANYA", "TONYA", 0.867, 0.88],
  ["DWAYNE", "DUANE", 0.822, 0.84],
  ["SEAN", "SUSAN", 0.783, 0.805],
  ["JON", "JOHN", 0.917, 0.933],
];

/** Jaro's definition, written as it reads: slow, with sets of positions. */
function jaroByDefinition(a: string, b: string): number {
  if (a.length === 0 || b.length === 0) return 0;
  const window = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const usedB = new Set<number>();
  const matchedA: string[] = [];
  for (const [i, character] of a.split("").entries()) {
    const j = b
      .split("")
      .findIndex((other, at) => other === character && Math.abs(at - i) <= window && !usedB.has(at));
    if (j < 0) continue;
    usedB.add(j);
    matchedA.push(character);
  }
  const m = matchedA.length;
  if (m === 0) return 0;
  const matchedB = [...usedB].sort((x, y) => x - y).map((at) => b[at]);
  const transpositions = Math.floor(
    matchedA.filter((character, at) => character !== matchedB[at]).length / 2,
  );
  return (m / a.length + m / b.length + (m - transpositions) / m) / 3;
}

const fewLetters = fc.string({ unit: fc.constantFrom("a", "b", "c", "d"), maxLength: 45 });
const anyText = fc.oneof(
  fewLetters,
  fc.string({ maxLength: 50 }),
  fc.string({ unit: "binary", maxLength: 40 }),
);

describe("jaroWinkler", () => {
  it.each(published)("gives %s and %s the published Jaro %f and Jaro-Winkler %f", (a, b, jaro, winkler) => {
    expect(Math.abs(jaroSimilarity(a, b) - jaro)).toBeLessThan(0.00051);
    expect(Math.abs(jaroWinkler(a, b) - winkler)).toBeLessThan(0.00051);
  });

  it.each([
    // m = 6, t = 1: (1 + 1 + 5/6) / 3 = 0.94444, + 3 * 0.1 * 0.05556
    ["MARTHA", "MARHTA", 0.961111],
    // m = 4: (4/5 + 4/8 + 1) / 3 = 0.76667, + 2 * 0.1 * 0.23333
    ["DIXON", "DICKSONX", 0.813333],
    // m = 4: (4/6 + 4/5 + 1) / 3 = 0.82222, + 0.1 * 0.17778
    ["DWAYNE", "DUANE", 0.84],
  ])("gives %s and %s %f by the definition", (a, b, expected) => {
    expect(jaroWinkler(a, b)).toBeCloseTo(expected, 6);
  });

  it("rounds half transpositions down: three out of order are one transposition", () => {
    // abc against bca, window 0, has no match; with 8 letters the window of 3 lets all match, 3 out of order.
    expect(jaroSimilarity("abcxxxxx", "bcaxxxxx")).toBeCloseTo((1 + 1 + 7 / 8) / 3, 12);
  });

  it("gives no bonus for a common beginning at or below 0.7", () => {
    // m = 2: (2/6 + 2/6 + 1) / 3 = 0.5556 with two letters in common in front.
    expect(jaroWinkler("abcdef", "abuvwx")).toBeCloseTo(5 / 9, 12);
  });

  it("does not count matches outside the window", () => {
    expect(jaroWinkler("SMO", "MO")).toBe(0);
  });

  it("gives an empty string 0 against everything, an empty one included", () => {
    expect(jaroWinkler("", "")).toBe(0);
    expect(jaroWinkler("", "a")).toBe(0);
  });

  it("compares names longer than 32 letters whole", () => {
    const long = "wolfeschlegelsteinhausenbergerdorff";
    expect(long.length).toBeGreaterThan(32);
    expect(jaroWinkler(long, long)).toBe(1);
    const lastLetterOff = `${long.slice(0, -1)}x`;
    expect(jaroWinkler(long, lastLetterOff)).toBeLessThan(1);
    expect(jaroWinkler(`${"a".repeat(1000)}b`, `${"a".repeat(1000)}c`)).toBeLessThan(1);
  });

  it("agrees with the definition on any pair, at any length", () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(jaroSimilarity(a, b)).toBeCloseTo(a === b && a !== "" ? 1 : jaroByDefinition(a, b), 12);
      }),
      { numRuns: 2000 },
    );
  });

  it("is symmetric, lies between 0 and 1, and is 1 for equal strings only", () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        const similarity = jaroWinkler(a, b);
        expect(similarity).toBe(jaroWinkler(b, a));
        expect(similarity).toBeGreaterThanOrEqual(0);
        expect(similarity).toBeLessThanOrEqual(1);
        expect(similarity === 1).toBe(a === b && a !== "");
        expect(jaroWinkler(a, a)).toBe(a === "" ? 0 : 1);
      }),
      { numRuns: 2000 },
    );
  });

  it("leaves at least 0.7 after one edit in five or more letters, which the name comparators rely on", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "d"), minLength: 5, maxLength: 12 });
    fc.assert(
      fc.property(word, fc.nat(11), fc.constantFrom("a", "b", "e"), (text, place, letter) => {
        const at = place % text.length;
        const edits = [
          text.slice(0, at) + letter + text.slice(at + 1),
          text.slice(0, at) + letter + text.slice(at),
          text.slice(0, at) + text.slice(at + 1, at + 2) + text.slice(at, at + 1) + text.slice(at + 2),
        ];
        // The worst of these: all but one match, and all matches out of order.
        for (const edited of edits) expect(jaroWinkler(text, edited)).toBeGreaterThan(0.7 - 1e-9);
      }),
      { numRuns: 5000 },
    );
  });

  it("keeps nothing from one call to the next", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText), { maxLength: 8 }), (pairs) => {
        const alone = pairs.map(([a, b]) => jaroWinkler(a, b));
        const again = [...pairs].reverse().map(([a, b]) => jaroWinkler(a, b));
        expect(again.reverse()).toEqual(alone);
      }),
    );
  });
});
