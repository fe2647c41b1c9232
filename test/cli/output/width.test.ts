import { describe, expect, it } from "vitest";
import { padText, textWidth, wrapText } from "../../../src/cli/output/width.ts";
import { fc } from "../../support/properties.ts";

describe("textWidth", () => {
  it.each([
    ["", 0],
    ["Smith", 5],
    ["José", 4],
    ["Jose\u0301", 4],
    ["王小明", 6],
    ["ﾊﾝｶｸ", 4],
    ["한국", 4],
    ["한국".normalize("NFD"), 4],
    ["Смит", 4],
    ["🙂", 2],
    ["\u001b[1mbold\u001b[22m", 4],
  ])("of %j is %i cells", (text, cells) => {
    expect(textWidth(text)).toBe(cells);
  });
});

describe("padText", () => {
  it("fills up to the width on the side that the alignment says, and never cuts", () => {
    expect(padText("王", 4)).toBe("王  ");
    expect(padText("7", 3, "right")).toBe("  7");
    expect(padText("too long", 3)).toBe("too long");
  });
});

describe("wrapText", () => {
  it.each([
    ["short", 10, "short"],
    ["two words", 5, "two\nwords"],
    ["one two three", 8, "one two\nthree"],
    ["abcdefgh", 3, "abc\ndef\ngh"],
    ["王小明明", 5, "王小\n明明"],
    ["ab cdefghij k", 4, "ab\ncdef\nghij\nk"],
  ])("breaks %j at %i cells", (text, width, wrapped) => {
    expect(wrapText(text, width)).toBe(wrapped);
  });

  it("loses nothing but blanks, and no line is too wide", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 60 }),
        fc.integer({ min: 4, max: 30 }),
        (text, width) => {
          const wrapped = wrapText(text, width);
          expect(wrapped.replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
          for (const line of wrapped.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});
