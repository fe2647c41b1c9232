import { describe, expect, it } from "vitest";
import { IdentifierReader } from "../../../../src/domain/import/hl7/assigning-authority.ts";
import { readDate, readMoment } from "../../../../src/domain/import/hl7/data-types.ts";
import { findDecoder } from "../../../../src/domain/import/hl7/hl7-text.ts";
import { readEntry } from "../../../../src/domain/import/hl7/message-entry.ts";
import type { PatientContent } from "../../../../src/domain/patient/patient-record.ts";
import { adt, pid } from "../../../support/adt.ts";

const domain = {
  id: "1",
  code: "EPI",
  system: "urn:oid:1.2.3.4",
  name: "Enterprise number",
  assigningAuthority: "EPIC",
  isUnique: true,
  isAuthoritative: false,
  isSingleValued: true,
  checkDigit: "none",
  pattern: null,
  organizationId: null,
  version: 1,
} as const;

const rules = {
  identity: { source: undefined, authority: undefined },
  reader: new IdentifierReader(new Map([["LAB", "urn:lab"]]), [domain]),
  decode: findDecoder("UNICODE UTF-8")!,
  strict: false,
};
const read = (text: string, more: Partial<typeof rules> & { identity?: object } = {}) =>
  readEntry(
    { line: 7, raw: text, segments: Buffer.from(text).toString("latin1").split("\r").filter(Boolean) },
    { ...rules, ...more },
  );
const contentOf = (text: string): PatientContent => {
  const { entry } = read(text);
  if (!("content" in entry)) throw new Error(JSON.stringify(entry));
  return entry.content;
};

describe("what an ADT message says of a patient", () => {
  it("keeps names, birth, sex, identifiers, addresses, contacts, death, multiple birth and mother", () => {
    const segment = [
      "PID|1|X9|17^^^HOSP^MR~880^^^EPIC^PI~5^^^LAB^MR~33^^^HOSP^AN~219-09-9999^^^USSSA^SS",
      "|A4|Quillfeather&van&Quill^Wilma^Ada Maria^Jr^Dr^MD^L~Thistlewood^^^^^^M|Ashgrove^Hedwig",
      "|19800315083000|F|Willa^^^^^^A|2106-3",
      "|12 Elm Street^Apt 4^Springfield^IL^62701^USA^H~Box 9^^Springfield^IL^62702^^M~^^Vienna^^^AUT^N",
      "|SG|(217)555-0100^PRN^PH~^NET^Internet^wilma@example.org~^PRN^CP^^1^217^5550101|217-555-0199^WPN^PH",
      "|en|M^Married^HL70002|CAT|A77|219-09-9999||44^^^HOSP^MR||Chicago|Y|2||||20250301101500-0600|Y",
    ].join("");
    expect(contentOf(adt("A08", [segment]))).toEqual({
      gender: "female",
      birthDate: { date: "1980-03-15", precision: "day" },
      deceased: true,
      deceasedAt: "2025-03-01T10:15:00-06:00",
      maritalStatus: "M",
      multipleBirth: true,
      birthOrder: 2,
      motherName: "Hedwig Ashgrove",
      motherIdentifier: "44",
      managingOrganizationId: null,
      names: [
        {
          family: "Quillfeather",
          given: ["Wilma", "Ada Maria"],
          prefix: ["Dr"],
          suffix: ["Jr"],
          use: "official",
          isPrimary: true,
        },
        { family: "Thistlewood", given: [], prefix: [], suffix: [], use: "maiden", isPrimary: false },
        { family: "Willa", given: [], prefix: [], suffix: [], use: "nickname", isPrimary: false },
      ],
      identifiers: [
        { type: "MRN", system: "urn:mpi:hl7:HOSP", value: "17", assigner: "HOSP", use: null },
        { type: "EPI", system: "urn:oid:1.2.3.4", value: "880", assigner: "EPIC", use: null },
        { type: "MRN", system: "urn:lab", value: "5", assigner: "LAB", use: null },
        {
          type: "SSN",
          system: "http://hl7.org/fhir/sid/us-ssn",
          value: "219-09-9999",
          assigner: "USSSA",
          use: null,
        },
      ],
      addresses: [
        {
          line1: "12 Elm Street",
          line2: "Apt 4",
          city: "Springfield",
          state: "IL",
          postalCode: "62701",
          country: "USA",
          use: "home",
          isPrimary: true,
        },
        {
          line1: "Box 9",
          line2: null,
          city: "Springfield",
          state: "IL",
          postalCode: "62702",
          country: null,
          use: null,
          isPrimary: false,
        },
      ],
      contacts: [
        { system: "phone", value: "(217)555-0100", use: "home", isPrimary: false },
        { system: "email", value: "wilma@example.org", use: null, isPrimary: false },
        { system: "phone", value: "+1 217 5550101", use: "mobile", isPrimary: false },
        { system: "phone", value: "217-555-0199", use: "work", isPrimary: false },
      ],
    });
    expect([...read(adt("A08", [segment, "PD1||||77", "PV1|1|I"])).unkept].sort()).toEqual([
      "PD1-4",
      "PID-10",
      "PID-12",
      "PID-15",
      "PID-17",
      "PID-18",
      "PID-2",
      "PID-23",
      "PID-3(AN)",
      "PID-4",
      "PID-5.6",
      "PV1",
    ]);
  });

  it("takes the mother of a newborn from the next of kin, and names the other relatives", () => {
    const mother = "NK1|1|Ashgrove^Hedwig|MTH^Mother^HL70063|||||||||||||||||||||||||||||| 44^^^HOSP^MR";
    const content = read(
      adt("A28", [pid("9", "Ashgrove^BABY BOY", "20260228"), mother, "NK1|2|Ashgrove^Otto|FTH"]),
    );
    expect("content" in content.entry && content.entry.content).toMatchObject({
      motherName: "Hedwig Ashgrove",
      motherIdentifier: "44",
    });
    expect(content.unkept).toEqual(["NK1"]);
  });

  it("does not take an explicit null for a value, nor deletes anything by it", () => {
    const { entry, unkept } = read(adt("A08", [pid("9", '""', "19800315", '||""')]));
    expect("content" in entry && entry.content).toMatchObject({ names: [], addresses: [] });
    expect([...unkept].sort()).toEqual(['PID-11("")', 'PID-5("")']);
  });

  it("names codes that it does not know instead of guessing", () => {
    const { entry, unkept } = read(adt("A08", [pid("9").replace("|F|", "|W|")]));
    expect("content" in entry && entry.content.gender).toBeNull();
    expect(unkept).toEqual(["PID-8(code)"]);
  });
});

