import { checkPatientContent, type ContentProblem } from "../../patient/check-content.ts";
import { makePartialDate } from "../../patient/partial-date.ts";
import type { Gender, PartialDate, PatientContent, PatientName } from "../../patient/patient-record.ts";
import type { CsvMap, DateSource, FlagSource, TextSource } from "./csv-map.ts";
import { parseDate } from "./date-format.ts";

/** What a row says, or why it cannot be taken. */
export interface RowContent {
  readonly sourceId: string;
  /** The source's name where the file has a column for it. */
  readonly source: string | null;
  readonly receivedAt: string | null;
  readonly content: PatientContent;
  readonly problems: readonly ContentProblem[];
  /** Dates that were left out, because the map says so; fields only. */
  readonly omitted: readonly string[];
}

/** Reads rows of one file: made once a file, so that columns are looked up by place and not by name. */
export type RowReader = (fields: readonly string[]) => RowContent;

/** Words for yes and no where the map names none. */
const yes = new Set(["1", "y", "yes", "true", "t"]);
const no = new Set(["0", "n", "no", "false", "f"]);

/** Genders as they are usually written, where the map names none: HL7 table 0001 and FHIR's words. */
const usualGenders: Readonly<Record<string, Gender>> = {
  m: "male",
  male: "male",
  f: "female",
  female: "female",
  o: "other",
  other: "other",
  u: "unknown",
  unknown: "unknown",
};

/** Codes that a map need not name. */
export const isUsualGender = (value: string): boolean => Object.hasOwn(usualGenders, value.toLowerCase());
export const isYesOrNo = (value: string): boolean =>
  yes.has(value.toLowerCase()) || no.has(value.toLowerCase());

