import { beforeEach, describe, expect, inject, it } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import {
  createEmptyTestDatabase,
  createTestDatabase,
  shareTestDatabase,
  type TestDatabase,
} from "./database.ts";
import {
  connectionTargetOf,
  connectRaw,
  dropRunDatabases,
  parseServerUrl,
  runPrefix,
} from "./postgres-server.ts";

const listTables = async (database: TestDatabase) =>
  (
    await database.sql<{ name: string }[]>`
      select table_name as name from information_schema.tables where table_schema = 'public'`
  ).map(({ name }) => name);

const exists = async (name: string) => {
  const admin = connectRaw(await connectionTargetOf(inject("testServer")), 1);
  const rows = await admin`select from pg_database where datname = ${name}`;
  await admin.end();
  return rows.length > 0;
};

describe("a test database", () => {
  it("has our schema in it, and nothing that another test wrote", async () => {
    const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    expect(first.name).not.toBe(second.name);
    expect(await listTables(first)).toEqual(expect.arrayContaining(["patients", "audit_log"]));
    await first.sql`create table only_here ()`;
    expect(await listTables(second)).not.toContain("only_here");
  });

  it("has a readable name with the test's words in it", async () => {
    const database = await createTestDatabase();
    expect(database.name).toMatch(/^mpi_test_\d{8}_[0-9a-f]{6}_has_a_readable_name_[0-9a-f]{6}$/);
  });

  it("is empty where that is asked for", async () => {
    expect(await listTables(await createEmptyTestDatabase())).toEqual([]);
  });

  it("can be opened by the program's own client", async () => {
    const database = await createTestDatabase();
    const handle = await openDatabase(database.target);
    const rows = await handle.db.execute("select current_database() as name");
    await handle.close();
    expect(rows).toEqual([{ name: database.name }]);
  });

  it("has a URL that says the same as its target", async () => {
    const database = await createTestDatabase();
    expect(parseServerUrl(database.url)).toEqual({ ...database.target, sslMode: undefined });
  });

  it("is gone after it was dropped", async () => {
    const database = await createTestDatabase();
    await database.drop();
    expect(await exists(database.name)).toBe(false);
  });

  it("complains of a session that was left open, and is dropped all the same", async () => {
    const database = await createTestDatabase();
    const forgotten = connectRaw(database.target, 1);
    await forgotten`select 1`;
    await expect(database.drop()).rejects.toThrow(/left 1 database session/);
    expect(await exists(database.name)).toBe(false);
    await forgotten.end({ timeout: 0 });
  });
});

describe("a test database made in beforeEach", () => {
  const names: string[] = [];
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
    names.push(database.name);
  });

  it("belongs to the first test", async () => {
    expect(await listTables(database)).toContain("patients");
  });

  it("is another one for the second test, and the first is gone", async () => {
    expect(await listTables(database)).toContain("patients");
    expect(await exists(names[0]!)).toBe(false);
  });
});

describe("a shared test database", () => {
  const shared = shareTestDatabase();

  it("keeps what the first test writes", async () => {
    await shared().sql`create table written_by_the_first ()`;
    expect(await listTables(shared())).toContain("written_by_the_first");
  });

  it("shows it to the second", async () => {
    expect(await listTables(shared())).toContain("written_by_the_first");
  });
});

describe("cleaning up after a run", () => {
  it("drops that run's databases, keeps the marked ones, and leaves other runs alone", async () => {
    const server = { ...inject("testServer"), runId: "20000101_abcdef" };
    const admin = connectRaw(await connectionTargetOf(server), 1);
    const [plain, marked] = [`${runPrefix(server)}plain`, `${runPrefix(server)}marked`];
    try {
      await admin.unsafe(`create database ${plain} strategy file_copy`);
      await admin.unsafe(`create database ${marked} strategy file_copy`);
      await admin.unsafe(`comment on database ${marked} is 'kept for inspection'`);
      const other = await createTestDatabase();

      expect(await dropRunDatabases(server)).toBe(1);
      expect(await exists(plain)).toBe(false);
      expect(await exists(other.name)).toBe(true);
    } finally {
      await admin.unsafe(`drop database if exists ${plain}`);
      await admin.unsafe(`drop database if exists ${marked}`);
      await admin.end();
    }
  });
});
