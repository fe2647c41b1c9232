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

/** A column narrower than this, and than what is in it, breaks words into pieces that nobody reads. */
const readableWidth = 12;

/**
 * Widths that fit the terminal: the widest columns give way until all fit. Undefined where one would have to become
 * narrower than can be read.
 */
function fitWidths(natural: readonly number[], available: number): readonly number[] | undefined {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - available;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= readableWidth) return undefined;
    widths[widest] = widths[widest]! - 1;
    excess -= 1;
  }
  return widths;
}

/**
 * A table with borders for a terminal; cells too wide for it wrap, and columns without anything in them are left out.
 * Where the columns do not fit beside each other, each row takes several lines without borders. Not for more than
 * 1,000 rows: quadratic.
 */
export async function boxedTable<Row>(
  allColumns: readonly Column<Row>[],
  rows: readonly Row[],
  options: { readonly width: number; readonly style: Style },
): Promise<string> {
  const columns = allColumns.filter((column) => rows.some((row) => tableText(column, row) !== ""));
  const cells = rows.map((row) => columns.map((column) => tableText(column, row)));
  const natural = columns.map((column, index) =>
    Math.max(textWidth(column.header), ...cells.map((line) => textWidth(line[index] ?? ""))),
  );
  // Per column one border and two blanks, and one border at the end.
  const widths = fitWidths(natural, options.width - 3 * columns.length - 1);
  if (widths === undefined) return stackedTable(columns, cells, natural, options);
  const { default: Table } = (await import("cli-table3")) as unknown as { default: typeof CliTable };
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

const indent = "    ";

/** Rows of several lines: as many columns on each as fit, aligned, the later lines indented. */
function stackedTable<Row>(
  columns: readonly Column<Row>[],
  cells: readonly (readonly string[])[],
  natural: readonly number[],
  { width, style }: { readonly width: number; readonly style: Style },
): string {
  const most = Math.max(readableWidth, width - indent.length);
  const lines: number[][] = [[]];
  let used = 0;
  for (const [index, wanted] of natural.entries()) {
    const takes = Math.min(wanted, most) + 2;
    if (used > 0 && used + takes - 2 > most) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)!.push(index);
    used += takes;
  }
  const render = (texts: readonly string[]): readonly string[] =>
    lines.flatMap((line, place) => {
      const text = line
        .map((index) => padText(texts[index] ?? "", Math.min(natural[index]!, most), columns[index]?.align))
        .join("  ")
        .trimEnd();
      if (text.trim() === "") return [];
      return wrapText(text, most)
        .split("\n")
        .map((part) => (place === 0 ? part : `${indent}${part}`));
    });
  const head = render(columns.map((column) => column.header)).map((line) => style("bold", line));
  return [...head, ...cells.flatMap(render)].join("\n");
}
