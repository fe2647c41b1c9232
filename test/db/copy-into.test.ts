import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDatabase, type Database, type Transaction } from "../../src/db/client.ts";
import { copyInto } from "../../src/db/copy-into.ts";
import { createEmptyTestDatabase, type TestDatabase } from "../support/database.ts";

async function openLedger(): Promise<{ readonly database: TestDatabase; readonly db: Database }> {
  const database = await createEmptyTestDatabase();
  await database.sql`create table ledger (line integer check (line <> 13))`;
  const handle = await openDatabase(database.target);
  onTestFinished(() => handle.close());
  return { database, db: handle.db };
}

const copyLines = (tx: Transaction, chunks: Iterable<Buffer> | AsyncIterable<Buffer>) =>
  copyInto(tx, "copy ledger from stdin", chunks);

const countLines = async ({ sql: query }: TestDatabase) =>
  (await query<{ count: number }[]>`select count(*)::int as count from ledger`)[0]!.count;

const linesOf = (from: number, to: number) =>
  Buffer.from(Array.from({ length: to - from }, (_, i) => `${String(from + i)}\n`).join(""));

/** 100,000 lines: more than a socket takes at once. */
function* manyLines() {
  for (let from = 1000; from < 101_000; from += 10_000) yield linesOf(from, from + 10_000);
}

describe("copying into a table inside a transaction", () => {
  it("is committed with it, in order with the statements around it", async () => {
    const { database, db } = await openLedger();
    const counts = await db.transaction(async (tx) => {
      await copyLines(tx, manyLines());
      const [before] = await tx.execute<{ count: number }>(sql`select count(*)::int as count from ledger`);
      await copyLines(tx, [linesOf(1, 5)]);
      await copyLines(tx, []);
      const [after] = await tx.execute<{ count: number }>(sql`select count(*)::int as count from ledger`);
      return [before!.count, after!.count];
    });
    expect(counts).toEqual([100_000, 100_004]);
    expect(await countLines(database)).toBe(100_004);
  });

  it.each([
    ["with the last chunk, after which the server is told that all has been sent", [linesOf(10, 20)]],
    ["in the midst of many", [linesOf(10, 20), ...manyLines()]],
  ])("fails with what the server says, %s", async (_, chunks) => {
    const { database, db } = await openLedger();
    const copying = db.transaction(async (tx) => {
      await tx.execute(sql`insert into ledger values (1)`);
      await copyLines(tx, chunks);
    });
    await expect(copying).rejects.toMatchObject({ code: "23514" });
    expect(await countLines(database)).toBe(0);
    // The connection is as good as new.
    await db.transaction((tx) => copyLines(tx, manyLines()));
    expect(await countLines(database)).toBe(100_000);
  });

  it("can be tried inside a savepoint", async () => {
    const { database, db } = await openLedger();
    await db.transaction(async (tx) => {
      await copyLines(tx, [linesOf(1, 5)]);
      await expect(tx.transaction((inner) => copyLines(inner, [linesOf(10, 20)]))).rejects.toMatchObject({
        code: "23514",
      });
      await expect(
        tx.transaction((inner) => copyInto(inner, "copy nothing from stdin", manyLines())),
      ).rejects.toMatchObject({ code: "42P01" });
    });
    expect(await countLines(database)).toBe(4);
  });

  it("fails with what the chunks throw", async () => {
    const { database, db } = await openLedger();
    const broken = function* () {
      yield* manyLines();
      throw new Error("no more");
    };
    await expect(db.transaction((tx) => copyLines(tx, broken()))).rejects.toThrow("no more");
    expect(await countLines(database)).toBe(0);
    await db.transaction((tx) => copyLines(tx, [linesOf(1, 5)]));
    expect(await countLines(database)).toBe(4);
  });

  it("fails when the connection is lost", async () => {
    const { database, db } = await openLedger();
    const copying = db.transaction(async (tx) => {
      const [session] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      async function* interrupted() {
        yield linesOf(1, 5);
        await database.sql`select pg_terminate_backend(${session!.pid})`;
        await sleep(50);
        yield* manyLines();
      }
      await copyLines(tx, interrupted());
    });
    await expect(copying).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:CONNECTION_\w+|ECONNRESET|EPIPE|57P01)$/) as string,
    });
    expect(await countLines(database)).toBe(0);
  });
});
