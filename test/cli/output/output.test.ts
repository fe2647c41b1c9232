import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Column } from "../../../src/cli/output/column.ts";
import { Output, section, type OutputFormat } from "../../../src/cli/output/output.ts";
import { OutputClosed } from "../../../src/cli/output/writer.ts";
import type { Environment } from "../../../src/cli/streams.ts";
import { CapturedStream } from "../../support/cli.ts";

interface Person {
  readonly id: number;
  readonly name: string;
  readonly score: number;
  readonly seen?: Date;
}

const columns: readonly Column<Person>[] = [
  { key: "id", header: "Id", align: "right", value: (row) => row.id },
  { key: "name", header: "Name", value: (row) => row.name },
  { key: "score", header: "Score", value: (row) => row.score, text: (row) => `${String(row.score * 100)} %` },
  { key: "seenAt", header: "Seen", value: (row) => row.seen, machineOnly: true },
];

const people: readonly Person[] = [
  { id: 1, name: "Ada", score: 0.5, seen: new Date("2024-05-06T07:08:09.123Z") },
  { id: 20, name: "王小明", score: 0.25 },
];

interface Setting {
  readonly tty?: boolean;
  readonly columns?: number;
  readonly env?: Environment;
  readonly color?: boolean;
}

function capture(format: OutputFormat, setting: Setting = {}) {
  const stream = new CapturedStream({
    tty: setting.tty ?? false,
    ...(setting.columns === undefined ? {} : { columns: setting.columns }),
  });
  const said: string[] = [];
  const output = new Output(stream, {
    format,
    color: setting.color ?? true,
    env: setting.env ?? {},
    say: (message) => said.push(message),
  });
  return { output, stream, said };
}

const printed = async (format: OutputFormat, setting: Setting = {}, rows: readonly Person[] = people) => {
  const { output, stream } = capture(format, setting);
  await output.list({ columns, rows });
  return stream.text;
};

const escapes = "\u001b[";

