/** What a cell may hold. Dates are written as ISO 8601 in UTC, lists with "; " between their parts. */
export type CellValue = string | number | bigint | boolean | Date | null | undefined | readonly CellValue[];

/** One column of a list: its name for machines, its heading for eyes, and its value. */
export interface Column<Row> {
  /** Name in JSON and CSV, camelCase; stable and documented. */
  readonly key: string;
  /** Heading in tables. */
  readonly header: string;
  readonly value: (row: Row) => CellValue;
  /** Text for tables where it differs from the value, such as `97.3 %` for 0.973. */
  readonly text?: (row: Row) => string;
  readonly align?: "left" | "right";
  /** Leave the column out of tables; JSON and CSV have it all the same. */
  readonly machineOnly?: boolean;
}

/** A cell as plain text, before anything unsafe in it is neutralised. */
export function cellText(value: CellValue): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (isList(value)) return value.map(cellText).join("; ");
  return String(value);
}

/** A cell as JSON holds it: numbers stay numbers, an absent value is null. */
export function cellJson(value: CellValue): unknown {
  if (value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (isList(value)) return value.map(cellJson);
  return value;
}

// Array.isArray does not narrow readonly arrays.
const isList = (value: CellValue): value is readonly CellValue[] => Array.isArray(value);