describe("whose record a message is about", () => {
  const identify = (field: string, facility = "HOSP", identity: object = {}) => {
    const { entry } = read(adt("A08", [`PID|1||${field}||Quillfeather^Wilma`], { facility }), {
      identity: { source: undefined, authority: undefined, ...identity },
    });
    return "reason" in entry
      ? entry.reason
      : "sourceId" in entry
        ? [entry.sourceSystem, entry.sourceId]
        : entry;
  };
  it.each([
    ["the sender's own number", "5^^^LAB^MR~17^^^HOSP^MR", ["HOSP", "17"]],
    [
      "the first patient number where none is the sender's",
      "219^^^USSSA^SS~5^^^LAB^MR~6^^^RAD^MR",
      ["LAB", "5"],
    ],
    ["a number that nobody is said to have assigned, as the sender's", "17", ["HOSP", "17"]],
    ["an authority that has a universal id only", "17^^^&1.2.3&ISO^PI", ["1.2.3", "17"]],
  ])("is %s", (_, field, identity) => {
    expect(identify(field)).toEqual(identity);
  });

  it("follows --source and --authority", () => {
    expect(identify("5^^^LAB^MR~17^^^HOSP^MR", "HOSP", { authority: "LAB" })).toEqual(["LAB", "5"]);
    expect(identify("5^^^LAB^MR~17^^^HOSP^MR", "HOSP", { source: "east" })).toEqual(["east", "17"]);
    expect(identify("17^^^HOSP^MR", "HOSP", { authority: "LAB" })).toBe(
      "PID-3 has no identifier of the authority that names the records",
    );
  });

  it("is not told without an identifier, or without anybody who assigned it", () => {
    expect(identify("")).toBe("PID-3 has no identifier, so that the record could not be found again");
    expect(identify("17", "")).toBe(
      "neither PID-3 nor MSH-4 says who assigned the identifier; give it with --source",
    );
  });
});

describe("what a message is rejected for", () => {
  it.each([
    [
      "a date that is not in the calendar",
      adt("A08", [pid("9", "A^B", "19800230")]),
      "PID-7 is not a date written YYYYMMDD",
    ],
    ["no PID", adt("A08", ["PV1|1"]), "has no PID"],
    ["a merge without MRG", adt("A40", [pid("9")]), "has no MRG, so that nothing says what was merged"],
    ["a link of one patient", adt("A24", [pid("9")]), "has 1 PID where a link has two"],
    [
      "a birth order that is no number",
      adt("A08", [`${pid("9")}${"|".repeat(16)}two`]),
      "birthOrder is not a whole number from 1 to 20",
    ],
  ])("%s", (_, text, reason) => {
    expect(read(text).entry).toEqual({ line: 7, raw: text, reason });
  });

  it("is what has no column here, where that is asked for", () => {
    const text = adt("A08", [pid("9"), "PV1|1"]);
    expect(read(text, { strict: true }).entry).toMatchObject({ reason: "says what has no column here: PV1" });
    expect(read(adt("A03", [pid("9")]), { strict: true }).entry).toMatchObject({
      reason: "is ADT^A03, which is not imported",
    });
    expect(read(adt("A03", [pid("9")]))).toEqual({
      entry: { line: 7, settled: "skipped" },
      unkept: ["ADT^A03 (whole message)"],
    });
  });
});

describe("time stamps", () => {
  it.each([
    ["1980", "1980-01-01", "year"],
    ["198003", "1980-03-01", "month"],
    ["19800315", "1980-03-15", "day"],
    ["198003151230", "1980-03-15", "day"],
    ["19800315123045.1234+0100", "1980-03-15", "day"],
  ])("%s is %s to the %s", (text, date, precision) => {
    expect(readDate(text)).toEqual({ date, precision });
  });
  it.each(["19800230", "03/15/1980", "1980-03-15", "1980031", "x"])("%s is none", (text) => {
    expect(readDate(text)).toBeUndefined();
  });
  it("keep their time only with a zone", () => {
    expect(readMoment("20250301101500-0600")).toBe("2025-03-01T10:15:00-06:00");
    expect(readMoment("20250301101500")).toBe("2025-03-01");
  });
});