describe("a list", () => {
  it("as a table in a pipe is plain aligned columns, without colour, borders or blanks at the end", async () => {
    expect(await printed("table")).toBe(
      ["Id  Name    Score", " 1  Ada     50 %", "20  王小明  25 %", ""].join("\n"),
    );
  });

  it("as a table on a terminal has borders and bold headings", async () => {
    const text = await printed("table", { tty: true });
    expect(text).toContain("│ 20 │ 王小明 │ 25 %  │");
    expect(text).toContain("\u001b[1mName\u001b[22m");
    expect(text.split("\n")).toHaveLength(7);
  });

  it.each<[string, Setting]>([
    ["NO_COLOR is set", { env: { NO_COLOR: "1" } }],
    ["TERM is dumb", { env: { TERM: "dumb" } }],
    ["--no-color was given", { color: false }],
  ])("on a terminal has no colours where %s", async (_, setting) => {
    expect(await printed("table", { ...setting, tty: true })).not.toContain(escapes);
  });

  it("has colours in a pipe only where FORCE_COLOR asks for them", () => {
    expect(capture("table", { env: { FORCE_COLOR: "1" } }).output.style("red", "x")).toContain(escapes);
    expect(capture("table", { env: { FORCE_COLOR: "0" } }).output.style("red", "x")).toBe("x");
    expect(capture("table", { env: { NO_COLOR: "" }, tty: true }).output.style("red", "x")).toContain(
      escapes,
    );
  });

  it("as JSON is one document with numbers as numbers, ISO times and null for what is absent", async () => {
    const { output, stream } = capture("json");
    await output.list({ columns, rows: people, meta: () => ({ total: 2, page: { size: 20 } }) });
    expect(JSON.parse(stream.text)).toEqual({
      items: [
        { id: 1, name: "Ada", score: 0.5, seenAt: "2024-05-06T07:08:09.123Z" },
        { id: 20, name: "王小明", score: 0.25, seenAt: null },
      ],
      total: 2,
      page: { size: 20 },
    });
  });

  it("as JSON is the command's own objects where it has any", async () => {
    const { output, stream } = capture("json");
    await output.list({ columns, rows: people, json: (row) => ({ person: { id: row.id } }) });
    expect(JSON.parse(stream.text)).toEqual({ items: [{ person: { id: 1 } }, { person: { id: 20 } }] });
  });

  it("as NDJSON is one object on each line", async () => {
    const lines = (await printed("ndjson")).trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1]!)).toEqual({ id: 20, name: "王小明", score: 0.25, seenAt: null });
  });

  it("as CSV has a header of keys", async () => {
    expect(await printed("csv")).toBe(
      "id,name,score,seenAt\n1,Ada,0.5,2024-05-06T07:08:09.123Z\n20,王小明,0.25,\n",
    );
  });

  it.each<[OutputFormat, string]>([
    ["table", ""],
    ["json", '{\n  "items": []\n}\n'],
    ["ndjson", ""],
    ["csv", "id,name,score,seenAt\n"],
  ])("without rows is, as %s, %j, and the remark goes to stderr", async (format, text) => {
    const { output, stream, said } = capture(format);
    await output.list({ columns, rows: [], empty: "Nobody was found." });
    expect(stream.text).toBe(text);
    expect(said).toEqual(["Nobody was found."]);
  });

  it("says its footer on stderr, of tables only", async () => {
    for (const [format, expected] of [
      ["table", ["2 of 12."]],
      ["json", []],
    ] as const) {
      const { output, said } = capture(format);
      await output.list({ columns, rows: people, footer: (count) => `${String(count)} of 12.` });
      expect(said).toEqual(expected);
    }
  });

  const nasty = [{ id: 1, name: "Eve\u001b[2J\u202e\nx", score: 0 }];

  it.each<[OutputFormat, boolean]>([
    ["table", true],
    ["table", false],
    ["csv", true],
    ["json", true],
    ["json", false],
    ["ndjson", false],
  ])("as %s (terminal: %s) makes nothing of a name that a terminal would obey", async (format, tty) => {
    const text = await printed(format, { tty, color: false }, nasty);
    expect(text).not.toContain("\u001b");
    expect(text).not.toContain("\u202e");
    if (format.endsWith("json")) expect(text).toContain('"Eve\\u001b[2J\\u202e\\nx"');
    else expect(text).toContain("Eve\\x1b[2J\\u202e\\nx");
  });

  it("wraps a wide cell on a terminal without losing any of it, and no line is wider than the terminal", async () => {
    const name = "Wolfeschlegelsteinhausenbergerdorff Senior ".repeat(4).trim();
    const text = await printed("table", { tty: true, columns: 60, color: false }, [
      { id: 1, name, score: 1 },
    ]);
    for (const line of text.trimEnd().split("\n")) expect(line.length).toBeLessThanOrEqual(60);
    const cells = text.split("\n").map((line) => line.split("│")[2]?.trim() ?? "");
    expect(cells.join("").replace(/\s/g, "")).toContain(name.replace(/\s/g, ""));
  });

  describe("whose columns do not fit beside each other on a terminal", () => {
    const keys = ["id", "family name", "given names", "city", "identifiers", "why", "empty"] as const;
    const wide = keys.map((key) => ({
      key,
      header: key,
      value: (row: Readonly<Record<string, string>>) => row[key] ?? "",
    }));
    const rows = ["1ab78d10", "a0a918e6"].map((id) => ({
      id,
      "family name": "Wolfeschlegelsteinhausen",
      "given names": `Adolph Blaine ${id}`,
      city: "Philadelphia",
      identifiers: "MRN ****5118; SSN ****1111; DL ****9999",
      why: "family sounds alike; ".repeat(6),
    }));
    const render = async (columns: number) => {
      const { output, stream } = capture("table", { tty: true, columns, color: false });
      await output.list({ columns: wide, rows });
      return stream.text.trimEnd().split("\n");
    };

    it("takes several lines a row, loses nothing, and is no wider than the terminal", async () => {
      for (const width of [40, 60, 80]) {
        const lines = await render(width);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
        const text = lines.join("").replace(/\s/g, "");
        for (const row of rows)
          for (const value of Object.values(row)) expect(text).toContain(value.replace(/\s/g, ""));
      }
    });

    it("begins each row at the edge and its other lines further in, and leaves empty columns out", async () => {
      const lines = await render(80);
      expect(lines.filter((line) => !line.startsWith(" ")).map((line) => line.split(" ")[0])).toEqual([
        "id",
        "1ab78d10",
        "a0a918e6",
      ]);
      expect(lines.join("\n")).not.toContain("empty");
    });
  });

  it("never cuts in a pipe", async () => {
    const name = "x".repeat(500);
    expect(await printed("table", {}, [{ id: 1, name, score: 1 }])).toContain(`${name}  100 %`);
  });

  it.each([true, false])("of more than a thousand rows streams plain (terminal: %s)", async (tty) => {
    const many = function* () {
      for (let id = 1; id <= 20_000; id += 1) yield { id, name: "Ada", score: 1 };
    };
    const { output, stream } = capture("table", { tty, color: false });
    const started = performance.now();
    expect(await output.list({ columns, rows: many() })).toBe(20_000);
    // cli-table3 would take the square of this.
    expect(performance.now() - started).toBeLessThan(5000);
    const lines = stream.text.trimEnd().split("\n");
    expect(lines).toHaveLength(20_001);
    expect(lines.at(-1)).toBe("20000  Ada   100 %");
  });

  it("takes rows as they come and keeps none of them", async () => {
    const { output, stream } = capture("ndjson");
    const rows = async function* () {
      await Promise.resolve();
      yield* people;
    };
    expect(await output.list({ columns, rows: rows() })).toBe(2);
    expect(stream.text.split("\n")).toHaveLength(3);
  });
});

