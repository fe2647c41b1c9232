import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { formatCsvLine } from "../../../src/domain/population/csv-line.ts";
import { fc } from "../../support/properties.ts";

test("every line is read back as the fields that it was made of", () => {
  const fields = fc.array(fc.string(), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(fields, (list) => {
      expect(parse(formatCsvLine(list), { record_delimiter: "\n" })).toEqual([list]);
    }),
  );
});

test("fields are quoted only where they must be", () => {
  expect(formatCsvLine(["O'Brien", "12 Main St, Apt 4", 'the "old" mill', ""])).toBe(
    `O'Brien,"12 Main St, Apt 4","the ""old"" mill",\n`,
  );
});
