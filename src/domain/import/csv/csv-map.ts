import { z } from "zod";
import { MpiError } from "../../../lib/errors.ts";
import {
  addressUses,
  contactSystems,
  contactUses,
  genders,
  identifierUses,
  nameUses,
} from "../../patient/patient-record.ts";
import { dateFormats, usualCenturyStart } from "./date-format.ts";

const column = z.string().min(1);
/** One column, several whose values are joined by a space, or the same text for every row. */
const text = z.union([column, z.array(column).min(1), z.strictObject({ value: z.string().min(1) })]);
const columns = z.union([column, z.array(column).min(1)]);

/** One format, or several that can be told apart by their looks; the first that fits is meant. */
const dateFormat = z.union([z.enum(dateFormats), z.array(z.enum(dateFormats)).min(1)]);

const dateSource = z.union([
  column,
  z.strictObject({ column, format: dateFormat }),
  z.strictObject({ year: column, month: column.optional(), day: column.optional() }),
]);

const codes = <Values extends readonly [string, ...string[]]>(values: Values) =>
  z.union([column, z.strictObject({ column, values: z.record(z.string(), z.enum(values)) })]);

const flag = z.union([
  column,
  z.strictObject({ column, true: z.array(z.string()).min(1), false: z.array(z.string()).default([]) }),
]);

const mapSchema = z.strictObject({
  $schema: z.string().optional(),
  /** What the layout is called; for people. */
  description: z.string().optional(),
  delimiter: z.string().length(1).default(","),
  encoding: z.enum(["utf-8", "latin1"]).default("utf-8"),
  /** Values that mean "nothing"; compared after trimming. The empty string always does. */
  empty: z.array(z.string()).default([]),
  /** The format of every date that does not name its own. */
  dateFormat: dateFormat.default("YYYY-MM-DD"),
  /** The first year of the hundred that a year of two digits stands for. */
  centuryStart: z.number().int().min(1800).max(2100).default(usualCenturyStart),
  /**
   * What to do with a date that its format or the calendar does not know: reject the row, or leave the date out
   * and count it.
   */
  invalidDates: z.enum(["reject", "omit"]).default("reject"),
  /** The column with the source's own id of the record. */
  sourceId: column,
  /** A column with the source's name, where one file holds several; else `--source`. */
  source: column.optional(),
  receivedAt: dateSource.optional(),
  names: z
    .array(
      z.strictObject({
        use: z.enum(nameUses).optional(),
        family: text.optional(),
        given: columns.optional(),
        prefix: columns.optional(),
        suffix: columns.optional(),
      }),
    )
    .default([]),
  birthDate: dateSource.optional(),
  gender: codes(genders).optional(),
  deceased: flag.optional(),
  deceasedAt: dateSource.optional(),
  maritalStatus: text.optional(),
  multipleBirth: flag.optional(),
  birthOrder: column.optional(),
  motherName: text.optional(),
  motherIdentifier: text.optional(),
  identifiers: z
    .array(
      z.strictObject({
        type: z.string().min(1).max(50),
        /** The assigning authority's URI; or from a column, behind a prefix. */
        system: z.union([
          z.string().min(1).max(255),
          z.strictObject({ column, prefix: z.string().default("") }),
        ]),
        value: column,
        assigner: text.optional(),
        use: z.enum(identifierUses).optional(),
      }),
    )
    .default([]),
  addresses: z
    .array(
      z.strictObject({
        use: z.enum(addressUses).optional(),
        line1: text.optional(),
        line2: text.optional(),
        city: text.optional(),
        state: text.optional(),
        postalCode: text.optional(),
        country: text.optional(),
      }),
    )
    .default([]),
  contacts: z
    .array(
      z.strictObject({ system: z.enum(contactSystems), use: z.enum(contactUses).optional(), value: column }),
    )
    .default([]),
  /** Columns that are left out on purpose: they are not reported as unused. */
  ignore: z.array(column).default([]),
});

/** Which column of a file feeds which field; see docs/import.md. */
export type CsvMap = Readonly<z.infer<typeof mapSchema>>;
export type TextSource = z.infer<typeof text>;
export type DateSource = z.infer<typeof dateSource>;
export type FlagSource = z.infer<typeof flag>;

/** @throws {MpiError} `usage`, with every mistake and where it stands. */
export function parseCsvMap(json: string, fileName: string): CsvMap {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new MpiError("usage", `The map ${fileName} is not JSON: ${(error as Error).message}.`);
  }
  const parsed = mapSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(
    (issue) => `${issue.path.join(".") || "the map"}: ${issue.message}`,
  );
  throw new MpiError("usage", `The map ${fileName} is not right: ${mistakes.join("; ")}.`, {
    hint: '"mpi import csv FILE --suggest" proposes a map.',
  });
}

/** The map's JSON Schema, for editors. */
export const csvMapJsonSchema = () => z.toJSONSchema(mapSchema, { io: "input" });

const columnsOfText = (source: TextSource | undefined): readonly string[] =>
  source === undefined ? [] : typeof source === "string" ? [source] : Array.isArray(source) ? source : [];

const columnsOfDate = (source: DateSource | undefined): readonly string[] =>
  source === undefined
    ? []
    : typeof source === "string"
      ? [source]
      : "column" in source
        ? [source.column]
        : [source.year, source.month, source.day].filter((each) => each !== undefined);

const columnOf = (source: string | { readonly column: string } | undefined): readonly string[] =>
  source === undefined ? [] : [typeof source === "string" ? source : source.column];

/** Every column that the map reads. */
export function listMappedColumns(map: CsvMap): readonly string[] {
  return [
    ...new Set([
      map.sourceId,
      ...columnOf(map.source),
      ...columnsOfDate(map.receivedAt),
      ...columnsOfDate(map.birthDate),
      ...columnsOfDate(map.deceasedAt),
      ...columnOf(map.gender),
      ...columnOf(map.deceased),
      ...columnOf(map.multipleBirth),
      ...columnOf(map.birthOrder),
      ...columnsOfText(map.maritalStatus),
      ...columnsOfText(map.motherName),
      ...columnsOfText(map.motherIdentifier),
      ...map.names.flatMap((name) =>
        [name.family, name.given, name.prefix, name.suffix].flatMap(columnsOfText),
      ),
      ...map.identifiers.flatMap((each) => [
        each.value,
        ...columnsOfText(each.assigner),
        ...(typeof each.system === "string" ? [] : [each.system.column]),
      ]),
      ...map.addresses.flatMap((each) =>
        [each.line1, each.line2, each.city, each.state, each.postalCode, each.country].flatMap(columnsOfText),
      ),
      ...map.contacts.map((each) => each.value),
    ]),
  ];
}
