import { describe, expect, it } from "vitest";
import {
  createPhoneticLookup,
  phoneticCodes,
  soundsAlike,
} from "../../../src/matching/comparators/phonetic.ts";

describe("phoneticCodes", () => {
  // Vectors of Philips' article and of PostgreSQL's manual.
  it.each([
    ["smith", ["SM0", "XMT"]],
    ["schmidt", ["XMT", "SMT"]],
    ["gumbo", ["KMP", "KMP"]],
    ["white", ["AT", "AT"]],
    ["knight", ["NT", "NT"]],
    ["davis", ["TFS", "TFS"]],
  ] as const)("of %s are %j", (name, expected) => {
    expect(phoneticCodes(name)).toEqual(expected);
  });

  it.each([
    ["mccoy", "MK"],
    ["mcgill", "MKL"],
    ["mckay", "MK"],
    ["mcqueen", "MKN"],
    ["macgregor", "MKRKR"],
  ])("of %s have the K of Mc once: %s", (name, primary) => {
    expect(phoneticCodes(name)[0]).toBe(primary);
  });

  it("do not depend on spaces, and are empty for no letters", () => {
    expect(phoneticCodes("de la cruz")).toEqual(phoneticCodes("delacruz"));
    expect(phoneticCodes("123")).toEqual(["", ""]);
  });
});

describe("createPhoneticLookup", () => {
  it("says what phoneticCodes says, also the second time", () => {
    const codesOf = createPhoneticLookup();
    expect(codesOf("smith")).toEqual(phoneticCodes("smith"));
    expect(codesOf("smith")).toEqual(phoneticCodes("smith"));
  });
});

describe("soundsAlike", () => {
  it.each([
    ["smith", "schmidt", true],
    ["smith", "smyth", true],
    ["catherine", "kathryn", true],
    ["meier", "mayer", true],
    ["smith", "jones", false],
    ["123", "456", false],
  ])("of %s and %s is %j", (a, b, expected) => {
    expect(soundsAlike(phoneticCodes(a), phoneticCodes(b))).toBe(expected);
    expect(soundsAlike(phoneticCodes(b), phoneticCodes(a))).toBe(expected);
  });
});
