import { describe, expect, it } from "vitest";
import { normaliseEmail } from "../../../src/matching/normalise/email.ts";
import { normaliseIdentifier } from "../../../src/matching/normalise/identifier.ts";
import { normalisePhone } from "../../../src/matching/normalise/phone.ts";

describe("normalisePhone", () => {
  it.each([
    ["+1 (212) 555-0123", "2125550123"],
    ["1-212-555-0123 x7", "2125550123"],
    ["212.555.0123 ext. 45", "2125550123"],
    ["tel:+1-212-555-0123", "2125550123"],
    ["+44 20 7946 0958", "2079460958"],
    ["+44 (0)20 7946 0958", "2079460958"],
    ["020 7946 0958", "2079460958"],
    ["0044 20 7946 0958", "2079460958"],
    ["011 44 20 7946 0958", "2079460958"],
    ["+49 30 901820", "30901820"],
    ["030/901820", "30901820"],
    ["+61 2 9374 4000", "293744000"],
    ["(02) 9374 4000", "293744000"],
    ["555-0100", "5550100"],
    ["２１２-５５５-０１２３", "2125550123"],
  ])("%s is %s", (raw, expected) => {
    expect(normalisePhone(raw)).toBe(expected);
  });

  it.each([
    ["0000000000"],
    ["000-0000"],
    ["555-555-5555"],
    ["(555) 555-5555"],
    ["+1 555 555 5555"],
    ["9999999999"],
    ["999-999-9999"],
    ["212-000-0000"],
    ["1234567890"],
    ["123"],
    ["none"],
    [""],
  ])("hazard 1: %j is unavailable", (raw) => {
    expect(normalisePhone(raw)).toBeNull();
  });
});

describe("normaliseEmail", () => {
  it("lower-cases, and keeps tag and mailbox apart", () => {
    expect(normaliseEmail(" Mary.Smith+Clinic@Example.ORG ")).toEqual({
      address: "mary.smith+clinic@example.org",
      localPart: "mary.smith+clinic",
      domain: "example.org",
      mailbox: "mary.smith@example.org",
    });
  });

  it("knows that Gmail does not read dots", () => {
    expect(normaliseEmail("mary.smith@gmail.com")?.mailbox).toBe("marysmith@gmail.com");
  });

  it.each([
    ["none@none"],
    ["NONE@NONE.COM"],
    ["unknown@example.org"],
    ["noemail@clinic.example"],
    ["mary"],
    ["@example.org"],
    ["mary@"],
    ["mary@smith@example.org"],
    [""],
  ])("hazard 1: %j is unavailable", (raw) => {
    expect(normaliseEmail(raw)).toBeNull();
  });
});

describe("normaliseIdentifier", () => {
  it.each([
    ["675-79-1449", "SSN", "675791449"],
    ["675 79 1449", "SSN", "675791449"],
    ["XXX-XX-1449", "SSN", "1449"],
    ["mrn 00-12.34", "MRN", "MRN001234"],
    ["AB/12", "DL", "AB12"],
    ["007", "MRN", "007"],
    ["1804974", "SSN", "1804974"],
  ])("%s of type %s is %s", (raw, type, expected) => {
    expect(normaliseIdentifier(raw, type)).toBe(expected);
  });

  it.each([
    ["000-00-0000"],
    ["999-99-9999"],
    ["123-45-6789"],
    ["111-11-1111"],
    ["078-05-1120"],
    ["000-12-3456"],
    ["666-12-3456"],
    ["912-34-5678"],
    ["XXX-XX-XXXX"],
    ["unknown"],
    [" - "],
  ])("hazard 1: the SSN %s is unavailable", (raw) => {
    expect(normaliseIdentifier(raw, "SSN")).toBeNull();
  });

  it.each([["0"], ["000"], ["111111"], ["123456"], ["N/A"], ["TEST"]])(
    "hazard 1: the MRN %s is unavailable",
    (raw) => {
      expect(normaliseIdentifier(raw, "MRN")).toBeNull();
    },
  );

  it("does not judge other identifiers by the structure of an SSN", () => {
    expect(normaliseIdentifier("912345670", "MRN")).toBe("912345670");
  });
});
