import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectionOptions } from "../../../src/db/client.ts";
import { advisoryLockClass } from "../../../src/db/migrate/lock.ts";
import { migrateUp } from "../../../src/db/migrate/up.ts";
import { createEmptyTestDatabase, createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { copyMigrations } from "./support.ts";
import { startTransactionPooler } from "./transaction-pooler.ts";

const quick = { lockTimeout: 50, lockRetries: 0, waitSeconds: 0 };

const tablesOf = async ({ sql }: TestDatabase) =>
  (
    await sql<{ name: string }[]>`
      select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`
  ).map(({ name }) => name);

/** A second client, gone with the test. */
const connectBeside = (database: TestDatabase) => {
  const client = postgres({ ...connectionOptions(database.target), max: 1 });
  onTestFinished(() => client.end({ timeout: 1 }));
  return client;
};

describe("migrating up", () => {
  it("applies every migration in order and remembers who, when and with which version", async () => {
    const database = await createEmptyTestDatabase();
    const seen: string[] = [];
    const result = await migrateUp(database.target, { user: "dba", onMigration: (tag) => seen.push(tag) });
    expect(result.alreadyApplied).toBe(0);
    expect(result.applied.map(({ tag }) => tag)).toEqual(seen);
    expect(seen[0]).toBe("0000_organizations");
    for (const migration of result.applied) {
      expect(migration).toMatchObject({
        appliedBy: "dba",
        version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      });
      expect(migration.appliedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(migration.duration).toBeGreaterThanOrEqual(0);
    }
    expect(await database.sql`select tag, action, user_id from mpi_migration_events order by id`).toEqual(
      seen.map((tag) => ({ tag, action: "up", user_id: "dba" })),
    );
  });

  it("does nothing the second time", async () => {
    const { target } = await createTestDatabase();
    const result = await migrateUp(target);
    expect(result.applied).toEqual([]);
    expect(result.alreadyApplied).toBeGreaterThanOrEqual(5);
  });

  it("lets one of two that start at once do the work, and the other find nothing to do", async () => {
    const { target } = await createEmptyTestDatabase();
    const results = await Promise.all([migrateUp(target), migrateUp(target)]);
    const counts = results.map(({ applied }) => applied.length).sort((a, b) => a - b);
    expect(counts[0]).toBe(0);
    expect(counts[1]).toBeGreaterThanOrEqual(5);
  });

  it("gives up with 'locked' where another migration does not end in time", async () => {
    const database = await createEmptyTestDatabase();
    const other = connectBeside(database);
    await other`select pg_advisory_lock(${advisoryLockClass}, 1)`;
    await expect(migrateUp(database.target, quick)).rejects.toMatchObject({ code: "locked" });
    expect(await tablesOf(database)).toEqual([]);
  });

  it("names the failing migration, statement and line, keeps the earlier ones and nothing of the failed one", async () => {
    const database = await createEmptyTestDatabase();
    const copy = await copyMigrations();
    await copy.add(
      "0005_broken",
      "create table half_done (id int);\n--> statement-breakpoint\n-- why\ncreate index on nowhere (id);",
    );
    await expect(migrateUp(database.target, { directory: copy.directory })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(
        "migration 0005_broken, statement 2 (create index on nowhere (id);)",
      ) as string,
      details: { migration: "0005_broken", statement: 2, sqlState: "42P01" },
    });
    const tables = await tablesOf(database);
    expect(tables).toContain("audit_log");
    expect(tables).not.toContain("half_done");
    const [row] = await database.sql`select count(*)::int as applied from mpi_migrations`;
    expect(row).toEqual({ applied: 5 });
  });

  it("says nothing of the data where a statement fails on it", async () => {
    const database = await createTestDatabase();
    await database.sql`insert into organizations (name) values ('Secret Hospital'), ('Secret Hospital')`;
    const copy = await copyMigrations();
    await copy.add("0005_unique", "create unique index organizations_name on organizations (name);");
    const failure = await migrateUp(database.target, { directory: copy.directory }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ details: { sqlState: "23505" } });
    expect(JSON.stringify(failure) + String((failure as Error).stack)).not.toContain("Secret");
  });

  it("refuses where an applied migration was edited since", async () => {
    const database = await createTestDatabase();
    const copy = await copyMigrations();
    await copy.write("0001_patients.sql", `${await copy.read("0001_patients.sql")}\n-- one more word\n`);
    await expect(migrateUp(database.target, { directory: copy.directory })).rejects.toMatchObject({
      code: "conflict",
      details: { migration: "0001_patients", problem: "edited" },
    });
  });

  it("refuses where a newer program has applied a migration that this one does not know", async () => {
    const database = await createTestDatabase();
    await database.sql`insert into mpi_migrations (tag, hash, applied_by, version) values ('0099_future', 'x', 'x', '9.9.9')`;
    await expect(migrateUp(database.target)).rejects.toMatchObject({
      code: "conflict",
      details: { migration: "0099_future", problem: "missing" },
    });
  });

  it("refuses where an earlier migration than the newest is not applied", async () => {
    const database = await createTestDatabase();
    await database.sql`delete from mpi_migrations where tag = '0001_patients'`;
    await expect(migrateUp(database.target)).rejects.toMatchObject({
      code: "conflict",
      details: { migration: "0001_patients", problem: "gap" },
    });
  });
});

