import type {
  MatchAddress,
  MatchContact,
  MatchIdentifier,
  MatchName,
  MatchRecord,
} from "../../src/matching/record.ts";
import { fc } from "./properties.ts";

/** An invented record as matching sees it; override what the test is about. */
export const aMatchRecord = (overrides: Partial<MatchRecord> = {}): MatchRecord => ({
  id: "00000000-0000-4000-8000-000000000001",
  sourceSystem: null,
  gender: null,
  birthDate: null,
  birthDatePrecision: "day",
  multipleBirth: null,
  birthOrder: null,
  motherName: null,
  motherIdentifier: null,
  receivedOn: "2026-01-01",
  names: [],
  identifiers: [],
  addresses: [],
  contacts: [],
  ...overrides,
});

export const aName = (
  given: string | null,
  family: string | null,
  rest: Partial<MatchName> = {},
): MatchName => ({
  family,
  given: given === null ? [] : given.split(" "),
  prefix: [],
  suffix: [],
  current: true,
  ...rest,
});

export const anAddress = (
  line1: string,
  city: string,
  postalCode: string,
  rest: Partial<MatchAddress> = {},
): MatchAddress => ({
  line1,
  line2: null,
  city,
  state: null,
  postalCode,
  country: null,
  current: true,
  ...rest,
});

export const anIdentifier = (
  type: string,
  value: string,
  rest: Partial<MatchIdentifier> = {},
): MatchIdentifier => ({
  type,
  system: `urn:test:${type.toLowerCase()}`,
  value,
  current: true,
  authoritative: false,
  unique: true,
  ...rest,
});

export const aPhone = (value: string, current = true): MatchContact => ({ system: "phone", value, current });
export const anEmail = (value: string, current = true): MatchContact => ({ system: "email", value, current });

/** A person of whom much is known; a duplicate of it differs in what is overridden. */
export const aKnownPerson = (overrides: Partial<MatchRecord> = {}): MatchRecord =>
  aMatchRecord({
    gender: "female",
    birthDate: "1961-07-23",
    names: [aName("Philippa", "Quillfeather")],
    identifiers: [anIdentifier("SSN", "536-22-8726")],
    addresses: [anAddress("17 Thistlewick Lane", "Ambleford", "04417")],
    contacts: [aPhone("(207) 867-2291"), anEmail("p.quillfeather@ambleford.example")],
    ...overrides,
  });

const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const few = <T>(value: fc.Arbitrary<T>, most = 2) => fc.array(value, { maxLength: most });
const isCurrent = fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false));

const someName: fc.Arbitrary<MatchName> = fc.record({
  family: oneOf(
    "Quillfeather",
    "Quilfeather",
    "Garcia-Lopez",
    "Lopez Garcia",
    "Lopez",
    "Smith",
    "Smyth",
    "van der Berg",
    "UNKNOWN",
    "李",
    null,
  ),
  given: oneOf(
    ["Philippa"],
    ["Pippa"],
    ["William", "Henry"],
    ["Bill"],
    ["Henry"],
    ["W"],
    ["Smith"],
    ["BABY BOY"],
    ["José"],
    ["Jose"],
    [],
  ),
  prefix: fc.constant([]),
  suffix: oneOf([], [], ["Jr"], ["Sr"]),
  current: isCurrent,
});

const someAddress: fc.Arbitrary<MatchAddress> = fc.record({
  line1: oneOf(
    "17 Thistlewick Lane",
    "17 Thistlewick Ln",
    "71 Thistlewick Lane",
    "4 Elm St",
    "General Delivery",
    null,
  ),
  line2: oneOf(null, null, "Apt 4", "Apt 9"),
  city: oneOf("Ambleford", "Amblefort", "Corriedale", null),
  state: oneOf("ME", null),
  postalCode: oneOf("04417", "04471", "90210", null),
  country: fc.constant(null),
  current: isCurrent,
});

const someIdentifier: fc.Arbitrary<MatchIdentifier> = fc.record({
  type: oneOf("SSN", "MRN", "NHS"),
  system: oneOf("urn:test:a", "urn:test:b"),
  value: oneOf("536-22-8726", "536-22-8762", "536-22-8729", "000-00-0000", "A-100", "A-101"),
  current: isCurrent,
  authoritative: fc.boolean(),
  unique: fc.boolean(),
});

const someContact: fc.Arbitrary<MatchContact> = fc.record({
  system: oneOf("phone", "email", "fax"),
  value: oneOf(
    "207-867-2291",
    "(207) 867 2291",
    "867-2291",
    "207-867-2292",
    "555-555-5555",
    "pq@ambleford.example",
    "pq@corriedale.example",
  ),
  current: isCurrent,
});

/** Records of a small world, in which much agrees by chance, half agrees, is missing, former or a placeholder. */
export const someRecord: fc.Arbitrary<MatchRecord> = fc.record({
  id: fc.uuid(),
  sourceSystem: oneOf("east", "west", null),
  gender: oneOf("male", "female", "other", "unknown", null),
  birthDate: oneOf(
    "1961-07-23",
    "1961-07-24",
    "1961-12-03",
    "1961-03-12",
    "1961-01-01",
    "1987-07-23",
    "1900-01-01",
    null,
  ),
  birthDatePrecision: oneOf("day", "day", "month", "year"),
  multipleBirth: oneOf(true, false, null),
  birthOrder: oneOf(1, 2, null, null),
  motherName: oneOf("Ada Quillfeather", "Quillfeather, Ada", "Eve Smith", null),
  motherIdentifier: oneOf("M1", null),
  receivedOn: fc.constant("2026-01-01"),
  names: few(someName),
  identifiers: few(someIdentifier),
  addresses: few(someAddress),
  contacts: few(someContact, 3),
});

/** So many of them, none with another's id. */
export const someRecords = (least: number, most: number): fc.Arbitrary<MatchRecord[]> =>
  fc.uniqueArray(someRecord, { minLength: least, maxLength: most, selector: (record) => record.id });
