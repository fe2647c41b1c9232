import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { afterAll, beforeAll, inject, onTestFinished, TestRunner } from "vitest";
import type { ConnectionTarget } from "../../src/db/client.ts";
import { migrateUp } from "../../src/db/migrate/up.ts";
import {
  connectionTargetOf,
  connectRaw,
  isKeepingWanted,
  keptComment,
  runPrefix,
} from "./postgres-server.ts";

/** A database of one test's own, gone when the test is over. */
export interface TestDatabase {
  readonly name: string;
  readonly target: ConnectionTarget;
  /** For `--database-url` and DATABASE_URL of commands under test. */
  readonly url: string;
  /** The same for those who read PGHOST and the like. */
  readonly environment: Readonly<Record<string, string>>;
  /** For arranging and asserting, beside the code under test; connects on first use, is closed with the database. */
  readonly sql: postgres.Sql;
  /** Drops it earlier than the test's end. */
  drop(): Promise<void>;
}

interface Admin {
  readonly target: ConnectionTarget;
  readonly sql: postgres.Sql;
}

let admin: Promise<Admin> | undefined;

/** One connection per worker to the server's maintenance database. */
const connectAdmin = () =>
  (admin ??= connectionTargetOf(inject("testServer")).then((target) => ({
    target,
    sql: connectRaw(target, 1),
  })));

/** Any number, as long as all workers of a run take the same. */
const templateLock = 7_202_611;

/**
 * The migrated database that others are copies of; made by whichever worker comes first. It gets its name when it
 * is complete, so that one whose making was killed is never copied.
 */
const makeTemplate = async ({ target, sql }: Admin) => {
  const name = `${runPrefix(inject("testServer"))}template`;
  const isThere = async () => (await sql`select from pg_database where datname = ${name}`).length > 0;
  if (await isThere()) return name;
  await sql`select pg_advisory_lock(${templateLock})`;
  try {
    if (await isThere()) return name;
    const unfinished = `${name}_unfinished`;
    await sql.unsafe(`drop database if exists ${unfinished} with (force)`);
    await sql.unsafe(`create database ${unfinished} template template0 encoding 'UTF8'`);
    await migrateUp({ ...target, database: unfinished });
    // The first session after a migration writes the file that speeds up all later ones; the copies have it then.
    const visitor = connectRaw({ ...target, database: unfinished }, 1);
    await visitor`select from patients`;
    await visitor.end({ timeout: 1 });
    await sql.unsafe(`alter database ${unfinished} rename to ${name}`);
    await sql.unsafe(`alter database ${name} is_template true allow_connections false`);
    return name;
  } finally {
    await sql`select pg_advisory_unlock(${templateLock})`;
  }
};

let template: Promise<string> | undefined;

/** Once per worker: the lock of one session does not keep that session itself out. */
const ensureTemplate = async () => {
  template ??= connectAdmin().then(makeTemplate);
  try {
    return await template;
  } catch (error) {
    template = undefined;
    throw error;
  }
};

const slugOf = (label: string) =>
  label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .slice(0, 20)
    .replace(/^_+|_+$/g, "");

const urlOf = ({ host, port, user, password, database }: ConnectionTarget) => {
  const login = Object.entries({ host, port: String(port), user, password: password ?? "" });
  const query = login.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return `postgresql:///${database}?${query}`;
};

/** Sessions need a moment to go after their client has closed. */
const countSessions = async ({ sql }: Admin, name: string) => {
  for (let pause = 1; ; pause *= 2) {
    const [row] = await sql<{ sessions: number }[]>`
      select count(*)::integer as sessions from pg_stat_activity
      where datname = ${name} and backend_type = 'client backend'`;
    if (row!.sessions === 0 || pause > 512) return row!.sessions;
    await sleep(pause);
  }
};

const makeDatabase = async (source: string, label: string): Promise<TestDatabase> => {
  const connected = await connectAdmin();
  const name = `${runPrefix(inject("testServer"))}${slugOf(label)}_${randomBytes(3).toString("hex")}`;
  await connected.sql.unsafe(`create database ${name} template ${source} strategy file_copy`);
  const target = { ...connected.target, database: name };
  const sql = connectRaw(target);
  let isDropped = false;
  return {
    name,
    target,
    url: urlOf(target),
    environment: {
      PGHOST: target.host,
      PGPORT: String(target.port),
      PGUSER: target.user,
      PGDATABASE: name,
      ...(target.password === undefined ? {} : { PGPASSWORD: target.password }),
    },
    sql,
    drop: async () => {
      if (isDropped) return;
      isDropped = true;
      await sql.end({ timeout: 1 });
      const sessions = await countSessions(connected, name);
      await connected.sql.unsafe(`drop database ${name} with (force)`);
      if (sessions > 0) {
        throw new Error(
          `The test left ${String(sessions)} database session(s) open: close every handle it opens.`,
        );
      }
    },
  };
};

const keep = async (database: TestDatabase) => {
  await database.sql.end({ timeout: 1 });
  const { sql } = await connectAdmin();
  await sql.unsafe(`comment on database ${database.name} is '${keptComment}'`);
  process.stderr.write(`Kept the failed test's database: psql "${database.url}"\n`);
};

const makeForTest = async (source: string): Promise<TestDatabase> => {
  const test = TestRunner.getCurrentTest();
  const database = await makeDatabase(source, test?.name ?? "suite");
  if (test === undefined) return database;
  onTestFinished(async ({ task }) => {
    const hasFailed = task.result?.state === "fail";
    if (hasFailed && isKeepingWanted()) return keep(database);
    // A failed test often leaves something open; its own error is the one to see.
    return database.drop().catch((error: unknown) => {
      if (!hasFailed) throw error;
    });
  });
  return database;
};

/**
 * A database with our schema, made for the test that is running (in it or in its beforeEach) and dropped after
 * it. The test fails if it leaves a session open. Outside of a test, in beforeAll, the caller drops it.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  return makeForTest(await ensureTemplate());
}

/** The same without anything in it: for migrations and for commands that meet an empty database. */
export const createEmptyTestDatabase = (): Promise<TestDatabase> => makeForTest("template0");

/**
 * One database for all tests of a file or describe block, for tests that only read. Call it where tests are
 * declared, and the function that it returns inside of them.
 */
export function shareTestDatabase(): () => TestDatabase {
  let shared: TestDatabase | undefined;
  beforeAll(async () => {
    shared = await createTestDatabase();
  });
  afterAll(async () => shared?.drop());
  return () => {
    if (shared === undefined) throw new Error("shareTestDatabase() gives its database inside of tests only");
    return shared;
  };
}
