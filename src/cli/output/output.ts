import type { Environment, OutputStream } from "../streams.ts";
import { cellJson, cellText, type CellValue, type Column } from "./column.ts";
import { csvField, csvHeader, csvRow } from "./csv.ts";
import { safeJson, safeText } from "./safe-text.ts";
import { createStyle, wantsColour, type Style } from "./style.ts";
import { boxedTable, PlainTable } from "./table.ts";
import { padText, textWidth, wrapText } from "./width.ts";
import { Writer } from "./writer.ts";

export const outputFormats = ["table", "json", "ndjson", "csv"] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** Many things of one kind. Rows may be an array or arrive as they are read; nothing is kept beyond what is needed. */
export interface List<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: Iterable<Row> | AsyncIterable<Row>;
  /** One row as JSON; without it an object of the columns. */
  readonly json?: (row: Row) => unknown;
  /** Stands beside `items` in the JSON document: `{ total: 12 }`. Asked after the last row. */
  readonly meta?: () => Readonly<Record<string, unknown>>;
  /** Said on stderr when there is no row. */
  readonly empty?: string;
  /** Said on stderr after the rows of a table, given how many there were: the total, the next page. */
  readonly footer?: (count: number) => string | undefined;
}

/** One field of a record. */
export interface Field {
  readonly key: string;
  readonly label: string;
  readonly value: CellValue;
  /** Text for the table where it differs from the value. */
  readonly text?: string;
}

/** A list that belongs to a record, such as a patient's addresses. */
export interface Section {
  readonly title: string;
  readonly columns: readonly Column<never>[];
  readonly rows: readonly unknown[];
}

/** One thing: labelled fields, then tables of what belongs to it. CSV has the fields only. */
export interface RecordView {
  readonly title?: string;
  readonly fields: readonly Field[];
  readonly sections?: readonly Section[];
  /** The JSON document; without it an object of the fields. */
  readonly json?: unknown;
}

/** A result that is neither list nor record: text for eyes, and the same as JSON. */
export interface Report {
  /** Lines; values in them have gone through `safeText`. */
  readonly text: string;
  readonly json: unknown;
  /** What CSV shows; without it the JSON document. */
  readonly csv?: Section;
}

/** Gives a section its row type. */
export function section<Row>(title: string, columns: readonly Column<Row>[], rows: readonly Row[]): Section {
  return { title, columns, rows };
}

const tableLimit = 1000;

/** Prints results on stdout in the format that was asked for. */
export class Output {
  readonly format: OutputFormat;
  /** Colours for text of a report; does nothing where colours are not wanted. */
  readonly style: Style;
  readonly isTerminal: boolean;
  /** Width of the terminal; infinite where there is none, so that nothing is cut. */
  readonly width: number;
  readonly #writer: Writer;
  readonly #say: (message: string) => void;

  constructor(
    stream: OutputStream,
    options: {
      readonly format: OutputFormat;
      readonly color: boolean;
      readonly env: Environment;
      /** Where remarks about the result go. */
      readonly say: (message: string) => void;
    },
  ) {
    this.format = options.format;
    this.isTerminal = stream.isTTY === true;
    this.width = this.isTerminal ? (stream.columns ?? 80) : Infinity;
    this.style = createStyle(wantsColour(stream, options.env, options.color));
    this.#writer = new Writer(stream);
    this.#say = options.say;
  }

  /** @returns the number of rows. */
  async list<Row>(list: List<Row>): Promise<number> {
    const count = await this.#printList(list);
    await this.#writer.flush();
    if (count === 0 && list.empty !== undefined) this.#say(list.empty);
    const footer = this.format === "table" ? list.footer?.(count) : undefined;
    if (footer !== undefined) this.#say(footer);
    return count;
  }

