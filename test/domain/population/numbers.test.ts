import { describe, expect, test } from "vitest";
import { luhnDigit, recordNumber, socialSecurityNumber } from "../../../src/domain/population/numbers.ts";

const PERSONS = 200_000;

describe("social security numbers", () => {
  const numbers = Array.from({ length: PERSONS }, (_, n) => socialSecurityNumber(n + 1, 12_345)).filter(
    (ssn) => ssn !== "",
  );

  test("are given to one person each", () => {
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.length).toBeGreaterThan(PERSONS - 20);
  });

  test("have an area, a group and a serial number that the issuer uses", () => {
    const wrong = numbers.filter(
      (ssn) =>
        !/^\d{9}$/.test(ssn) ||
        /^(000|666|9)/.test(ssn) ||
        ssn.slice(3, 5) === "00" ||
        ssn.slice(5) === "0000",
    );
    expect(wrong).toEqual([]);
  });

  test("stay exact for the last person of the largest population", () => {
    const last = [89_999_998, 89_999_999, 90_000_000].map((n) => socialSecurityNumber(n, 1_000_000_006));
    expect(new Set(last).size).toBe(3);
    for (const ssn of last) expect(ssn).toMatch(/^\d{9}$/);
  });
});

describe("record numbers", () => {
  test("differ for every record", () => {
    const numbers = new Set(Array.from({ length: PERSONS }, (_, n) => recordNumber(n, 77)));
    expect(numbers.size).toBe(PERSONS);
  });

  test("have eight digits and do not count up", () => {
    const numbers = Array.from({ length: 100 }, (_, n) => Number(recordNumber(n, 77)));
    expect(numbers.every((number) => number < 100_000_000)).toBe(true);
    const steps = numbers.slice(1).map((number, i) => Math.abs(number - numbers[i]!));
    expect(Math.min(...steps)).toBeGreaterThan(1_000_000);
  });
});

test("the Luhn digit is the one of the published example", () => {
  expect(luhnDigit("7992739871")).toBe("3");
});
