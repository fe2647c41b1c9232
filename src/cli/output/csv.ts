import { cellText, type CellValue, type Column } from "./column.ts";
import { safeText } from "./safe-text.ts";

// What spreadsheets take for a formula (OWASP's list).
const formulaStart = /^[=+\-@\t\r]/;
const needsQuotes = /[",\r\n]|^\s|\s$/;

/**
 * One CSV field (RFC 4180). Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers
 * are ours and stay as they are. On a terminal control characters are made visible.
 */
export function csvField(value: CellValue, onTerminal = false): string {
  const raw = cellText(value);
  const text = onTerminal ? safeText(raw) : raw;
  if (typeof value === "number" || typeof value === "bigint") return text;
  const inert = formulaStart.test(raw) ? `'${text}` : text;
  return needsQuotes.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

export function csvHeader<Row>(columns: readonly Column<Row>[]): string {
  return columns.map((column) => csvField(column.key)).join(",");
}

export function csvRow<Row>(columns: readonly Column<Row>[], row: Row, onTerminal = false): string {
  return columns.map((column) => csvField(column.value(row), onTerminal)).join(",");
}
