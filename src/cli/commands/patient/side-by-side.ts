import type { ChildTable } from "../../../domain/merge/plan-rows.ts";
import { rowKey } from "../../../domain/merge/row-key.ts";
import {
  isSameValue,
  readRecordField,
  scalarFields,
  type FieldValue,
  type ScalarField,
} from "../../../domain/merge/survivorship.ts";
import { formatPartialDate } from "../../../domain/patient/partial-date.ts";
import type {
  BirthDatePrecision,
  PatientAddress,
  PatientContact,
  PatientIdentifier,
  PatientName,
  PatientRecord,
} from "../../../domain/patient/patient-record.ts";
import type { Column } from "../../output/column.ts";
import { boxedTable, PlainTable } from "../../output/table.ts";
import type { Style } from "../../output/style.ts";
import { formatAddress, formatName } from "./patient-text.ts";

/** One line of two records beside each other. */
export interface SideLine {
  readonly item: string;
  readonly a: string;
  readonly b: string;
  readonly differs: boolean;
  /** What is so afterwards, and why; empty where nothing is about to change. */
  readonly after: string;
  readonly why: string;
  /** The rows behind the line, where it is about rows. */
  readonly aRow?: string | undefined;
  readonly bRow?: string | undefined;
  /** Whose numbers an identifier is one of: two of different systems say nothing about each other. */
  readonly system?: string | undefined;
}

export const fieldLabels: Readonly<Record<ScalarField, string>> = {
  gender: "gender",
  birthDate: "birth date",
  maritalStatus: "marital status",
  deceased: "deceased",
  multipleBirth: "multiple birth",
  birthOrder: "birth order",
  motherName: "mother",
  motherIdentifier: "mother's number",
  managingOrganization: "organization",
};

const yesNo = (value: unknown) => (value === true ? "yes" : value === false ? "no" : "");

const plain = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";

/** A single value for eyes; nothing where it says nothing. */
export function formatField(field: ScalarField, value: FieldValue): string {
  switch (field) {
    case "birthDate":
      return value.birthDate == null
        ? ""
        : formatPartialDate({
            date: value.birthDate,
            // A CHECK constraint keeps the column to the precisions there are.
            precision: (value.birthDatePrecision ?? "day") as BirthDatePrecision,
          });
    case "deceased":
      return value.deceasedDatetime ?? (value.deceased === true ? "yes" : "");
    case "multipleBirth":
      return yesNo(value.multipleBirth);
    default:
      return plain(Object.values(value)[0]);
  }
}

/** A row of a child table for eyes, with its use. */
export function formatRow(table: ChildTable, row: unknown): string {
  // The domain calls it use, the database useType.
  const { use, useType } = row as { readonly use?: string | null; readonly useType?: string | null };
  const text = rowText(table, row);
  return (use ?? useType ?? null) === null ? text : `${text} (${(use ?? useType)!})`;
}

function rowText(table: ChildTable, row: unknown): string {
  // The table says which kind of row it is.
  switch (table) {
    case "names":
      return formatName(row as PatientName);
    case "identifiers":
      return (row as PatientIdentifier).value;
    case "addresses":
      return formatAddress(row as PatientAddress);
    default:
      return (row as PatientContact).value;
  }
}

const rowLabel = (table: ChildTable, row: unknown): string =>
  table === "names"
    ? "name"
    : table === "addresses"
      ? "address"
      : table === "identifiers"
        ? (row as PatientIdentifier).type
        : (row as PatientContact).system;

/**
 * Two records field by field. Equal rows share a line.
 *
 * @param unequal rows of one kind that are not equal stand beside each other, to be compared by eye, or alone, where
 *   each has a fate of its own.
 */