describe("a lock that somebody else holds", () => {
  const addColumn = async () => {
    const copy = await copyMigrations();
    await copy.add("0005_column", "alter table patients add column colour text;");
    return copy.directory;
  };

  it("is waited for in short turns, so that readers behind are never held up for long", async () => {
    const database = await createTestDatabase();
    const directory = await addColumn();
    const writer = connectBeside(database);
    const reader = connectBeside(database);
    let longest = 0;
    let migrating: Promise<unknown> | undefined;
    await writer.begin(async (transaction) => {
      await transaction`select count(*) from patients`;
      migrating = migrateUp(database.target, {
        directory,
        lockTimeout: 100,
        lockRetries: 50,
        lockBackoff: 50,
      });
      for (let round = 0; round < 20; round += 1) {
        const start = performance.now();
        await reader`select count(*) from patients`;
        longest = Math.max(longest, performance.now() - start);
        await sleep(25);
      }
      const pending = await Promise.race([migrating.then(() => false), Promise.resolve(true)]);
      expect(pending).toBe(true);
    });
    await expect(migrating).resolves.toMatchObject({ applied: [{ tag: "0005_column" }] });
    // A turn is 100 ms; without it the reader would wait for as long as the writer is open.
    expect(longest).toBeLessThan(400);
  });

  it("ends it with 'locked' after so many turns, with nothing changed", async () => {
    const database = await createTestDatabase();
    const directory = await addColumn();
    const writer = connectBeside(database);
    await writer.begin(async (transaction) => {
      await transaction`select count(*) from patients`;
      await expect(
        migrateUp(database.target, { directory, lockTimeout: 20, lockRetries: 2, lockBackoff: 1 }),
      ).rejects.toMatchObject({
        code: "locked",
        message: expect.stringContaining("3 attempts: migration 0005_column, statement 1") as string,
      });
    });
    const [row] = await database.sql`select count(*)::int as applied from mpi_migrations`;
    expect(row).toEqual({ applied: 5 });
  });
});

