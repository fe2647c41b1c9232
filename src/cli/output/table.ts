import type CliTable from "cli-table3";
import { cellText, type Column } from "./column.ts";
import { safeText } from "./safe-text.ts";
import type { Style } from "./style.ts";
import { padText, textWidth, wrapText } from "./width.ts";

/** A cell as a table shows it: one line, nothing in it that a terminal would obey. */
export function tableText<Row>(column: Column<Row>, row: Row): string {
  return safeText(column.text === undefined ? cellText(column.value(row)) : column.text(row));
}

/**
 * Lines of plain, aligned columns: two blanks between them, nothing cut, no blanks at the end of a line. A cell
 * wider than its column pushes the rest of its line to the right.
 */
export class PlainTable<Row> {
  readonly #columns: readonly Column<Row>[];
  readonly #widths: readonly number[];

  /** @param sample the rows that the widths are taken from. */
  constructor(columns: readonly Column<Row>[], sample: readonly Row[]) {
    this.#columns = columns;
    this.#widths = columns.map((column) =>
      Math.max(textWidth(column.header), ...sample.map((row) => textWidth(tableText(column, row)))),
    );
  }

  header(): string {
    return this.#line(this.#columns.map((column) => column.header));
  }

  row(row: Row): string {
    return this.#line(this.#columns.map((column) => tableText(column, row)));
  }

  #line(cells: readonly string[]): string {
    return cells
      .map((cell, index) => padText(cell, this.#widths[index] ?? 0, this.#columns[index]?.align))
      .join("  ")
      .trimEnd();
  }
}

/** Widths that fit the terminal: the widest columns give way until all fit, none below eight cells. */
function fitWidths(natural: readonly number[], available: number): readonly number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - available;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= 8) break;
    widths[widest] = widths[widest]! - 1;
    excess -= 1;
  }
  return widths;
}

/** A table with borders for a terminal; cells too wide for it wrap. Not for more than 1,000 rows: quadratic. */
export async function boxedTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: { readonly width: number; readonly style: Style },
): Promise<string> {
  const { default: Table } = (await import("cli-table3")) as unknown as { default: typeof CliTable };
  const cells = rows.map((row) => columns.map((column) => tableText(column, row)));
  const natural = columns.map((column, index) =>
    Math.max(textWidth(column.header), ...cells.map((line) => textWidth(line[index] ?? ""))),
  );
  // Per column one border and two blanks, and one border at the end.
  const widths = fitWidths(natural, options.width - 3 * columns.length - 1);
  const table = new Table({
    head: columns.map((column, index) => options.style("bold", wrapText(column.header, widths[index]!))),
    colWidths: widths.map((width) => width + 2),
    colAligns: columns.map((column) => column.align ?? "left"),
    // Without the empty lists cli-table3 colours even what is piped.
    style: { head: [], border: [], compact: true },
  });
  table.push(...cells.map((line) => line.map((cell, index) => wrapText(cell, widths[index]!))));
  return table.toString();
}
