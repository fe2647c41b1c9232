import { describe, expect, it } from "vitest";
import { checkDigitValid, type CheckDigitRule } from "../../../src/matching/normalise/check-digit.ts";
import { fc } from "../../support/properties.ts";

describe("checkDigitValid", () => {
  const cases: readonly (readonly [CheckDigitRule, string, boolean])[] = [
    // ISO/IEC 7812-1 textbook number and its neighbour.
    ["luhn", "79927398713", true],
    ["luhn", "79927398710", false],
    ["luhn", "4111 1111 1111 1111", true],
    ["luhn", "0", false],
    // The example of the NPI standard: 80840 and 123456789 need a 3.
    ["npi", "1234567893", true],
    ["npi", "1234567890", false],
    ["npi", "3234567893", false],
    ["npi", "123456789", false],
    // The NHS data dictionary's worked example: 943 476 5919.
    ["nhs", "943 476 5919", true],
    ["nhs", "9434765919", true],
    ["nhs", "9434765918", false],
    ["nhs", "943476591", false],
    // 943476582 has the sum 298, and 11 - 298 mod 11 is 10: such a number is never issued.
    ["nhs", "9434765820", false],
    ["ssn", "219-09-9998", true],
    ["ssn", "000-12-3456", false],
    ["ssn", "666-12-3456", false],
    ["ssn", "900-12-3456", false],
    ["ssn", "999-12-3456", false],
    ["ssn", "123-00-4567", false],
    ["ssn", "123-45-0000", false],
    ["ssn", "12-345-678", false],
    ["ssn", "12345678X", false],
    ["none", "anything", true],
    ["luhn", "", false],
  ];
  it.each(cases)("%s says of %j: %j", (rule, value, expected) => {
    expect(checkDigitValid(rule, value)).toBe(expected);
  });

  const digits = (length: number) =>
    fc.string({ unit: fc.constantFrom(...Array.from("0123456789")), minLength: length, maxLength: length });

  it.each(["luhn", "npi", "nhs"] as const)("%s notices every single wrong digit", (rule) => {
    fc.assert(
      fc.property(digits(9), fc.nat(9), fc.integer({ min: 1, max: 9 }), (body, at, by) => {
        const lead = rule === "npi" ? `1${body.slice(1)}` : body;
        const valid = [...Array.from("0123456789")]
          .map((digit) => lead + digit)
          .find((value) => checkDigitValid(rule, value));
        if (valid === undefined) return;
        const wrong = (Number(valid[at]) + by) % 10;
        expect(checkDigitValid(rule, valid.slice(0, at) + String(wrong) + valid.slice(at + 1))).toBe(false);
      }),
    );
  });

  it("has exactly one Luhn digit for any beginning, and at most one NHS digit", () => {
    fc.assert(
      fc.property(digits(9), (body) => {
        const count = (rule: CheckDigitRule) =>
          [...Array.from("0123456789")].filter((digit) => checkDigitValid(rule, body + digit)).length;
        expect(count("luhn")).toBe(1);
        expect(count("nhs")).toBeLessThanOrEqual(1);
      }),
    );
  });
});
