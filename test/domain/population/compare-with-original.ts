import type { PatientColumns } from "../../../src/domain/population/columns.ts";
import type { PopulationRecord } from "../../../src/domain/population/record-generator.ts";

type Field =
  | "given"
  | "middle"
  | "family"
  | "suffix"
  | "birth_date"
  | "gender"
  | "ssn"
  | "phone"
  | "email"
  | "address"
  | "city"
  | "postal_code";

/** Fields that an error touches beside the one that it is named after. */
const ALSO: Readonly<Record<string, readonly Field[]>> = {
  "given:swapped_with_middle": ["middle"],
  "given:swapped_with_family": ["family"],
  "family:suffix_inside": ["suffix"],
  "address:moved": ["city", "postal_code"],
  "address:missing": ["city", "postal_code"],
  "address:overlay": ["city", "postal_code"],
};

/** Differences of writing only; they need not show once case, accents and punctuation are set aside. */
const OF_WRITING = new Set(["abbreviation", "format", "part_joining", "initial"]);

const PLACEHOLDER_NUMBERS = new Set([
  "999999999",
  "000000000",
  "123456789",
  "111111111",
  "5555555555",
  "0000000000",
  "9999999999",
  "1111111111",
]);

const STREET_WORDS: Readonly<Record<string, string>> = {
  STREET: "ST",
  AVENUE: "AVE",
  ROAD: "RD",
  DRIVE: "DR",
  LANE: "LN",
  COURT: "CT",
  PLACE: "PL",
  CIRCLE: "CIR",
  BOULEVARD: "BLVD",
  TERRACE: "TER",
  TRAIL: "TRL",
  PARKWAY: "PKWY",
  HIGHWAY: "HWY",
  SQUARE: "SQ",
  NORTH: "N",
  SOUTH: "S",
  EAST: "E",
  WEST: "W",
  NORTHEAST: "NE",
  SOUTHWEST: "SW",
};

const letters = (text: string) =>
  text
    .replace(/[Đđ]/g, "D")
    .replace(/[Øø]/g, "O")
    .normalize("NFD")
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "");

function number(text: string, length: number): string {
  const digits = text.replace(/\D/g, "").slice(-length);
  return PLACEHOLDER_NUMBERS.has(digits) ? "" : digits;
}

function email(text: string): string {
  return /^(none|unknown|noemail)@/.test(text) ? "" : text;
}

function address(columns: PatientColumns): string {
  const words = `${columns.address_line1} ${columns.address_line2}`
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .map((word) => STREET_WORDS[word] ?? word);
  return words.join("");
}

/** What is left of a record when the habits of its source are taken away; empty for unknown. */
function normalise(columns: PatientColumns): Readonly<Record<Field, string>> {
  return {
    given: letters(columns.given),
    middle: letters(columns.middle),
    family: letters(columns.family),
    suffix: columns.suffix.toUpperCase(),
    birth_date: columns.birth_date,
    gender: columns.gender,
    ssn: number(columns.ssn, 9),
    phone: number(columns.phone, 10),
    email: email(columns.email),
    address: address(columns),
    city: letters(columns.city),
    postal_code: columns.postal_code.slice(0, 5),
  };
}

export interface Comparison {
  /** Fields in which the two differ though no error names them. */
  readonly unexplained: readonly string[];
  /** Errors whose field is the same in both. */
  readonly invisible: readonly string[];
}

export function compareWithOriginal(original: PopulationRecord, other: PopulationRecord): Comparison {
  const [before, after] = [normalise(original.columns), normalise(other.columns)];
  const { errors } = other.truth;
  const touched = new Set(errors.flatMap((error) => [error.split(":")[0], ...(ALSO[error] ?? [])]));
  const differs = (field: Field) => {
    const [a, b] = [before[field], after[field]];
    if (a === "" || b === "") return false;
    // One source writes the initial where the other writes the name.
    if (field === "middle" && (a.length === 1 || b.length === 1)) return !a.startsWith(b) && !b.startsWith(a);
    return a !== b;
  };
  const fields = Object.keys(before) as Field[];
  const where = `${original.columns.source_id} and ${other.columns.source_id}`;
  return {
    unexplained: fields
      .filter((field) => differs(field) && !touched.has(field))
      .map((field) => `${field} of ${where}`),
    invisible: errors.filter((error) => {
      const [field, kind] = error.split(":") as [Field, string];
      const known = before[field] !== "" && after[field] !== "";
      const short = field === "middle" && (before.middle.length === 1 || after.middle.length === 1);
      return known && !short && !OF_WRITING.has(kind) && !differs(field);
    }),
  };
}
