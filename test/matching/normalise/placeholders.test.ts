import { describe, expect, it } from "vitest";
import {
  extendPlaceholders,
  isDigitRun,
  isOneCharacterRepeated,
  isPlaceholderFamilyName,
  isPlaceholderGivenName,
} from "../../../src/matching/normalise/placeholders.ts";
import { normaliseBirthDate } from "../../../src/matching/normalise/date.ts";
import { normaliseEmail } from "../../../src/matching/normalise/email.ts";
import { normaliseIdentifier } from "../../../src/matching/normalise/identifier.ts";
import { normalisePhone } from "../../../src/matching/normalise/phone.ts";
import { normaliseCity } from "../../../src/matching/normalise/address.ts";
import { foldText } from "../../../src/matching/normalise/text.ts";
import { builtInPlaceholders } from "../../../src/matching/reference/placeholders.ts";

describe("the built-in list", () => {
  it("holds texts in the form in which they are looked up", () => {
    const { names, givenNames, familyNames, fullNames, addresses } = builtInPlaceholders;
    for (const set of [names, givenNames, familyNames, fullNames, addresses]) {
      for (const text of set) expect(foldText(text)).toBe(text);
    }
    for (const text of builtInPlaceholders.phones) expect(text).toMatch(/^[0-9]+$/u);
    for (const text of builtInPlaceholders.socialSecurityNumbers) expect(text).toMatch(/^[0-9]{9}$/u);
    for (const text of builtInPlaceholders.identifiers) expect(text).toMatch(/^[A-Z0-9]+$/u);
  });
});

describe("extendPlaceholders", () => {
  const extended = extendPlaceholders(builtInPlaceholders, {
    version: "7",
    names: ["Zzz Schulung"],
    familyNames: ["Musterkind"],
    dates: ["1911-11-11"],
    identifiers: ["47-11 X"],
    phones: ["(030) 12 34 567"],
    emails: ["Front.Desk@Clinic.example"],
    addresses: ["c/o Clinic"],
  });

  it("makes every kind of entry count, however it is typed", () => {
    expect(isPlaceholderGivenName("zzz schulung", extended)).toBe(true);
    expect(isPlaceholderFamilyName("musterkind", extended)).toBe(true);
    expect(normaliseBirthDate("1911-11-11", "day", "2000-01-01", extended)).toBe(0);
    expect(normaliseIdentifier("4711x", "MRN", extended)).toBeNull();
    expect(normalisePhone("030 1234567", extended)).toBeNull();
    expect(normaliseEmail("front.desk@clinic.example", extended)).toBeNull();
    expect(normaliseCity("C/O CLINIC", extended)).toBeNull();
  });

  it("knows the names that emergency departments give to people they cannot name", () => {
    for (const name of ["trauma", "unidentified", "unknown 17"]) {
      expect(isPlaceholderFamilyName(name)).toBe(true);
      expect(isPlaceholderGivenName(name)).toBe(true);
    }
    expect(isPlaceholderFamilyName("female")).toBe(true);
  });

  it("keeps the built-in entries", () => {
    expect(isPlaceholderGivenName("baby", extended)).toBe(true);
    expect(normaliseBirthDate("1900-01-01", "day", null, extended)).toBe(0);
  });
});

describe("isOneCharacterRepeated and isDigitRun", () => {
  it.each([
    ["0000000", true, false],
    ["xxx", true, false],
    ["1", true, false],
    ["1234567890", false, true],
    ["9876543210", false, true],
    ["3456", false, true],
    ["90123", false, true],
    ["1234576", false, false],
    ["1357", false, false],
    ["", false, false],
  ])("say of %j: %j and %j", (text, repeated, run) => {
    expect(isOneCharacterRepeated(text)).toBe(repeated);
    expect(isDigitRun(text)).toBe(run);
  });
});