describe("a lost connection", () => {
  const addSlow = async (sql: string) => {
    const copy = await copyMigrations();
    await copy.add("0005_slow", `create table late (id int);\n--> statement-breakpoint\n${sql}`);
    return copy.directory;
  };
  const waitForSleep = async (database: TestDatabase) => {
    for (let round = 0; round < 200; round += 1) {
      const rows = await database.sql`
        select pid from pg_stat_activity
        where datname = current_database() and query like 'select pg_sleep%' and state = 'active'`;
      if (rows.length > 0) return;
      await sleep(25);
    }
    throw new Error("the migration never got to its slow statement");
  };

  it("of the lock takes the migration back, because somebody else may have begun", async () => {
    const database = await createTestDatabase();
    const directory = await addSlow("select pg_sleep(1);");
    const migrating = migrateUp(database.target, { directory });
    const outcome = expect(migrating).rejects.toMatchObject({ code: "unavailable" });
    await waitForSleep(database);
    await database.sql`
      select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = ${advisoryLockClass}`;
    await outcome;
    expect(await tablesOf(database)).not.toContain("late");
  });

  it("of the migration takes it back, and none of its later statements is run alone", async () => {
    const database = await createTestDatabase();
    const directory = await addSlow(
      "select pg_sleep(1);\n--> statement-breakpoint\ncreate table later (id int);",
    );
    const migrating = migrateUp(database.target, { directory });
    const outcome = expect(migrating).rejects.toMatchObject({ code: "unavailable" });
    await waitForSleep(database);
    await database.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like 'select pg_sleep%' and state = 'active'`;
    await outcome;
    await sleep(200);
    expect(await tablesOf(database)).not.toEqual(expect.arrayContaining(["late"]));
    expect(await tablesOf(database)).not.toEqual(expect.arrayContaining(["later"]));
  });

  // Only Linux servers notice a client that is gone while its statement runs.
  it.skipIf(process.platform !== "linux")(
    "of a killed process leaves nothing behind, and its lock not for long",
    { timeout: 60_000 },
    async () => {
      const database = await createTestDatabase();
      const directory = await addSlow("select pg_sleep(30);");
      const program = join(import.meta.dirname, "migrate-program.ts");
      const child = spawn(
        process.execPath,
        ["--import", "tsx", program, JSON.stringify(database.target), directory],
        { stdio: "ignore" },
      );
      await waitForSleep(database);
      child.kill("SIGKILL");
      await expect
        .poll(
          () =>
            database.sql`select pid from pg_stat_activity where application_name = 'mpi migrate' and datname = current_database()`,
          {
            timeout: 10_000,
            interval: 200,
          },
        )
        .toEqual([]);
      expect(await tablesOf(database)).not.toContain("late");
      await expect(migrateUp(database.target)).resolves.toMatchObject({ applied: [] });
    },
  );

  it("on purpose, by a signal, ends a statement that would take long, with nothing left", async () => {
    const database = await createTestDatabase();
    const directory = await addSlow("select pg_sleep(30);");
    const controller = new AbortController();
    const migrating = migrateUp(database.target, { directory, signal: controller.signal });
    const outcome = expect(migrating).rejects.toMatchObject({ code: "cancelled" });
    await waitForSleep(database);
    const start = performance.now();
    controller.abort();
    await outcome;
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(await tablesOf(database)).not.toContain("late");
    await expect
      .poll(
        () =>
          database.sql`select pid from pg_stat_activity where application_name = 'mpi migrate' and datname = current_database()`,
        {
          timeout: 10_000,
        },
      )
      .toEqual([]);
  });
});

describe("a pooler in transaction mode", () => {
  it.each(["oldest", "newest"] as const)("is refused, whichever session it picks (%s)", async (pick) => {
    const database = await createEmptyTestDatabase();
    const pooler = await startTransactionPooler(database.target, pick);
    try {
      await expect(migrateUp(pooler.target, quick)).rejects.toMatchObject({
        code: "unavailable",
        message: "A connection pooler in transaction mode stands between here and the server.",
      });
    } finally {
      await pooler.stop();
    }
    expect(await tablesOf(database)).toEqual([]);
  });
});

describe("the server", () => {
  it("is refused where the database is not encoded in UTF8", async () => {
    const database = await createEmptyTestDatabase();
    const name = `${database.name}_latin`;
    await database.sql.unsafe(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
    try {
      await expect(migrateUp({ ...database.target, database: name }, quick)).rejects.toMatchObject({
        code: "unavailable",
        message: "The database is encoded in LATIN1; names of people need UTF8.",
      });
    } finally {
      await database.sql.unsafe(`drop database ${name} with (force)`);
    }
  });

  it("is refused where an extension lives in another schema", async () => {
    const database = await createEmptyTestDatabase();
    await database.sql.unsafe("create schema elsewhere; create extension pg_trgm schema elsewhere");
    await expect(migrateUp(database.target, quick)).rejects.toMatchObject({
      message: "The extension pg_trgm lives in schema elsewhere; it must be in public.",
    });
  });

  describe("with a role that is not a superuser", () => {
    /** An ordinary login role; `grants` are given to it in the database. */
    const asRole = async (database: TestDatabase, grants: (role: string) => string) => {
      const role = `${database.name}_r`;
      const password = randomBytes(8).toString("hex");
      await database.sql.unsafe(
        `create role ${role} login password '${password}' nosuperuser nocreatedb; ${grants(role)}`,
      );
      onTestFinished(async () => {
        await database.sql.unsafe(
          `reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`,
        );
      });
      return { ...database.target, user: role, password };
    };

    it("works where it owns the database, because the extensions are trusted", async () => {
      const database = await createEmptyTestDatabase();
      const target = await asRole(database, (role) => `alter database ${database.name} owner to ${role}`);
      await expect(migrateUp(target)).resolves.toMatchObject({ alreadyApplied: 0 });
    });

    it("works where an administrator made the extensions and granted schema public alone", async () => {
      const database = await createEmptyTestDatabase();
      await database.sql.unsafe(
        "create extension pgcrypto; create extension pg_trgm; create extension fuzzystrmatch",
      );
      const target = await asRole(database, (role) => `grant create, usage on schema public to ${role}`);
      await expect(migrateUp(target)).resolves.toMatchObject({ alreadyApplied: 0 });
    });

    it("says what is missing where it may not make an extension", async () => {
      const database = await createEmptyTestDatabase();
      const target = await asRole(database, (role) => `grant create, usage on schema public to ${role}`);
      await expect(migrateUp(target, quick)).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("create extension if not exists pgcrypto") as string,
        hint: expect.stringContaining("administrator") as string,
      });
    });
  });
});
