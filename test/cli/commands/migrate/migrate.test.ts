import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { runCli } from "../../../support/cli.ts";
import {
  createEmptyTestDatabase,
  createTestDatabase,
  shareTestDatabase,
  type TestDatabase,
} from "../../../support/database.ts";

const migrate = (database: TestDatabase | { readonly url: string }, ...words: string[]) =>
  runCli(["migrate", ...words], { database: database.url });
const json = (text: string) => JSON.parse(text) as unknown;
const firstTag = "0000_organizations";

describe("mpi migrate", () => {
  it("brings an empty database up, and says so on stdout; the second time there is nothing to do", async () => {
    const database = await createEmptyTestDatabase();
    const first = await migrate(database, "--output", "json");
    expect(first.exitCode).toBe(0);
    expect(json(first.stdout)).toMatchObject({
      items: expect.arrayContaining([
        { migration: firstTag, state: "applied", duration: expect.any(Number) as number },
      ]) as unknown,
      alreadyApplied: 0,
      createdDatabase: false,
    });
    const second = await migrate(database);
    expect(second).toMatchObject({ exitCode: 0, stdout: "" });
    expect(second.stderr).toContain("Nothing to do");
  });

  it("writes down the acting user", async () => {
    const database = await createEmptyTestDatabase();
    await migrate(database, "up", "--user", "dba.jones");
    expect(await database.sql`select distinct applied_by from mpi_migrations`).toEqual([
      { applied_by: "dba.jones" },
    ]);
  });

  it("says what it would do with --dry-run, and does nothing", async () => {
    const database = await createEmptyTestDatabase();
    const result = await migrate(database, "--dry-run", "--output", "json");
    expect(json(result.stdout)).toMatchObject({
      items: expect.arrayContaining([
        { migration: firstTag, state: "would be applied", duration: null },
      ]) as unknown,
    });
    expect(
      await database.sql`select 1 as one from pg_class where relnamespace = 'public'::regnamespace`,
    ).toEqual([]);
  });

  describe("on a server that has no such database", () => {
    const withMissing = async () => {
      const { name, url, sql } = await createEmptyTestDatabase();
      const missing = `${name}_x`;
      onTestFinished(async () => {
        await sql.unsafe(`drop database if exists ${missing} with (force)`);
      });
      return { url: url.replace(name, missing) };
    };

    it("creates it with --create-database", async () => {
      const result = await migrate(await withMissing(), "--create-database");
      expect(result.exitCode).toBe(0);
      expect(result.stderr).toContain("Created the database");
      expect(result.stdout).toContain(firstTag);
    });

    it("does not create it unasked where there is no terminal: exit code 6, with what to do", async () => {
      const result = await migrate(await withMissing());
      expect(result).toMatchObject({ exitCode: 6, stdout: "" });
      expect(result.stderr).toContain("--create-database");
    });

    it("creates none in a dry run, but says so", async () => {
      const database = await withMissing();
      const result = await migrate(database, "--dry-run", "--output", "json");
      expect(result.exitCode).toBe(0);
      expect(json(result.stdout)).toMatchObject({ createdDatabase: true });
      expect((await migrate(database)).exitCode).toBe(6);
    });
  });

  it("stops at once when it is told to: exit code 130, with nothing half done", async () => {
    const database = await createEmptyTestDatabase();
    const controller = new AbortController();
    controller.abort();
    const result = await runCli(["migrate"], { database: database.url, signal: controller.signal });
    expect(result.exitCode).toBe(130);
    expect(
      await database.sql`select 1 as one from pg_class where relnamespace = 'public'::regnamespace`,
    ).toEqual([]);
  });
});

describe("mpi migrate status", () => {
  it("lists what is applied, by whom and with which version", async () => {
    const result = await migrate(await createTestDatabase(), "status", "--output", "csv");
    expect(result.exitCode).toBe(0);
    expect(result.stdout.split("\n")[0]).toBe("migration,state,appliedAt,appliedBy,version,duration");
    expect(result.stdout).toMatch(/^0000_organizations,applied,\d{4}-/m);
  });

  it("succeeds with pending migrations unless --check is given: then exit code 7", async () => {
    const database = await createEmptyTestDatabase();
    expect((await migrate(database, "status")).exitCode).toBe(0);
    const checked = await migrate(database, "status", "--check", "--output", "json");
    expect(checked.exitCode).toBe(7);
    expect(json(checked.stdout)).toMatchObject({ isCurrent: false });
    await migrate(database);
    expect((await migrate(database, "status", "--check")).exitCode).toBe(0);
  });

  it("finds an edited migration with --check", async () => {
    const database = await createTestDatabase();
    await database.sql`update mpi_migrations set hash = 'x' where tag = ${firstTag}`;
    const result = await migrate(database, "status", "--check");
    expect(result.exitCode).toBe(7);
    expect(result.stdout).toContain("its file was edited since");
    expect((await migrate(database)).exitCode).toBe(4);
  });
});

describe("mpi migrate plan", () => {
  it("prints SQL that can be run, with what each statement costs before it", async () => {
    const database = await createTestDatabase();
    await migrate(database, "down", "--yes");
    await database.sql`insert into patients (gender) select 'male' from generate_series(1, 500)`;
    await database.sql`analyze patients`;
    const result = await migrate(database, "plan");
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain("-- Migration 0004_indexes_and_triggers");
    expect(result.stdout).toMatch(/^-- \d+: SHARE on patients \(about 500 rows, \d+ kB\), reads all of it$/m);
    expect(result.stdout).toMatch(/^-- \d+: disturbs nobody$/m);
    await database.sql.unsafe(result.stdout);
    expect(await database.sql`select to_regclass('idx_patients_active_gender') is not null as there`).toEqual(
      [{ there: true }],
    );
  });

  it("gives the same to programs", async () => {
    const result = await migrate(await createEmptyTestDatabase(), "plan", "--output", "json");
    expect((json(result.stdout) as { items: unknown[] }).items[0]).toMatchObject({
      migration: firstTag,
      statement: 1,
      lock: "none",
      tables: [],
      rewrites: false,
      scans: false,
      sql: expect.stringContaining("create extension") as string,
    });
  });
});

