import { describe, expect, it } from "vitest";
import {
  normaliseAddress,
  normaliseCity,
  normalisePostalCode,
  normaliseState,
} from "../../../src/matching/normalise/address.ts";
import { parseStreetLine } from "../../../src/matching/normalise/street.ts";

describe("parseStreetLine", () => {
  it.each([
    ["12 Main Street", "12 main st", null, null],
    ["12 MAIN ST.", "12 main st", null, null],
    ["12 N. Main St", "12 n main st", null, null],
    ["12 North Main Street", "12 n main st", null, null],
    ["12 North East 5th Avenue", "12 ne 5th ave", null, null],
    ["12 Fifth Avenue", "12 5th ave", null, null],
    ["12 Main Street Apt 5B", "12 main st", "5b", null],
    ["12 Main Street #5B", "12 main st", "5b", null],
    ["12 Main St, Apt # 5", "12 main st", "5", null],
    ["Flat 3, 12 High Street", "12 high st", "3", null],
    ["3/45 Smith Street", "45 smith st", "3", null],
    ["Unit 3/45 Smith St", "45 smith st", "3", null],
    ["Suite 200, 100 Market St", "100 market st", "200", null],
    ["123 1/2 Main St", "123half main st", null, null],
    ["37-12 73rd St", "37-12 73rd st", null, null],
    ["221B Baker Street", "221b baker st", null, null],
    ["177 pridhamstreet", "177 pridham st", null, null],
    ["21 duffy ytreet", "21 duffy st", null, null],
    ["27 heagney ctescent", "27 heagney cres", null, null],
    // No name before it: Prive is the street's name.
    ["12 Prive", "12 prive", null, null],
    ["Hauptstraße 12a", "12a haupt st", null, null],
    ["Hauptstr. 12 a", "12a haupt st", null, null],
    ["C/ Mayor, 5", "5 calle mayor", null, null],
    ["Via Roma 10", "10 via roma", null, null],
    ["No. 12 High St", "12 high st", null, null],
    ["Highway 12", "hwy 12", null, null],
    ["4000 Highway 12", "4000 hwy 12", null, null],
    ["County Road 5", "co rd 5", null, null],
    ["5th Avenue", "5th ave", null, null],
    ["12 Villa D'Este Way", "12 villa deste way", null, null],
    ["PO Box 123", null, null, "123"],
    ["P.O. Box 123", null, null, "123"],
    ["Post Office Box 123", null, null, "123"],
    ["Postfach 123", null, null, "123"],
    ["12 Main St, PO Box 7", "12 main st", null, "7"],
    ["RR 2 Box 15", "15 rr 2 box", null, null],
    ["Main Street", "main st", null, null],
    ["улица Ленина 5", "5 ulitsa lenina", null, null],
    [".", null, null, null],
  ])("%s is street %s, unit %s, box %s", (raw, street, unit, poBox) => {
    expect(parseStreetLine(raw)).toMatchObject({ street, unit, poBox });
  });
});

describe("normaliseAddress", () => {
  const nowhere = {
    line1: null,
    line2: null,
    city: null,
    state: null,
    postalCode: null,
    country: null,
    current: true,
  };

  it("puts together what the lines say", () => {
    expect(
      normaliseAddress({
        ...nowhere,
        line1: "12 Main Street",
        line2: "Apt 5",
        city: "Saint Paul",
        state: "Minnesota",
        postalCode: "55101-1234",
      }),
    ).toEqual({
      street: "12 main st",
      houseNumber: "12",
      unit: "5",
      poBox: null,
      extra: null,
      city: "st paul",
      state: "mn",
      postalCode: "55101",
    });
  });

  it("takes the line with the number for the street, and keeps the other", () => {
    expect(normaliseAddress({ ...nowhere, line1: "Rose Cottage", line2: "12 High Street" })).toMatchObject({
      street: "12 high st",
      extra: "rose cottage",
    });
    expect(normaliseAddress({ ...nowhere, line1: "23 Gundulu Place", line2: "Currin Ga" })).toMatchObject({
      street: "23 gundulu pl",
      extra: "currin ga",
    });
  });

  it("names a box where there is no street", () => {
    expect(normaliseAddress({ ...nowhere, line1: "PO Box 123" })).toMatchObject({
      street: "123 po box",
      poBox: "123",
    });
  });

  it.each([["Unknown"], ["HOMELESS"], ["No fixed abode"], ["General Delivery"], ["N/A"]])(
    "hazard 1: the address %s is unavailable",
    (line1) => {
      expect(normaliseAddress({ ...nowhere, line1, city: "unknown" })).toMatchObject({
        street: null,
        city: null,
      });
    },
  );
});

describe("normalisePostalCode", () => {
  it.each([
    ["55101", "55101"],
    ["55101-1234", "55101"],
    ["551011234", "55101"],
    ["5308-1234", "5308"],
    ["5308", "5308"],
    ["sw1a 1aa", "SW1A1AA"],
    ["SW1A1AA", "SW1A1AA"],
    ["K1A 0B1", "K1A0B1"],
    ["100-0001", "1000001"],
    ["1000-001", "1000001"],
    ["00000", null],
    ["99999", null],
    ["", null],
    [null, null],
  ])("%j is %j", (raw, expected) => {
    expect(normalisePostalCode(raw)).toBe(expected);
  });
});

describe("normaliseCity and normaliseState", () => {
  it.each([
    ["St. Louis", "st louis"],
    ["SAINT LOUIS", "st louis"],
    ["N Hollywood", "north hollywood"],
    ["Ft Worth", "ft worth"],
    ["Fort Worth", "ft worth"],
    ["S", "s"],
    ["Zürich", "zurich"],
  ])("the city %s is %s", (raw, expected) => {
    expect(normaliseCity(raw)).toBe(expected);
  });

  it.each([
    ["Minnesota", "mn"],
    ["MN", "mn"],
    ["New South Wales", "nsw"],
    ["N.S.W.", "nsw"],
    ["Bayern", "bayern"],
    [null, null],
  ])("the state %s is %s", (raw, expected) => {
    expect(normaliseState(raw)).toBe(expected);
  });
});
