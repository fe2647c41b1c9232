import { makePartialDate } from "../../patient/partial-date.ts";
import type { ContentProblem } from "../../patient/check-content.ts";
import type { Gender, PartialDate } from "../../patient/patient-record.ts";
import type { CsvMap, DateSource, FlagSource, TextSource } from "./csv-map.ts";
import { parseDate } from "./date-format.ts";

/** Words for yes and no where the map names none. */
const yes = new Set(["1", "y", "yes", "true", "t"]);
const no = new Set(["0", "n", "no", "false", "f"]);

/** Genders as they are usually written, where the map names none: HL7 table 0001 and FHIR's words. */
const usualGenders: ReadonlyMap<string, Gender> = new Map([
  ["m", "male"],
  ["male", "male"],
  ["f", "female"],
  ["female", "female"],
  ["o", "other"],
  ["other", "other"],
  ["u", "unknown"],
  ["unknown", "unknown"],
]);

/** Codes that a map need not name. */
export const isUsualGender = (value: string): boolean => usualGenders.has(value.toLowerCase());
export const isYesOrNo = (value: string): boolean =>
  yes.has(value.toLowerCase()) || no.has(value.toLowerCase());

/** What is noted on the way through one row. */
export interface Notes {
  readonly problems: ContentProblem[];
  readonly omitted: string[];
}

/** The values of one row, in the order of its columns. */
export type Fields = readonly string[];
type Reader<Value> = (fields: Fields, notes: Notes) => Value;

/** Reads a field that the map does not name. */
export const nothing = () => null;
const noList: readonly string[] = [];

/**
 * Readers of single fields, made once a file: what the map says is not looked at again for each row.
 *
 * @param header the file's column names, trimmed.
 */
export function createFieldReaders(map: CsvMap, header: readonly string[]) {
  const places = new Map(header.map((name, place) => [name, place]));
  const empty = new Set(map.empty);
  const column = (name: string) => {
    const place = places.get(name);
    if (place === undefined) return nothing;
    return (fields: Fields): string | null => {
      const value = (fields[place] ?? "").trim();
      return value === "" || empty.has(value) ? null : value;
    };
  };
  const list = (source: string | readonly string[] | undefined): ((fields: Fields) => readonly string[]) => {
    if (source === undefined) return () => noList;
    const columns = (typeof source === "string" ? [source] : source).map(column);
    return (fields) => {
      const parts: string[] = [];
      for (const read of columns) {
        const part = read(fields);
        if (part !== null) parts.push(part);
      }
      return parts;
    };
  };
  const text = (source: TextSource | undefined): ((fields: Fields) => string | null) => {
    if (source === undefined) return nothing;
    if (typeof source === "string") return column(source);
    if (!Array.isArray(source)) return () => source.value;
    const readParts = list(source);
    return (fields) => {
      const parts = readParts(fields);
      return parts.length === 0 ? null : parts.join(" ");
    };
  };

  const noteBadDate = ({ problems, omitted }: Notes, field: string, reason: string): null => {
    if (map.invalidDates === "omit") omitted.push(field);
    else problems.push({ field, reason });
    return null;
  };
  const date = (field: string, source: DateSource | undefined): Reader<PartialDate | null> => {
    if (source === undefined) return nothing;
    if (typeof source !== "string" && "year" in source) return dateOfParts(field, source);
    const [name, format] =
      typeof source === "string" ? [source, map.dateFormat] : [source.column, source.format];
    const read = column(name);
    const formats = typeof format === "string" ? format : format.join(" or ");
    return (fields, notes) => {
      const value = read(fields);
      if (value === null) return null;
      return (
        parseDate(value, format, map.centuryStart) ??
        noteBadDate(notes, field, `is not a date written ${formats}`)
      );
    };
  };
  const dateOfParts = (
    field: string,
    source: { year: string; month?: string | undefined; day?: string | undefined },
  ): Reader<PartialDate | null> => {
    const [readYear, readMonth, readDay] = [source.year, source.month, source.day].map((name) =>
      name === undefined ? nothing : column(name),
    );
    return (fields, notes) => {
      const [year, month, day] = [readYear!(fields), readMonth!(fields), readDay!(fields)];
      if (year === null) return null;
      const number = (part: string | null) => (part === null ? undefined : Number(part));
      return (
        makePartialDate(Number(year), number(month), month === null ? undefined : number(day)) ??
        noteBadDate(notes, field, "is not a date of the calendar")
      );
    };
  };
  const flag = (field: string, source: FlagSource | undefined): Reader<boolean | null> => {
    if (source === undefined) return nothing;
    const isNamed = typeof source !== "string";
    const read = column(isNamed ? source.column : source);
    const [trues, falses] = isNamed ? [new Set(source.true), new Set(source.false)] : [yes, no];
    return (fields, { problems }) => {
      const value = read(fields);
      if (value === null) return null;
      const compared = isNamed ? value : value.toLowerCase();
      if (trues.has(compared)) return true;
      if (!falses.has(compared)) problems.push({ field, reason: "is neither yes nor no" });
      return falses.has(compared) ? false : null;
    };
  };
  const gender = (source: CsvMap["gender"]): Reader<Gender | null> => {
    if (source === undefined) return nothing;
    const isNamed = typeof source !== "string";
    const read = column(isNamed ? source.column : source);
    const codes = isNamed ? new Map(Object.entries(source.values)) : usualGenders;
    return (fields, { problems }) => {
      const value = read(fields);
      if (value === null) return null;
      const found = codes.get(isNamed ? value : value.toLowerCase());
      if (found === undefined)
        problems.push({ field: "gender", reason: "is none of the codes the map knows" });
      return found ?? null;
    };
  };
  return { column, text, list, date, flag, gender };
}
