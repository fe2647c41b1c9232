import { describe, expect, it } from "vitest";
import { compareEmails, emailLevels } from "../../../src/matching/comparators/email.ts";
import { compareIdentifiers, identifierLevels } from "../../../src/matching/comparators/identifier.ts";
import { unavailable } from "../../../src/matching/comparators/levels.ts";
import { comparePhones, phoneLevels } from "../../../src/matching/comparators/phone.ts";
import { normaliseEmail } from "../../../src/matching/normalise/email.ts";
import { normaliseIdentifier } from "../../../src/matching/normalise/identifier.ts";
import { normalisePhone } from "../../../src/matching/normalise/phone.ts";
import { fc } from "../../support/properties.ts";

describe("comparePhones", () => {
  it.each([
    ["212-555-0123", "(212) 555 0123", "exact"],
    ["212-555-0123", "+1 212 555 0123 x9", "exact"],
    ["020 7946 0958", "+44 20 7946 0958", "exact"],
    // The country code without a plus sign.
    ["020 7946 0958", "44 20 7946 0958", "exact"],
    ["030 901820", "+49 30 901820", "exact"],
    ["212-555-0123", "555-0123", "localPart"],
    ["212-555-0123", "212-555-0124", "oneDigit"],
    ["212-555-0123", "212-555-0132", "oneDigit"],
    ["212-555-0123", "212-555-012", "oneDigit"],
    ["212-555-0123", "646-555-0123", "else"],
    ["212-555-0123", "212-555-9876", "else"],
  ])("%s against %s is %s", (a, b, expected) => {
    expect(phoneLevels[comparePhones(normalisePhone(a), normalisePhone(b))]).toBe(expected);
    expect(phoneLevels[comparePhones(normalisePhone(b), normalisePhone(a))]).toBe(expected);
  });
});

describe("compareEmails", () => {
  it.each([
    ["Mary.Smith@example.org", "mary.smith@EXAMPLE.org", "exact"],
    ["mary.smith+er@example.org", "mary.smith@example.org", "exact"],
    ["mary.smith@gmail.com", "marysmith@gmail.com", "exact"],
    ["mary.smith@example.org", "mary.smiht@example.org", "veryClose"],
    ["mary.smith@example.org", "mary.smith@exmaple.org", "veryClose"],
    ["mary.smith@example.org", "mary.smith@other.net", "sameLocalPart"],
    ["info@clinic.example", "info@other.net", "else"],
    ["mary.smith84@example.org", "mary.smith48x@example.org", "close"],
    ["mary.smith84@example.org", "mary.smith48x@zzz.qq", "closeLocalPart"],
    ["mary.smith@example.org", "john.jones@other.net", "else"],
  ])("%s against %s is %s", (a, b, expected) => {
    const mailboxA = normaliseEmail(a)?.mailbox ?? null;
    const mailboxB = normaliseEmail(b)?.mailbox ?? null;
    expect(emailLevels[compareEmails(mailboxA, mailboxB)]).toBe(expected);
    expect(emailLevels[compareEmails(mailboxB, mailboxA)]).toBe(expected);
  });
});

describe("compareIdentifiers", () => {
  it.each([
    ["675-79-1449", "675791449", "exact"],
    ["00012345", "12345", "leadingZeros"],
    ["675-79-1449", "675-79-1448", "oneEdit"],
    ["675-79-1449", "675-79-4149", "oneEdit"],
    ["675-79-1449", "675-79-149", "oneEdit"],
    ["675-79-1449", "XXX-XX-1449", "lastFour"],
    ["675-79-1449", "XXX-XX-1448", "else"],
    ["675-79-1449", "675-79-2448", "twoEdits"],
    ["675-79-1449", "540-12-1415", "else"],
    // Four digits are too few for "one digit off" to mean anything.
    ["1234", "1235", "else"],
  ])("%s against %s is %s", (a, b, expected) => {
    const valueA = normaliseIdentifier(a, "SSN");
    const valueB = normaliseIdentifier(b, "SSN");
    expect(identifierLevels[compareIdentifiers(valueA, valueB)]).toBe(expected);
    expect(identifierLevels[compareIdentifiers(valueB, valueA)]).toBe(expected);
  });

  it("does not take a longer number for a leading zero's loss", () => {
    expect(identifierLevels[compareIdentifiers("512345", "12345")]).toBe("oneEdit");
  });
});

describe("all comparators of contacts and identifiers", () => {
  const comparators = { comparePhones, compareEmails, compareIdentifiers };
  const digits = fc.string({ unit: fc.constantFrom(...Array.from("01259")), maxLength: 12 });
  const email = fc
    .tuple(
      fc.string({ unit: fc.constantFrom(...Array.from("ab.")), minLength: 1, maxLength: 8 }),
      fc.constantFrom("x.org", "y.org", "zzz.net"),
    )
    .map(([local, domain]) => `${local}@${domain}`);

  it.each(Object.entries(comparators))("hazard 2: %s finds no evidence in a missing value", (_, compare) => {
    expect(compare(null, null)).toBe(unavailable);
    expect(compare(null, "1234567")).toBe(unavailable);
    expect(compare("1234567", "")).toBe(unavailable);
  });

  it.each(Object.entries(comparators))("%s is symmetric, and exact for equal values only", (_, compare) => {
    fc.assert(
      fc.property(fc.oneof(digits, email), fc.oneof(digits, email), (a, b) => {
        expect(compare(a, b)).toBe(compare(b, a));
        expect(compare(a, a)).toBe(a === "" ? unavailable : 0);
      }),
      { numRuns: 1000 },
    );
  });
});
