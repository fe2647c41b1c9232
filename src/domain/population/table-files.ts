import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";

// The same distance from src/domain/population and from dist/domain/population.
const DIRECTORY = new URL("../../../data/population/", import.meta.url);

/** Reads one of the generator's own CSV tables: rows by column name. */
export function readTable<Column extends string>(
  name: string,
  columns: readonly Column[],
): readonly Readonly<Record<Column, string>>[] {
  const rows: Record<Column, string>[] = parse(readFileSync(new URL(name, DIRECTORY)), { columns: true });
  const first = rows[0];
  if (first === undefined || columns.some((column) => !(column in first))) {
    throw new Error(`the table ${name} must have rows with the columns ${columns.join(", ")}`);
  }
  return rows;
}

/** Reads one of the generator's own JSON tables, checked by `parseTable`. */
export function readJsonTable<T>(name: string, parseTable: (content: unknown) => T): T {
  return parseTable(JSON.parse(readFileSync(new URL(name, DIRECTORY), "utf8")));
}
