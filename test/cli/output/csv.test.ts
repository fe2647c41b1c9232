import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { csvField } from "../../../src/cli/output/csv.ts";
import { fc } from "../../support/properties.ts";

describe("csvField", () => {
  it.each([
    ["plain", "plain"],
    ["", ""],
    ["a,b", '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ["two\nlines", '"two\nlines"'],
    [" padded ", '" padded "'],
    ["=1+1", "'=1+1"],
    ["+44 20 7946", "'+44 20 7946"],
    ["-2+3", "'-2+3"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\tx", "'\tx"],
    ["\rx", `"'\rx"`],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ["a=b", "a=b"],
  ])("writes %j as %j", (value, field) => {
    expect(csvField(value)).toBe(field);
  });

  it.each([
    [-3.5, "-3.5"],
    [12n, "12"],
    [true, "true"],
    [null, ""],
    [undefined, ""],
    [new Date("2024-02-29T12:00:00.250Z"), "2024-02-29T12:00:00.250Z"],
    [["a", "b"], "a; b"],
    [["=a", "b"], "'=a; b"],
  ])("writes the value %o as %s", (value, field) => {
    expect(csvField(value)).toBe(field);
  });

  it("keeps control characters in files, and shows them on a terminal", () => {
    expect(csvField("a\u001b[31mb")).toBe("a\u001b[31mb");
    expect(csvField("a\u001b[31mb", true)).toBe("a\\x1b[31mb");
  });

  it("is read back as the same text by a strict parser, the apostrophe of formulas aside", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 2, maxLength: 4 }), (values) => {
        const [row] = parse(values.map((value) => csvField(value)).join(","), { relax_column_count: false });
        expect(row).toEqual(values.map((value) => (/^[=+\-@\t\r]/.test(value) ? `'${value}` : value)));
      }),
    );
  });
});
