import { describe, expect, it } from "vitest";
import { safeJson, safeText } from "../../../src/cli/output/safe-text.ts";
import { fc } from "../../support/properties.ts";

describe("safeText", () => {
  it.each([
    ["a colour", "\u001b[31mred\u001b[0m", "\\x1b[31mred\\x1b[0m"],
    ["a window title", "\u001b]0;owned\u0007", "\\x1b]0;owned\\x07"],
    ["an eight-bit escape", "\u009b31m", "\\x9b31m"],
    ["line breaks and tabs", "a\r\nb\tc", "a\\r\\nb\\tc"],
    ["NUL, backspace and DEL", "a\u0000b\bc\u007f", "a\\x00b\\x08c\\x7f"],
    ["a right-to-left override", "user\u202eexe", "user\\u202eexe"],
    ["an isolate", "\u2066x\u2069", "\\u2066x\\u2069"],
    ["a zero-width space", "Sm\u200bith", "Sm\\u200bith"],
    ["half of a surrogate pair", "a\ud800b", "a\\ud800b"],
    ["tag characters", "a\u{e0041}", "a\\u{e0041}"],
  ])("shows %s in place of obeying it", (_, text, shown) => {
    expect(safeText(text)).toBe(shown);
  });

  it.each(["Łukasz O’Brien-Смит 王小明", "نوشین", "अनुष्का", "می\u200cخواهم", "क्\u200dष", "👨‍👩‍👧", "é"])(
    "leaves the name %s as it is",
    (name) => {
      expect(safeText(name)).toBe(name);
    },
  );

  it("leaves nothing behind that a terminal obeys, whatever comes in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        // eslint-disable-next-line no-control-regex
        expect(safeText(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });
});

describe("safeJson", () => {
  it("is JSON of the same value, with nothing in it that a terminal obeys", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), (value, text) => {
        const json = safeJson({ value, text }, 2);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value, text })));
        // eslint-disable-next-line no-control-regex
        expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  it("escapes as JSON does, also beyond the basic plane", () => {
    expect(safeJson("\u202e\u{e0041}")).toBe('"\\u202e\\udb40\\udc41"');
  });
});
