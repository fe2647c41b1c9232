import { describe, expect, it } from "vitest";
import { markDifferences } from "../../../../src/cli/commands/review/mark-differences.ts";
import { fc } from "../../../support/properties.ts";

describe("differing characters", () => {
  it.each([
    ["Smith", "Smyth", "Sm[i]th", "Sm[y]th"],
    ["1980-03-15", "1980-03-16", "1980-03-1[5]", "1980-03-1[6]"],
    ["Jon", "John", "Jon", "Jo[h]n"],
    ["Zoë", "Zoe", "Zo[ë]", "Zo[e]"],
    ["Nora", "Bill", "[Nora]", "[Bill]"],
    ["same", "same", "same", "same"],
    ["GRIMDEN, ASHLEY A", "Grimden, Ashley Amanda", "GRIMDEN, ASHLEY A", "Grimden, Ashley A[manda]"],
    ["only", "", "only", ""],
    ["", "", "", ""],
    ["👩‍👧 Ann", "👩‍👦 Ann", "[👩‍👧] Ann", "[👩‍👦] Ann"],
  ])("of %j and %j are in brackets", (a, b, markedA, markedB) => {
    expect(markDifferences(a, b)).toEqual([markedA, markedB]);
  });

  it("are all that the brackets hold: what is outside of them is the same in both, capitals aside", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "A", "b", "c", "é", "É", "王"), maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const [markedA, markedB] = markDifferences(a, b);
        expect(markedA.replace(/[[\]]/g, "")).toBe(a);
        expect(markedB.replace(/[[\]]/g, "")).toBe(b);
        if (a !== "" && b !== "") {
          const outside = (text: string) => text.replace(/\[[^\]]*\]/g, "");
          expect(outside(markedA).toLowerCase()).toBe(outside(markedB).toLowerCase());
        }
      }),
    );
  });
});