  async record(record: RecordView): Promise<void> {
    const asObject = () =>
      Object.fromEntries(record.fields.map((field) => [field.key, cellJson(field.value)]));
    if (this.format === "table") await this.#printRecord(record);
    else if (this.format === "csv") {
      await this.#writer.writeLine(record.fields.map((field) => csvField(field.key)).join(","));
      await this.#writer.writeLine(
        record.fields.map((field) => csvField(field.value, this.isTerminal)).join(","),
      );
    } else await this.#writeJson(record.json ?? asObject());
    await this.#writer.flush();
  }

  async report(report: Report): Promise<void> {
    if (this.format === "table") await this.#writer.writeLine(report.text.replace(/\n$/, ""));
    else if (this.format === "csv" && report.csv !== undefined) {
      // The row type was checked where the section was made.
      await this.#printList({
        columns: report.csv.columns as readonly Column<unknown>[],
        rows: report.csv.rows,
      });
    } else await this.#writeJson(report.json);
    await this.#writer.flush();
  }

  /** Text or bytes of a document that has a format of its own: SQL, a URL, a FHIR bundle, help. */
  async raw(text: string): Promise<void> {
    await this.#writer.write(text);
    await this.#writer.flush();
  }

  async #writeJson(value: unknown): Promise<void> {
    await this.#writer.writeLine(this.format === "ndjson" ? safeJson(value) : safeJson(value, 2));
  }

  async #printList<Row>(list: List<Row>): Promise<number> {
    const columns = list.columns;
    switch (this.format) {
      case "table":
        return await this.#printTable(columns, list.rows);
      case "json":
        return await this.#printJsonList(list);
      case "ndjson":
        return await this.#printEach(list.rows, (row) => safeJson(rowJson(list, row)));
      case "csv":
        await this.#writer.writeLine(csvHeader(columns));
        return await this.#printEach(list.rows, (row) => csvRow(columns, row, this.isTerminal));
    }
  }

  async #printEach<Row>(
    rows: Iterable<Row> | AsyncIterable<Row>,
    line: (row: Row) => string,
  ): Promise<number> {
    let count = 0;
    for await (const row of rows) {
      count += 1;
      await this.#writer.writeLine(line(row));
    }
    return count;
  }

  async #printJsonList<Row>(list: List<Row>): Promise<number> {
    let count = 0;
    await this.#writer.write('{\n  "items": [');
    for await (const row of list.rows) {
      const json = safeJson(rowJson(list, row), 2).replaceAll("\n", "\n    ");
      await this.#writer.write(`${count === 0 ? "" : ","}\n    ${json}`);
      count += 1;
    }
    await this.#writer.write(count === 0 ? "]" : "\n  ]");
    for (const [key, value] of Object.entries(list.meta?.() ?? {})) {
      await this.#writer.write(
        `,\n  ${safeJson(key)}: ${safeJson(value ?? null, 2).replaceAll("\n", "\n  ")}`,
      );
    }
    await this.#writer.write("\n}\n");
    return count;
  }

  /** The first thousand rows set the widths; a list that goes on is printed plain, as it comes. */
  async #printTable<Row>(
    allColumns: readonly Column<Row>[],
    rows: Iterable<Row> | AsyncIterable<Row>,
  ): Promise<number> {
    const columns = allColumns.filter((column) => column.machineOnly !== true);
    const head: Row[] = [];
    let plain: PlainTable<Row> | undefined;
    let count = 0;
    const startPlain = async () => {
      const table = new PlainTable(columns, head);
      await this.#writer.writeLine(table.header());
      for (const row of head) await this.#writer.writeLine(table.row(row));
      return table;
    };
    for await (const row of rows) {
      count += 1;
      if (plain !== undefined) await this.#writer.writeLine(plain.row(row));
      else {
        head.push(row);
        if (head.length > tableLimit) plain = await startPlain();
      }
    }
    if (plain !== undefined || head.length === 0) return count;
    if (this.isTerminal) {
      await this.#writer.writeLine(await boxedTable(columns, head, { width: this.width, style: this.style }));
    } else await startPlain();
    return count;
  }

  async #printRecord(record: RecordView): Promise<void> {
    if (record.title !== undefined) await this.#writer.writeLine(this.style("bold", safeText(record.title)));
    const labelWidth = Math.max(0, ...record.fields.map((field) => textWidth(field.label)));
    for (const field of record.fields) {
      const text = safeText(field.text ?? fieldText(field.value));
      if (text === "") continue;
      const indent = " ".repeat(labelWidth + 2);
      const wrapped = wrapText(text, Math.max(20, this.width - labelWidth - 2)).replaceAll(
        "\n",
        `\n${indent}`,
      );
      await this.#writer.writeLine(`${this.style("dim", padText(field.label, labelWidth))}  ${wrapped}`);
    }
    for (const part of record.sections ?? []) {
      if (part.rows.length === 0) continue;
      await this.#writer.writeLine(`\n${this.style("bold", safeText(part.title))}`);
      // The row type was checked where the section was made.
      await this.#printTable(part.columns as readonly Column<unknown>[], part.rows);
    }
  }
}

const rowJson = <Row>(list: List<Row>, row: Row): unknown =>
  list.json === undefined
    ? Object.fromEntries(list.columns.map((column) => [column.key, cellJson(column.value(row))]))
    : list.json(row);

const fieldText = (value: CellValue): string =>
  typeof value === "boolean" ? (value ? "yes" : "no") : cellText(value);