export function compareRecords(
  a: PatientRecord,
  b: PatientRecord,
  unequal: "beside" | "alone",
): readonly SideLine[] {
  const fields = scalarFields.flatMap((field): readonly SideLine[] => {
    const [one, other] = [readRecordField(a, field), readRecordField(b, field)];
    const line = {
      item: fieldLabels[field],
      a: formatField(field, one),
      b: formatField(field, other),
      differs: !isSameValue(field, one, other),
      after: "",
      why: "",
    };
    return line.a === "" && line.b === "" ? [] : [line];
  });
  const tables: readonly ChildTable[] = ["names", "identifiers", "addresses", "contacts"];
  return [
    ...fields,
    ...tables.flatMap((table) => {
      const lines = compareRows(table, a[table], b[table]);
      return unequal === "alone" ? lines : besideEachOther(lines);
    }),
  ];
}

type StoredRow = Parameters<typeof rowKey>[1] & { readonly id: string };

function compareRows(
  table: ChildTable,
  a: readonly StoredRow[],
  b: readonly StoredRow[],
): readonly SideLine[] {
  const inB = new Map(b.map((row) => [rowKey(table, row), row]));
  const matched = new Set<string>();
  const withA = a.map((row): SideLine => {
    const other = inB.get(rowKey(table, row));
    if (other !== undefined) matched.add(other.id);
    return {
      item: rowLabel(table, row),
      a: formatRow(table, row),
      b: other === undefined ? "" : formatRow(table, other),
      differs: other === undefined,
      after: "",
      why: "",
      aRow: row.id,
      bRow: other?.id,
      system: systemOf(table, row),
    };
  });
  const onlyB = b
    .filter((row) => !matched.has(row.id))
    .map((row): SideLine => ({
      item: rowLabel(table, row),
      a: "",
      b: formatRow(table, row),
      differs: true,
      after: "",
      why: "",
      bRow: row.id,
      system: systemOf(table, row),
    }));
  return [...withA, ...onlyB];
}

const systemOf = (table: ChildTable, row: unknown): string | undefined =>
  table === "identifiers" ? (row as PatientIdentifier).system : undefined;

/** Gives each line that only A fills a partner of the same kind that only B fills, while there are any. */
function besideEachOther(lines: readonly SideLine[]): readonly SideLine[] {
  const onlyB = lines.filter((line) => line.aRow === undefined);
  const taken = new Set<SideLine>();
  const withA = lines
    .filter((line) => line.aRow !== undefined)
    .map((line) => {
      if (line.bRow !== undefined) return line;
      const free = onlyB.filter((other) => other.item === line.item && !taken.has(other));
      const partner = free.find((other) => other.system === line.system) ?? free[0];
      if (partner === undefined) return line;
      taken.add(partner);
      const differs = partner.system === line.system;
      return { ...line, b: partner.b, bRow: partner.bRow, differs };
    });
  return [...withA, ...onlyB.filter((line) => !taken.has(line))];
}

/** Columns of a comparison; `after` and `why` only where something is about to change. */
export function sideColumns(
  titles: { readonly a: string; readonly b: string },
  shows: "comparison" | "change",
): readonly Column<SideLine>[] {
  return [
    { key: "item", header: "Field", value: (line) => line.item },
    { key: "a", header: titles.a, value: (line) => line.a },
    {
      key: "differs",
      header: "",
      value: (line) => line.differs,
      text: (line) => (line.differs ? "*" : ""),
    },
    { key: "b", header: titles.b, value: (line) => line.b },
    ...(shows === "comparison"
      ? []
      : ([
          { key: "after", header: "Afterwards", value: (line) => line.after },
          { key: "why", header: "Why", value: (line) => line.why },
        ] satisfies readonly Column<SideLine>[])),
  ];
}

/** The lines as a table: with borders on a terminal, plain elsewhere. */
export async function renderLines(
  columns: readonly Column<SideLine>[],
  lines: readonly SideLine[],
  options: { readonly isTerminal: boolean; readonly width: number; readonly style: Style },
): Promise<string> {
  if (options.isTerminal) return boxedTable(columns, lines, options);
  const table = new PlainTable(columns, lines);
  return [table.header(), ...lines.map((line) => table.row(line))].join("\n");
}