/** @param header the file's column names, trimmed. */
export function createRowReader(map: CsvMap, header: readonly string[]): RowReader {
  const places = new Map(header.map((name, place) => [name, place]));
  const empty = new Set(map.empty);
  const read = (fields: readonly string[], column: string): string | null => {
    const value = (fields[places.get(column)!] ?? "").trim();
    return value === "" || empty.has(value) ? null : value;
  };
  const text = (fields: readonly string[], source: TextSource | undefined): string | null => {
    if (source === undefined) return null;
    if (typeof source === "string") return read(fields, source);
    if (!Array.isArray(source)) return source.value;
    const parts = source.map((column) => read(fields, column)).filter((part) => part !== null);
    return parts.length === 0 ? null : parts.join(" ");
  };
  const list = (
    fields: readonly string[],
    source: string | readonly string[] | undefined,
  ): readonly string[] => {
    if (source === undefined) return [];
    return (typeof source === "string" ? [source] : source)
      .map((column) => read(fields, column))
      .filter((part) => part !== null);
  };

  return (fields) => {
    const problems: ContentProblem[] = [];
    const omitted: string[] = [];
    const problem = (field: string, reason: string) => problems.push({ field, reason });
    const badDate = (field: string, reason: string) => {
      if (map.invalidDates === "omit") omitted.push(field);
      else problem(field, reason);
    };

    const date = (field: string, source: DateSource | undefined): PartialDate | null => {
      if (source === undefined) return null;
      if (typeof source !== "string" && "year" in source) return dateOfParts(field, source);
      const [column, format] =
        typeof source === "string" ? [source, map.dateFormat] : [source.column, source.format];
      const value = read(fields, column);
      if (value === null) return null;
      const parsed = parseDate(value, format, map.centuryStart);
      if (parsed === undefined)
        badDate(field, `is not a date written ${typeof format === "string" ? format : format.join(" or ")}`);
      return parsed ?? null;
    };
    const dateOfParts = (
      field: string,
      source: { year: string; month?: string | undefined; day?: string | undefined },
    ) => {
      const [year, month, day] = [source.year, source.month, source.day].map((column) =>
        column === undefined ? null : read(fields, column),
      );
      if (year == null) return null;
      const number = (part: string | null | undefined) => (part == null ? undefined : Number(part));
      const parsed = makePartialDate(Number(year), number(month), month == null ? undefined : number(day));
      if (parsed === undefined) badDate(field, "is not a date of the calendar");
      return parsed ?? null;
    };
    const flag = (field: string, source: FlagSource | undefined): boolean | null => {
      if (source === undefined) return null;
      const value = read(fields, typeof source === "string" ? source : source.column);
      if (value === null) return null;
      const [trues, falses] =
        typeof source === "string" ? [yes, no] : [new Set(source.true), new Set(source.false)];
      const compared = typeof source === "string" ? value.toLowerCase() : value;
      if (trues.has(compared)) return true;
      if (falses.has(compared)) return false;
      problem(field, "is neither yes nor no");
      return null;
    };
    const gender = (): Gender | null => {
      if (map.gender === undefined) return null;
      const value = read(fields, typeof map.gender === "string" ? map.gender : map.gender.column);
      if (value === null) return null;
      const found =
        typeof map.gender === "string" ? usualGenders[value.toLowerCase()] : map.gender.values[value];
      if (found === undefined) problem("gender", "is none of the codes the map knows");
      return found ?? null;
    };
    const birthOrder = (): number | null => {
      const value = map.birthOrder === undefined ? null : read(fields, map.birthOrder);
      return value === null ? null : Number(value);
    };

    const sourceId = read(fields, map.sourceId);
    if (sourceId === null) problem("sourceId", "is empty, so that the record could not be found again");
    else if (sourceId.length > 255) problem("sourceId", "is longer than 255 characters");
    const names = map.names.flatMap((source): PatientName[] => {
      const name = {
        family: text(fields, source.family),
        given: list(fields, source.given),
        prefix: list(fields, source.prefix),
        suffix: list(fields, source.suffix),
        use: source.use ?? null,
        isPrimary: false,
      };
      return name.family === null && name.given.length === 0 ? [] : [name];
    });
    const deceasedAt = date("deceasedAt", map.deceasedAt);
    const content: PatientContent = {
      gender: gender(),
      birthDate: date("birthDate", map.birthDate),
      deceased: flag("deceased", map.deceased) ?? deceasedAt !== null,
      deceasedAt: deceasedAt?.date ?? null,
      maritalStatus: text(fields, map.maritalStatus),
      multipleBirth: flag("multipleBirth", map.multipleBirth),
      birthOrder: birthOrder(),
      motherName: text(fields, map.motherName),
      motherIdentifier: text(fields, map.motherIdentifier),
      managingOrganizationId: null,
      names: names.map((name, index) => ({ ...name, isPrimary: index === 0 })),
      identifiers: identifiersOf(
        map,
        (column) => read(fields, column),
        (source) => text(fields, source),
      ),
      addresses: map.addresses.flatMap((source, index) => {
        const address = {
          line1: text(fields, source.line1),
          line2: text(fields, source.line2),
          city: text(fields, source.city),
          state: text(fields, source.state),
          postalCode: text(fields, source.postalCode),
          country: text(fields, source.country),
        };
        const { country, ...place } = address;
        // The same country in every row, alone, is no address.
        const isBlank =
          Object.values(place).every((value) => value === null) &&
          (country === null || typeof source.country === "object");
        return isBlank ? [] : [{ ...address, use: source.use ?? null, isPrimary: index === 0 }];
      }),
      contacts: map.contacts.flatMap((source) => {
        const value = read(fields, source.value);
        return value === null
          ? []
          : [{ system: source.system, value, use: source.use ?? null, isPrimary: false }];
      }),
    };
    return {
      sourceId: sourceId ?? "",
      source: map.source === undefined ? null : read(fields, map.source),
      receivedAt: date("receivedAt", map.receivedAt)?.date ?? null,
      content,
      problems: [...problems, ...checkPatientContent(content)],
      omitted,
    };
  };
}

/** A value that two columns hold in one system is one identifier. */
function identifiersOf(
  map: CsvMap,
  read: (column: string) => string | null,
  text: (source: TextSource | undefined) => string | null,
): PatientContent["identifiers"] {
  const seen = new Set<string>();
  return map.identifiers.flatMap((source) => {
    const value = read(source.value);
    const system = typeof source.system === "string" ? source.system : systemFrom(source.system, read);
    if (value === null || system === null || seen.has(`${system}\n${value}`)) return [];
    seen.add(`${system}\n${value}`);
    return [{ type: source.type, system, value, assigner: text(source.assigner), use: source.use ?? null }];
  });
}

function systemFrom(
  source: { readonly column: string; readonly prefix: string },
  read: (column: string) => string | null,
): string | null {
  const value = read(source.column);
  return value === null ? null : `${source.prefix}${value}`;
}
