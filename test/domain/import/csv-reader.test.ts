import { parse as parseAtOnce } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBroken, readCsvRecords } from "../../../src/domain/import/csv/csv-reader.ts";
import { decodeFields } from "../../../src/domain/import/csv/decode-fields.ts";
import { dateFormats, parseDate } from "../../../src/domain/import/csv/date-format.ts";

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) {
    await Promise.resolve();
    yield bytes.subarray(start, start + size);
  }
}

const readAll = async (text: string | Buffer, size = 1000) => {
  const entries = [];
  for await (const entry of readCsvRecords(chunked(Buffer.from(text), size), ",")) {
    entries.push(
      isBroken(entry)
        ? { line: entry.line, broken: entry.reason, raw: entry.raw }
        : { line: entry.line, fields: entry.fields },
    );
  }
  return entries;
};

describe("reading CSV", () => {
  // A byte-order mark, a quoted newline, all three line ends, and a last line without one.
  const mixed = '\uFEFFa,b\r\n1,"x\ny"\n2,z\r3,last';
  const expected = [
    { line: 1, fields: ["a", "b"] },
    { line: 2, fields: ["1", "x\ny"] },
    { line: 4, fields: ["2", "z"] },
    { line: 5, fields: ["3", "last"] },
  ];

  it.each([1, 2, 3, 7, 1000])("gives the same records in chunks of %i bytes", async (size) => {
    expect(await readAll(mixed, size)).toEqual(expected);
  });

  it("rejects a line with a stray quote alone and goes on after it", async () => {
    expect(await readAll('a,b\n1,bad"quote\n2,ok\n')).toEqual([
      { line: 1, fields: ["a", "b"] },
      { line: 2, broken: "a quote stands where none may", raw: '1,bad"quote' },
      { line: 3, fields: ["2", "ok"] },
    ]);
  });

  it.each([1, 5, 1000])(
    "rejects a line whose quote is never closed alone (chunks of %i bytes)",
    async (size) => {
      expect(await readAll('a,b\n1,"open\n2,ok\n3,fine', size)).toEqual([
        { line: 1, fields: ["a", "b"] },
        { line: 2, broken: "a quote opens and is never closed", raw: '1,"open' },
        { line: 3, fields: ["2", "ok"] },
        { line: 4, fields: ["3", "fine"] },
      ]);
    },
  );

  it("keeps the number of a row's columns as it is, for the caller to judge", async () => {
    expect(await readAll("a,b\n1\n1,2,3\n")).toEqual([
      { line: 1, fields: ["a", "b"] },
      { line: 2, fields: ["1"] },
      { line: 3, fields: ["1", "2", "3"] },
    ]);
  });

  it.each([1, 4, 9, 1000])(
    "knows the line of a record behind empty lines and quoted newlines (chunks of %i bytes)",
    async (size) => {
      expect(await readAll('a,b\r\n\r\n\n1,"x\ny"\n\n\n2,z\r3,"w ""x"""\n\n"",last', size)).toEqual([
        { line: 1, fields: ["a", "b"] },
        { line: 4, fields: ["1", "x\ny"] },
        { line: 8, fields: ["2", "z"] },
        { line: 9, fields: ["3", 'w "x"'] },
        { line: 11, fields: ["", "last"] },
      ]);
    },
  );

  it("reads any text as csv-parse reads it, however it is cut into chunks", async () => {
    const piece = fc.constantFrom(
      "a",
      "é",
      " ",
      ",",
      ",",
      '"',
      '""',
      "\n",
      "\n",
      "\r\n",
      "\r",
      '"a,b"',
      '"x\ny"',
    );
    const parse = (text: string): readonly (readonly string[])[] | undefined => {
      try {
        return parseAtOnce(Buffer.from(text), {
          encoding: "latin1",
          record_delimiter: ["\r\n", "\n", "\r"],
          relax_column_count: true,
          skip_empty_lines: true,
        });
      } catch {
        return undefined;
      }
    };
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
        fc.integer({ min: 1, max: 40 }),
        async (text, size) => {
          const entries = await readAll(text, size);
          const whole = await readAll(text, 10_000);
          expect(entries).toEqual(whole);
          const expected = parse(text);
          if (expected === undefined) return;
          compared += 1;
          expect(entries.map((entry) => entry.fields)).toEqual(expected);
        },
      ),
      { numRuns: 2000, seed: 20261123 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  it("takes nothing for nothing", async () => {
    expect(await readAll("")).toEqual([]);
  });
});

describe("decoding fields", () => {
  const bytes = (text: string) => Buffer.from(text, "utf8").toString("latin1");

  it("reads UTF-8, characters beyond the basic plane included", () => {
    expect(decodeFields([bytes("José"), "plain", bytes("王𠀋")], "utf-8")).toEqual(["José", "plain", "王𠀋"]);
  });

  it("says which column holds malformed UTF-8 and never replaces a character", () => {
    expect(decodeFields(["ok", "Jos\u00e9"], "utf-8")).toBe("is not valid UTF-8 in column 2");
  });

  it("reads Latin-1 where the map declares it", () => {
    expect(decodeFields(["Jos\u00e9"], "latin1")).toEqual(["José"]);
  });
});

describe("declared date formats", () => {
  it.each([
    ["1980-03-15", "YYYY-MM-DD", "1980-03-15", "day"],
    ["1980-03", "YYYY-MM-DD", "1980-03-01", "month"],
    ["1980", "YYYY-MM-DD", "1980-01-01", "year"],
    ["1980-03-15T00:00:00Z", "YYYY-MM-DD", "1980-03-15", "day"],
    ["19800315", "YYYYMMDD", "1980-03-15", "day"],
    ["198003", "YYYYMMDD", "1980-03-01", "month"],
    ["03/04/1980", "MM/DD/YYYY", "1980-03-04", "day"],
    ["03/04/1980", "DD/MM/YYYY", "1980-04-03", "day"],
    ["3.4.1980", "DD.MM.YYYY", "1980-04-03", "day"],
    ["1980/03/04", "YYYY/MM/DD", "1980-03-04", "day"],
    ["29/02/2000", "DD/MM/YYYY", "2000-02-29", "day"],
  ] as const)("reads %s as %s", (text, format, date, precision) => {
    expect(parseDate(text, format)).toEqual({ date, precision });
  });

  it.each([
    ["1/17/72", 1930, "1972-01-17"],
    ["5/2/06", 1930, "2006-05-02"],
    ["5/2/29", 1930, "2029-05-02"],
    ["5/2/30", 1930, "1930-05-02"],
    ["5/2/06", 1900, "1906-05-02"],
  ] as const)("reads %s in the hundred years from %i", (text, centuryStart, date) => {
    expect(parseDate(text, "MM/DD/YY", centuryStart)?.date).toBe(date);
  });

  it("takes the first of several formats that fits", () => {
    const formats = ["YYYY-MM-DD", "MM/DD/YY"] as const;
    expect(parseDate("1951-06-02", formats)?.date).toBe("1951-06-02");
    expect(parseDate("6/2/51", formats)?.date).toBe("1951-06-02");
    expect(parseDate("2.6.1951", formats)).toBeUndefined();
  });

  it.each([
    ["2023-02-30", "YYYY-MM-DD"],
    ["0000-00-00", "YYYY-MM-DD"],
    ["29/02/1900", "DD/MM/YYYY"],
    ["31/12/1980", "MM/DD/YYYY"],
    ["31/12/1980", "YYYY-MM-DD"],
    ["80-02-03", "YYYY-MM-DD"],
    ["", "YYYY-MM-DD"],
  ] as const)("does not read %s as %s", (text, format) => {
    expect(parseDate(text, format)).toBeUndefined();
  });

  it("guesses nothing: a format reads only its own separator", () => {
    expect(dateFormats.filter((format) => parseDate("03/04/1980", format) !== undefined)).toEqual([
      "MM/DD/YYYY",
      "DD/MM/YYYY",
    ]);
  });
});
