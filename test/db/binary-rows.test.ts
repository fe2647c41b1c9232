import { describe, expect, it } from "vitest";
import { BinaryRows, copyHeader, copyTrailer, encodeTexts } from "../../src/db/binary-rows.ts";
import { copyInto } from "../../src/db/copy-into.ts";
import { openDatabase } from "../../src/db/client.ts";
import { RecordIds } from "../../src/matching/store/record-ids.ts";
import { createEmptyTestDatabase } from "../support/database.ts";

const id = "0a1b2c3d-4e5f-4a6b-8c7d-9e8fa0b1c2d3";
const otherId = "ffffffff-0000-4000-8000-0000000000fe";

describe("rows of a binary COPY", () => {
  it("arrive as they were written", async () => {
    const database = await createEmptyTestDatabase();
    await database.sql`create table written (
      place int generated always as identity, a uuid, b uuid, weight float8, score numeric(8, 7), levels smallint[], rules text[])`;
    const rows = new BinaryRows(16);
    const ids = RecordIds.fromTexts([id, otherId]);
    const write = (weight: number, score: number | null, levels: number[], rules: string[]) => {
      rows.beginRow(6);
      rows.uuid(id);
      rows.uuidOf(ids, 1);
      rows.float8(weight);
      if (score === null) rows.null();
      else rows.numeric(score, 7);
      rows.smallints(Int8Array.from(levels));
      rows.bytes(encodeTexts(rules));
    };
    write(-12.5, 0, [], []);
    write(Math.PI, 10_000_000, [0, -1, 127, -128], ['a "b"', "é\\", ""]);
    write(1e-300, 9_999_999, [1], ["x"]);
    write(0, 1, [1], ["x"]);
    write(0, 12_340_000 / 4, [1], ["x"]);
    write(0, null, [1], ["x"]);

    const handle = await openDatabase(database.target);
    try {
      await handle.db.transaction((tx) =>
        copyInto(tx, "copy written (a, b, weight, score, levels, rules) from stdin (format binary)", [
          copyHeader,
          rows.take(),
          copyTrailer,
        ]),
      );
    } finally {
      await handle.close();
    }
    const common = { a: id, b: otherId };
    expect([
      ...(await database.sql`select a, b, weight, score, levels, rules from written order by place`),
    ]).toEqual([
      { ...common, weight: -12.5, score: "0.0000000", levels: [], rules: [] },
      {
        ...common,
        weight: Math.PI,
        score: "1.0000000",
        levels: [0, -1, 127, -128],
        rules: ['a "b"', "é\\", ""],
      },
      { ...common, weight: 1e-300, score: "0.9999999", levels: [1], rules: ["x"] },
      { ...common, weight: 0, score: "0.0000001", levels: [1], rules: ["x"] },
      { ...common, weight: 0, score: "0.3085000", levels: [1], rules: ["x"] },
      { ...common, weight: 0, score: null, levels: [1], rules: ["x"] },
    ]);
  });

  it.each([NaN, -1, 1e12])("leave it to the table to refuse %d as a score", async (score) => {
    const database = await createEmptyTestDatabase();
    await database.sql`create table scored (score numeric(5, 4) check (score >= 0 and score <= 1))`;
    const rows = new BinaryRows();
    rows.beginRow(1);
    rows.numeric(score, 4);
    const handle = await openDatabase(database.target);
    try {
      const chunks = [copyHeader, rows.take(), copyTrailer];
      await expect(
        handle.db.transaction((tx) => copyInto(tx, "copy scored from stdin (format binary)", chunks)),
      ).rejects.toMatchObject({ code: "23514" });
    } finally {
      await handle.close();
    }
  });
});