describe("a record", () => {
  const record = {
    title: "Patient 7",
    fields: [
      { key: "id", label: "Id", value: 7 },
      { key: "birthDate", label: "Born", value: "1980-02-03", text: "3 February 1980" },
      { key: "deceased", label: "Deceased", value: false },
      { key: "email", label: "E-mail", value: null },
    ],
    sections: [section("Names", columns, people)],
  };

  it("in a pipe is labelled lines and plain tables; absent values are left out", async () => {
    const { output, stream } = capture("table");
    await output.record(record);
    expect(stream.text).toBe(
      [
        "Patient 7",
        "Id        7",
        "Born      3 February 1980",
        "Deceased  no",
        "",
        "Names",
        "Id  Name    Score",
        " 1  Ada     50 %",
        "20  王小明  25 %",
        "",
      ].join("\n"),
    );
  });

  it("as JSON is an object of its values, or the command's own document", async () => {
    const plain = capture("json");
    await plain.output.record(record);
    expect(JSON.parse(plain.stream.text)).toEqual({
      id: 7,
      birthDate: "1980-02-03",
      deceased: false,
      email: null,
    });
    const own = capture("ndjson");
    await own.output.record({ ...record, json: { id: 7, names: [] } });
    expect(own.stream.text).toBe('{"id":7,"names":[]}\n');
  });

  it("as CSV is its fields", async () => {
    const { output, stream } = capture("csv");
    await output.record(record);
    expect(stream.text).toBe("id,birthDate,deceased,email\n7,1980-02-03,false,\n");
  });
});

describe("a report", () => {
  const report = {
    text: "two lines\nof text\n",
    json: { pairs: 3 },
    csv: section("", columns, people.slice(0, 1)),
  };

  it.each<[OutputFormat, string]>([
    ["table", "two lines\nof text\n"],
    ["json", '{\n  "pairs": 3\n}\n'],
    ["ndjson", '{"pairs":3}\n'],
    ["csv", "id,name,score,seenAt\n1,Ada,0.5,2024-05-06T07:08:09.123Z\n"],
  ])("as %s is %j", async (format, text) => {
    const { output, stream } = capture(format);
    await output.report(report);
    expect(stream.text).toBe(text);
  });
});

describe("a reader that goes away", () => {
  it("ends the list at once and quietly", async () => {
    let asked = 0;
    const stream = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
    });
    stream.on("error", () => undefined);
    const output = new Output(stream, { format: "ndjson", color: false, env: {}, say: () => undefined });
    const endless = function* () {
      for (;;) yield { id: (asked += 1), name: "Ada", score: 1 };
    };
    await expect(output.list({ columns, rows: endless() })).rejects.toThrow(OutputClosed);
    expect(asked).toBeLessThan(10_000);
  });

  it("is not mistaken for a full disk", async () => {
    const stream = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error("write"), { code: "ENOSPC" })),
    });
    stream.on("error", () => undefined);
    const output = new Output(stream, { format: "json", color: false, env: {}, say: () => undefined });
    await expect(output.report({ text: "", json: 1 })).rejects.toMatchObject({
      code: "unavailable",
      message: "Cannot write the output (ENOSPC).",
    });
  });
});
