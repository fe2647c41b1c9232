import { describe, expect, it } from "vitest";
import { unavailable } from "../../../src/matching/comparators/levels.ts";
import { comparePlaceNames, placeNameLevels } from "../../../src/matching/comparators/place-name.ts";
import { comparePostalCodes, postalCodeLevels } from "../../../src/matching/comparators/postal-code.ts";
import { compareStreets, streetLevels } from "../../../src/matching/comparators/street.ts";
import {
  normaliseAddress,
  normaliseCity,
  normalisePostalCode,
} from "../../../src/matching/normalise/address.ts";
import { fc } from "../../support/properties.ts";

function streetOf(line1: string): string | null {
  return normaliseAddress({
    line1,
    line2: null,
    city: null,
    state: null,
    postalCode: null,
    country: null,
    current: true,
  }).street;
}

describe("compareStreets", () => {
  it.each([
    ["12 Main Street", "12 MAIN ST.", "exact"],
    ["12 North Main Street", "12 N Main St", "exact"],
    ["177 pridham street", "177 pridhamstreet", "exact"],
    ["12 Sea View Rd", "12 Seaview Road", "exact"],
    ["Hauptstraße 12", "12 Hauptstr.", "exact"],
    ["12 Main Street", "12 Main Avenue", "close"],
    ["12 Main Street", "12 N Main", "close"],
    ["12 Gundulu Place", "12 Gunduli Place", "close"],
    ["12 Gundulu Place", "21 Gundulu Place", "numberOneEdit"],
    ["123 Main St", "124 Main St", "numberOneEdit"],
    ["123 Main St", "Main St", "numberMissing"],
    ["123 Main St", "987 Main St", "sameStreet"],
    ["1 Main St", "2 Main St", "sameStreet"],
    ["123 Main St", "123 Elm Ave", "sameNumber"],
    ["123 Main St", "987 Elm Ave", "else"],
    ["Main St", "Elm Ave", "else"],
    ["PO Box 123", "P.O. Box 123", "exact"],
    ["PO Box 123", "PO Box 132", "numberOneEdit"],
    ["PO Box 123", "PO Box 987", "else"],
    ["PO Box 123", "123 Main St", "else"],
    ["123 5th Avenue", "123 Fifth Ave", "exact"],
    ["123 5th Avenue", "123 6th Avenue", "close"],
  ])("%s against %s is %s", (a, b, expected) => {
    expect(streetLevels[compareStreets(streetOf(a), streetOf(b))]).toBe(expected);
    expect(streetLevels[compareStreets(streetOf(b), streetOf(a))]).toBe(expected);
  });

  it("is symmetric, and exact for a street against itself", () => {
    const street = fc
      .array(
        fc.constantFrom("12", "21", "12a", "n", "main", "mian", "st", "ave", "5th", "po", "box", "gundulu"),
        { minLength: 1, maxLength: 5 },
      )
      .map((words) => words.join(" "));
    fc.assert(
      fc.property(street, street, (a, b) => {
        expect(compareStreets(a, b)).toBe(compareStreets(b, a));
        expect(compareStreets(a, a)).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("comparePostalCodes", () => {
  it.each([
    ["55101", "55101-1234", "exact"],
    ["5308", "05308", "exact"],
    ["sw1a 1aa", "SW1A1AA", "exact"],
    ["55101", "55102", "oneEdit"],
    ["55101", "55110", "oneEdit"],
    ["55101", "5101", "oneEdit"],
    ["5308", "05318", "oneEdit"],
    ["55101", "55187", "sector"],
    ["SW1A 1AA", "SW1A 1BX", "sector"],
    ["55101", "55987", "area"],
    ["SW1A 1AA", "SW19 5AE", "area"],
    ["55101", "90210", "else"],
    ["2119", "3165", "else"],
  ])("%s against %s is %s", (a, b, expected) => {
    expect(postalCodeLevels[comparePostalCodes(normalisePostalCode(a), normalisePostalCode(b))]).toBe(
      expected,
    );
    expect(postalCodeLevels[comparePostalCodes(normalisePostalCode(b), normalisePostalCode(a))]).toBe(
      expected,
    );
  });
});

describe("comparePlaceNames", () => {
  it.each([
    ["St. Louis", "Saint Louis", "exact"],
    ["N Hollywood", "North Hollywood", "exact"],
    ["Long Beach", "Longbeach", "exact"],
    ["London", "Lonon", "close"],
    ["Hull", "Hul", "close"],
    ["Brooklyn", "Brooklyn Park", "contained"],
    ["Melbourne", "Melbourne East", "contained"],
    ["London", "Leeds", "else"],
  ])("%s against %s is %s", (a, b, expected) => {
    expect(placeNameLevels[comparePlaceNames(normaliseCity(a), normaliseCity(b))]).toBe(expected);
    expect(placeNameLevels[comparePlaceNames(normaliseCity(b), normaliseCity(a))]).toBe(expected);
  });
});

describe("all comparators of addresses", () => {
  const comparators = { compareStreets, comparePostalCodes, comparePlaceNames };
  const text = fc
    .string({ unit: fc.constantFrom(...Array.from("0123ab ")), maxLength: 9 })
    .map((value) => value.trim());

  it.each(Object.entries(comparators))("hazard 2: %s finds no evidence in a missing value", (_, compare) => {
    expect(compare(null, null)).toBe(unavailable);
    expect(compare(null, "12 main st")).toBe(unavailable);
    expect(compare("12 main st", "")).toBe(unavailable);
  });

  it.each(Object.entries(comparators))("%s is symmetric, and exact for equal values", (_, compare) => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(compare(a, b)).toBe(compare(b, a));
        expect(compare(a, a)).toBe(a === "" ? unavailable : 0);
      }),
      { numRuns: 1000 },
    );
  });
});
