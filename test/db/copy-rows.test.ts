import pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { readText, type CopiedRow } from "../../src/db/binary-copy.ts";
import { withCopyConnection } from "../../src/db/copy.ts";
import { CopyRowsQuery } from "../../src/db/copy-rows.ts";
import { createEmptyTestDatabase } from "../support/database.ts";

interface Reader {
  readonly copyRows: (statement: string, columns: number, visit: (row: CopiedRow) => void) => Promise<number>;
  readonly ask: (text: string) => Promise<unknown>;
}

/** As all of the program reads, in memory that is used again for every read. */
const ownSocket = async (work: (reader: Reader) => Promise<void>): Promise<void> => {
  const { target } = await createEmptyTestDatabase();
  await withCopyConnection(target, (connection) =>
    work({
      copyRows: (...query) => connection.copyRows(...query),
      ask: async (text) => connection.query(text),
    }),
  );
};

/** As it has to where the connection is encrypted: from whatever stream pg has. */
const anyStream = async (work: (reader: Reader) => Promise<void>): Promise<void> => {
  const { target } = await createEmptyTestDatabase();
  const client = new pg.Client({ ...target, ssl: false });
  await client.connect();
  onTestFinished(() => client.end());
  await work({
    copyRows: (...query) => client.query(new CopyRowsQuery(...query)).done,
    ask: async (text) => (await client.query<object>(text)).rows,
  });
};

const copyOf = (select: string) => `copy (${select}) to stdout (format binary)`;

describe.each([
  ["a socket of its own", ownSocket],
  ["any stream", anyStream],
])("reading the rows of a copy from %s", (_, open) => {
  it("visits each once, wherever reads begin and end", () =>
    open(async ({ copyRows, ask }) => {
      const seen: string[] = [];
      // Of all lengths, some longer than what is read at once.
      const rows =
        "select repeat(chr(97 + i % 26), (i * i) % 1009 * (case when i % 500 = 0 then 2000 else 1 end))";
      const count = await copyRows(copyOf(`${rows} from generate_series(1, 3000) i`), 1, (row) => {
        seen.push(readText(row, 0)!);
      });
      const expected = Array.from({ length: 3000 }, (__, place) => {
        const i = place + 1;
        return String.fromCharCode(97 + (i % 26)).repeat(((i * i) % 1009) * (i % 500 === 0 ? 2000 : 1));
      });
      expect(count).toBe(3000);
      expect(seen.length).toBe(3000);
      expect(seen.findIndex((text, place) => text !== expected[place])).toBe(-1);
      expect(await ask("select 1 as one")).toEqual([{ one: 1 }]);
    }));

  it("fails with what the server says in the midst of it, and can be used again", () =>
    open(async ({ copyRows, ask }) => {
      let rows = 0;
      const broken = copyRows(copyOf("select 1 / (100000 - i) from generate_series(1, 100001) i"), 1, () => {
        rows++;
      });
      await expect(broken).rejects.toMatchObject({ code: "22012" });
      expect(rows).toBe(99_999);
      expect(await ask("select 2 as two")).toEqual([{ two: 2 }]);
      expect(await copyRows(copyOf("select 1 where false"), 1, () => undefined)).toBe(0);
    }));

  it("fails with what a visit throws, once the server has said all", () =>
    open(async ({ copyRows, ask }) => {
      const thrown = copyRows(
        copyOf("select i from generate_series(1, 100000) i"),
        1,
        ({ bytes, starts }) => {
          if (bytes.readInt32BE(starts[0]) === 5000) throw new Error("enough");
        },
      );
      await expect(thrown).rejects.toThrow("enough");
      expect(await ask("select 3 as three")).toEqual([{ three: 3 }]);
    }));
});
