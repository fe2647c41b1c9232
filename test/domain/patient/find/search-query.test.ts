import { describe, expect, it } from "vitest";
import {
  checkSearchText,
  dateRange,
  sortFreeWords,
} from "../../../../src/domain/patient/find/search-query.ts";
import { parsePartialDate } from "../../../../src/domain/patient/partial-date.ts";
import { fc } from "../../../support/properties.ts";

describe("sortFreeWords", () => {
  it.each([
    [["smyth", "jon", "1980"], { names: ["smyth", "jon"], born: "1980", numbers: [] }],
    [["1980-03", "o'neil"], { names: ["o'neil"], born: "1980-03", numbers: [] }],
    [["smyth jon 1980-03-15"], { names: ["smyth", "jon"], born: "1980-03-15", numbers: [] }],
    [["A-77", "smith"], { names: ["smith"], born: undefined, numbers: ["A-77"] }],
    [["1849"], { names: [], born: undefined, numbers: ["1849"] }],
    [["(217)555-0142"], { names: [], born: undefined, numbers: ["(217)555-0142"] }],
    [["jon@example.org"], { names: [], born: undefined, numbers: [], email: "jon@example.org" }],
  ])("sorts %j by what they look like", (words, expected) => {
    const { names, birthDate, numbers, email } = sortFreeWords(words);
    expect({ names, numbers, email }).toEqual({
      names: expected.names,
      numbers: expected.numbers,
      email: "email" in expected ? expected.email : undefined,
    });
    expect(birthDate).toEqual(expected.born === undefined ? undefined : parsePartialDate(expected.born));
  });

  it.each([["31/12/1980"], ["12.31.1980"], ["31-12-80"], ["2023-02-30"], ["1980", "1981"], ["a@b", "c@d"]])(
    "refuses %s",
    (...words) => {
      expect(() => sortFreeWords(words)).toThrow();
    },
  );

  it("never loses a word", () => {
    const word = fc
      .string({ minLength: 1, unit: "binary" })
      .filter((each) => !/[\s@]|\d{1,4}[./-]\d|^\d{4}$/.test(each));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (words) => {
        const { names, numbers } = sortFreeWords(words);
        expect([...names, ...numbers].sort()).toEqual([...words].sort());
      }),
    );
  });
});

describe("checkSearchText", () => {
  it.each([
    { family: "" },
    { given: "\t" },
    { city: "a\0" },
    { words: ["\ud800"] },
    { identifier: { value: "", system: null } },
  ])("refuses %j without repeating it", (search) => {
    expect(() => checkSearchText(search)).toThrow(/^(?:--|A word)/);
  });
});

describe("dateRange", () => {
  it.each([
    ["2000", "2000-01-01", "2000-12-31"],
    ["2000-02", "2000-02-01", "2000-02-29"],
    ["1900-02", "1900-02-01", "1900-02-28"],
    ["0099-02", "0099-02-01", "0099-02-28"],
    ["1980-12", "1980-12-01", "1980-12-31"],
    ["1980-12-31", "1980-12-31", "1980-12-31"],
  ])("of %s runs from %s to %s", (text, from, to) => {
    expect(dateRange(parsePartialDate(text)!)).toEqual({ from, to });
  });
});
