import { describe, expect, it } from "vitest";
import { compactText, foldText } from "../../../src/matching/normalise/text.ts";
import { fc } from "../../support/properties.ts";

/** Letters of many scripts, signs and accents: what names are made of, and what gets into them. */
const nameText = fc.string({
  unit: fc.constantFrom(
    ...Array.from("abcXYZ019 -.,'’´`\t"),
    ...Array.from("éèüßøÅłŁñçğİıǅ"),
    ...Array.from("ЖжΩςΣאبमकिक्षि王小김ｱ"),
    "e\u0301",
    "ﬁ",
    "Œ",
    "\u0130",
    "\u00a0",
    "\u200d",
  ),
  maxLength: 40,
});

describe("foldText", () => {
  it.each([
    ["Müller", "muller"],
    ["MÜLLER", "muller"],
    ["Mu\u0308ller", "muller"],
    ["Straße", "strasse"],
    ["STRASSE", "strasse"],
    ["Łukasz", "lukasz"],
    ["Øystein", "oystein"],
    ["Þór", "thor"],
    ["ﬁnn", "finn"],
    ["Œuvre", "oeuvre"],
    ["Ｓｍｉｔｈ", "smith"],
    ["O'Brien", "obrien"],
    ["O’Brien", "obrien"],
    ["O´Brien", "obrien"],
    ["O`Brien", "obrien"],
    ["Gal·la", "galla"],
    ["Garcia-Lopez", "garcia lopez"],
    ["  de   la\tCruz ", "de la cruz"],
    ["St. John, Jr.", "st john jr"],
    ["Иванов", "ivanov"],
    ["ИВАНОВ", "ivanov"],
    ["王小明", "wangxiaoming"],
    ["김철수", "gimcheolsu"],
    ["Παπαδόπουλος", "papadopoylos"],
    ["١٢٣", "123"],
    ["x\u030c", "x"],
  ])("folds %j to %j", (raw, expected) => {
    expect(foldText(raw)).toBe(expected);
  });

  it.each(["", " ", ".", "---", "'", "\u0301", "\u200d"])("gives null for %j, which holds nothing", (raw) => {
    expect(foldText(raw)).toBeNull();
  });

  it("hazard 16: does not cut long text", () => {
    expect(foldText("Æ".repeat(1000))).toBe("ae".repeat(1000));
  });

  it("gives letters, digits and single inner spaces, and folds its own result to itself", () => {
    fc.assert(
      fc.property(fc.oneof(nameText, fc.string({ unit: "binary", maxLength: 30 })), (text) => {
        const folded = foldText(text);
        if (folded === null) return;
        expect(folded).toMatch(/^[a-z0-9]+(?: [a-z0-9]+)*$/u);
        expect(foldText(folded)).toBe(folded);
      }),
      { numRuns: 2000 },
    );
  });

  it("hazard 16: does not depend on the Unicode form", () => {
    fc.assert(
      fc.property(nameText, (text) => {
        expect(foldText(text.normalize("NFD"))).toBe(foldText(text));
        expect(foldText(text.normalize("NFC"))).toBe(foldText(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("hazard 16: does not depend on case", () => {
    fc.assert(
      fc.property(nameText, (text) => {
        expect(foldText(text.toUpperCase())).toBe(foldText(text));
        expect(foldText(text.toLowerCase())).toBe(foldText(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("hazard 16: does not depend on accents or on punctuation around words", () => {
    const word = fc.string({ unit: fc.constantFrom(...Array.from("abcdefgh")), minLength: 1, maxLength: 8 });
    const accent = fc.constantFrom("\u0300", "\u0301", "\u0302", "\u0303", "\u0308", "\u030a", "\u030c", "");
    const sign = fc.constantFrom(" ", "-", ". ", ", ", " - ", "\u2013", "/");
    fc.assert(
      fc.property(fc.array(fc.tuple(word, accent, sign), { minLength: 1, maxLength: 5 }), (parts) => {
        const decorated = parts.map(([letters, mark, punctuation]) => letters + mark + punctuation).join("");
        expect(foldText(decorated)).toBe(parts.map(([letters]) => letters).join(" "));
      }),
    );
  });
});

describe("compactText", () => {
  it("takes the spaces out", () => {
    expect(compactText("de la cruz")).toBe("delacruz");
    expect(compactText("cruz")).toBe("cruz");
  });
});
