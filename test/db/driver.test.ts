import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectionOptions } from "../../src/db/client.ts";
import { openClient } from "../../src/db/driver.ts";
import { createEmptyTestDatabase, type TestDatabase } from "../support/database.ts";

const open = (database: TestDatabase) => {
  const client = openClient(connectionOptions(database.target, { maxConnections: 2 }));
  onTestFinished(() => client.end({ timeout: 1 }));
  return client;
};

const sessionOf = async (sql: postgres.Sql | postgres.TransactionSql) => {
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return row!.pid;
};

const lines = async (database: TestDatabase) =>
  (await database.sql<{ line: number }[]>`select line from ledger order by line`).map(({ line }) => line);

const lostConnection = {
  code: expect.stringMatching(/^(?:CONNECTION_\w+|ECONNRESET|EPIPE|57P01)$/) as string,
};

describe("a client whose connection is lost", () => {
  it("keeps nothing of a transaction that was between two statements", async () => {
    const database = await createEmptyTestDatabase();
    await database.sql`create table ledger (line integer)`;
    const client = open(database);
    const broken = client.begin(async (transaction) => {
      await transaction`insert into ledger values (1)`;
      await database.sql`select pg_terminate_backend(${await sessionOf(transaction)})`;
      // Left to itself, the driver connects anew for these, and runs the next statement on the new connection.
      await sleep(100);
      await Promise.allSettled([
        client`select pg_sleep(0.1)`,
        client`select pg_sleep(0.1)`,
        client`select 1`,
      ]);
      await transaction`insert into ledger values (2)`;
    });
    await expect(broken).rejects.toMatchObject(lostConnection);
    await sleep(300);
    expect(await lines(database)).toEqual([]);
  });

  it.each([
    ["a transaction", (sql: postgres.TransactionSql) => sql`select pg_sleep(20)`],
    ["a savepoint", (sql: postgres.TransactionSql) => sql.savepoint((inner) => inner`select pg_sleep(20)`)],
  ])("fails %s that waits for the server, once, and without bringing the process down", async (_, work) => {
    const database = await createEmptyTestDatabase();
    const client = open(database);
    const broken = client.begin(async (transaction) => {
      const session = await sessionOf(transaction);
      setTimeout(() => void database.sql`select pg_terminate_backend(${session})`.execute(), 100);
      await work(transaction);
    });
    await expect(broken).rejects.toMatchObject(lostConnection);
    // An exception that nobody can catch would come now, and fail the run.
    await sleep(100);
    await expect(client`select 1`).rejects.toMatchObject({
      code: expect.stringMatching(/^CONNECTION_/) as string,
    });
  });

  it("rolls back and stays usable when only a statement fails", async () => {
    const database = await createEmptyTestDatabase();
    await database.sql`create table ledger (line integer)`;
    const client = open(database);
    const refused = client.begin(async (transaction) => {
      await transaction`insert into ledger values (1)`;
      await transaction`insert into ledger values ('no number')`;
    });
    await expect(refused).rejects.toMatchObject({ code: "22P02" });
    await client.begin((transaction) => transaction`insert into ledger values (3)`);
    expect(await lines(database)).toEqual([3]);
  });
});