describe("mpi migrate down", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  const addRow = () => database.sql`insert into organizations (name) values ('General Hospital')`;

  it("asks for --yes where there is no terminal, and does nothing without", async () => {
    const result = await migrate(database, "down");
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain("--yes");
    expect((await migrate(database, "status", "--check")).exitCode).toBe(0);
  });

  it("takes back the newest with --yes alone where no row is lost", async () => {
    const result = await migrate(database, "down", "--yes", "--output", "json");
    expect(result.exitCode).toBe(0);
    expect(json(result.stdout)).toEqual({
      dryRun: false,
      takenBack: ["0004_indexes_and_triggers"],
      rowsDropped: 0,
      tables: [],
    });
  });

  it("wants a reason besides where rows are lost", async () => {
    await addRow();
    const refused = await migrate(database, "down", "--to", "none", "--yes");
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain("--reason");
    expect((await migrate(database, "status", "--check")).exitCode).toBe(0);
    const done = await migrate(
      database,
      "down",
      "--to",
      "none",
      "--yes",
      "--reason",
      "rehearsal",
      "--output",
      "json",
    );
    expect(done.exitCode).toBe(0);
    expect(json(done.stdout)).toMatchObject({
      rowsDropped: 2,
      tables: [
        { migration: "0003_audit", table: "audit_log", rows: 1 },
        { migration: "0000_organizations", table: "organizations", rows: 1 },
      ],
    });
  });

  it("changes nothing with --dry-run", async () => {
    await addRow();
    const result = await migrate(database, "down", "--to", "none", "--dry-run");
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(/^organizations +1$/m);
    expect((await migrate(database, "status", "--check")).exitCode).toBe(0);
  });

  it("knows no such version: exit code 2", async () => {
    expect((await migrate(database, "down", "--to", "42", "--yes")).exitCode).toBe(2);
  });
});

describe("mpi migrate verify", () => {
  it("is silent and succeeds where all is well", async () => {
    const result = await migrate(await createTestDatabase(), "verify");
    expect(result).toMatchObject({ exitCode: 0, stdout: "" });
  });

  it("lists what differs and ends with exit code 7", async () => {
    const database = await createTestDatabase();
    await database.sql`drop index idx_patients_birth_date`;
    const result = await migrate(database, "verify", "--output", "json");
    expect(result.exitCode).toBe(7);
    expect(json(result.stdout)).toEqual({
      items: [
        {
          problem: "missing",
          kind: "index",
          name: "patients.idx_patients_birth_date",
          expected: "CREATE INDEX idx_patients_birth_date ON patients USING btree (birth_date);",
        },
      ],
    });
  });

  it("shows of an altered function the first line that differs, not the heading that does not", async () => {
    const database = await createTestDatabase();
    await database.sql.unsafe(`
      create or replace function mpi_join_text(value text[]) returns text language plpgsql immutable parallel safe as $function$
begin
  return array_to_string(value, '-');
end
$function$`);
    const { exitCode, stdout } = await migrate(database, "verify");
    expect(exitCode).toBe(7);
    expect(stdout).toContain("return array_to_string(value, ' ');");
    expect(stdout).toContain("return array_to_string(value, '-');");
  });
});

describe("mpi migrate baseline", () => {
  it("adopts a database that was built from schema.sql", async () => {
    const database = await createEmptyTestDatabase();
    const schema = join(import.meta.dirname, "../../../../drizzle/schema.sql");
    await database.sql.unsafe(await readFile(schema, "utf8"));
    expect((await migrate(database, "status", "--check")).exitCode).toBe(7);
    const result = await migrate(database, "baseline");
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain(firstTag);
    expect((await migrate(database, "verify")).exitCode).toBe(0);
  });

  it("refuses an empty database with exit code 7", async () => {
    expect((await migrate(await createEmptyTestDatabase(), "baseline")).exitCode).toBe(7);
  });
});

describe("mpi migrate dump", () => {
  const shared = shareTestDatabase();

  it("writes the schema as the repository has it", async () => {
    const result = await migrate(shared(), "dump");
    const schema = join(import.meta.dirname, "../../../../drizzle/schema.sql");
    expect(result.stdout).toBe(await readFile(schema, "utf8"));
  });
});

describe("every verb of mpi migrate", () => {
  const verbs = ["up", "status", "plan", "down", "verify", "baseline", "dump"];

  it.each(verbs)("%s has help with an example", async (verb) => {
    const result = await runCli(["migrate", verb, "--help"]);
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(/Examples:\n {2}\$ mpi migrate/);
  });

  it.each(verbs)("%s refuses an unknown option with exit code 2", async (verb) => {
    expect((await runCli(["migrate", verb, "--nonsense"])).exitCode).toBe(2);
  });

  it.each(verbs)(
    "%s says with exit code 6 that the server does not answer, without the password",
    async (verb) => {
      const result = await runCli(["migrate", verb], { database: "postgresql://u:hush@127.0.0.1:1/nowhere" });
      expect(result.exitCode).toBe(6);
      expect(result.stderr).toContain("127.0.0.1:1");
      expect(result.stderr).not.toContain("hush");
    },
  );
});
