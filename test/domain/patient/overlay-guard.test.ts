import { describe, expect, it } from "vitest";
import { findOverlay, type KnownDomains } from "../../../src/domain/patient/overlay-guard.ts";
import type { PatientContent } from "../../../src/domain/patient/patient-record.ts";
import { aName, aPatient, aStoredPatient } from "../../support/people.ts";

const ssn = "http://hl7.org/fhir/sid/us-ssn";
const mrn = "urn:mrn:general";
const domains: KnownDomains = { authoritative: new Set(["urn:national"]), singleValued: new Set([ssn]) };

const number = (system: string, value: string): PatientContent["identifiers"][number] => ({
  type: "X",
  system,
  value,
  assigner: null,
  use: null,
});
const day = (date: string) => ({ date, precision: "day" as const });
const home = (line1: string): PatientContent["addresses"][number] => ({
  line1,
  line2: null,
  city: "Springfield",
  state: "IL",
  postalCode: "62701",
  country: null,
  use: "home",
  isPrimary: true,
});

interface Case {
  readonly title: string;
  readonly before: Partial<PatientContent>;
  readonly after: Partial<PatientContent>;
}

/** Semantics, section 8: what must pass. */
const passing: readonly Case[] = [
  {
    title: "a marriage plus a move",
    before: { addresses: [home("1 Elm Street")] },
    after: { names: [aName({ family: "Thistlewood" })], addresses: [home("9 Oak Avenue")] },
  },
  {
    title: "the naming of a newborn",
    before: { names: [aName({ given: ["BABY GIRL"] })], birthDate: day("2026-01-01") },
    after: { names: [aName({ given: ["Ottilie"] })], birthDate: day("2026-01-01") },
  },
  {
    title: "a change of gender, with another given name",
    before: { gender: "male", names: [aName({ given: ["Robert"] })] },
    after: { gender: "female", names: [aName({ given: ["Clementine"] })] },
  },
  {
    title: "a corrected birth date",
    before: { birthDate: day("1908-07-12") },
    after: { birthDate: day("1980-03-15") },
  },
  {
    title: "a corrected spelling in both names",
    before: { names: [aName({ family: "Quilfeather", given: ["Vilma"] })] },
    after: { names: [aName({ family: "Quillfeather", given: ["Wilma"] })] },
  },
  {
    title: "a marriage with month and day transposed",
    before: { birthDate: day("1980-03-05") },
    after: { names: [aName({ family: "Thistlewood" })], birthDate: day("1980-05-03") },
  },
  {
    title: "names the wrong way round, put right",
    before: { names: [aName({ family: "Wilma", given: ["Quillfeather"] })] },
    after: {},
  },
  {
    title: "everything else, where an authoritative identifier agrees",
    before: { identifiers: [number("urn:national", "77-1")] },
    after: {
      names: [aName({ family: "Other", given: ["Someone"] })],
      birthDate: day("1951-01-02"),
      identifiers: [number("urn:national", "771")],
    },
  },
  {
    title: "a missing birth date that becomes known, after a marriage",
    before: { birthDate: null },
    after: { names: [aName({ family: "Thistlewood" })] },
  },
];

/** Semantics, section 8: what must not. */
const stopped: readonly (Case & { readonly fields: readonly string[] })[] = [
  {
    title: "another person's registration",
    before: {},
    after: { names: [aName({ family: "Bracegirdle", given: ["Horatio"] })], birthDate: day("1951-11-02") },
    fields: ["given", "family", "birthDate"],
  },
  {
    title: "a mother's data on her baby",
    before: { names: [aName({ given: ["BABY GIRL"] })], birthDate: day("2026-01-01") },
    after: { names: [aName({ given: ["Wilma"] })], birthDate: day("1994-06-20") },
    fields: ["birthDate"],
  },
  {
    title: "a twin's data",
    before: { names: [aName({ given: ["Ottilie"] })], multipleBirth: true, birthOrder: 1 },
    after: { names: [aName({ given: ["Bruno"] })], multipleBirth: true, birthOrder: 2 },
    fields: ["given", "birthOrder"],
  },
  {
    title: "a twin's data, known by another national number only",
    before: { names: [aName({ given: ["Ottilie"] })], identifiers: [number(ssn, "536-90-4399")] },
    after: { names: [aName({ given: ["Bruno"] })], identifiers: [number(ssn, "536-90-4412")] },
    fields: ["given", "identifier"],
  },
  {
    title: "a reused MRN",
    before: { identifiers: [number(mrn, "1001")] },
    after: {
      names: [aName({ family: "Bracegirdle", given: ["Horatio"] })],
      birthDate: day("1951-11-02"),
      identifiers: [number(mrn, "1001")],
    },
    fields: ["given", "family", "birthDate"],
  },
];

describe("section 8: the overlay guard", () => {
  it.each(passing)("lets $title pass", ({ before, after }) => {
    expect(findOverlay(aStoredPatient(before), aPatient(after), domains)).toEqual([]);
  });

  it.each(stopped)("stops $title", ({ before, after, fields }) => {
    expect(findOverlay(aStoredPatient(before), aPatient(after), domains)).toEqual(fields);
  });
});
