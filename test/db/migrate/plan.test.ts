import { beforeAll, describe, expect, it } from "vitest";
import { migrateDown } from "../../../src/db/migrate/down.ts";
import { readMigrationFiles } from "../../../src/db/migrate/files.ts";
import { planMigrateUp } from "../../../src/db/migrate/plan.ts";
import {
  createdTable,
  describeEffect,
  lockModes,
  type LockMode,
} from "../../../src/db/migrate/statement-effect.ts";
import {
  createEmptyTestDatabase,
  createTestDatabase,
  shareTestDatabase,
  type TestDatabase,
} from "../../support/database.ts";
import { copyMigrations } from "./support.ts";

interface Observed {
  readonly locks: ReadonlyMap<string, LockMode>;
  readonly rewritten: readonly string[];
}

class RollBack extends Error {}

/** Runs a statement and looks which locks on tables it took that were there before, and which files it replaced. */
async function observe(
  { sql: client }: TestDatabase,
  statement: string,
  end: "commit" | "rollback",
): Promise<Observed> {
  const locks = new Map<string, LockMode>();
  const rewritten: string[] = [];
  await client
    .begin(async (transaction) => {
      const readFiles = async () => {
        const rows = await transaction<{ name: string; file: string }[]>`
          select relname as name, relfilenode::text as file from pg_class
          where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`;
        return new Map(rows.map(({ name, file }) => [name, file]));
      };
      const before = await readFiles();
      await transaction.unsafe(statement);
      const rows = await transaction<{ name: string; mode: string }[]>`
        select c.relname as name, l.mode from pg_locks l join pg_class c on c.oid = l.relation
        where l.pid = pg_backend_pid() and l.locktype = 'relation' and c.relkind in ('r', 'p')
          and c.relnamespace = 'public'::regnamespace and l.granted`;
      for (const { name, mode } of rows.filter((row) => before.has(row.name))) {
        const spelt = mode
          .replace(/Lock$/, "")
          .replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")
          .toUpperCase() as LockMode;
        const known = locks.get(name) ?? "none";
        if (lockModes.indexOf(spelt) > lockModes.indexOf(known)) locks.set(name, spelt);
      }
      const after = await readFiles();
      rewritten.push(...[...before].filter(([name, file]) => after.get(name) !== file).map(([name]) => name));
      if (end === "rollback") throw new RollBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof RollBack)) throw error;
    });
  return { locks, rewritten };
}

/** Reading is no lock that anybody waits for. */
const matters = ([, mode]: readonly [string, LockMode]) =>
  lockModes.indexOf(mode) > lockModes.indexOf("ROW SHARE");
const months = /^audit_log_\d{4}_\d{2}$/;

describe("what a statement is said to lock", () => {
  it("is what the server really locks and rewrites, for every statement of every migration", async () => {
    const database = await createEmptyTestDatabase();
    for (const file of await readMigrationFiles()) {
      for (const { number, sql } of file.statements) {
        const effect = describeEffect(sql);
        const { locks, rewritten } = await observe(database, sql, "commit");
        const made = createdTable(sql);
        const expected = effect.tables
          .filter((table) => table !== made)
          .map((table) => [table, effect.lock] as const)
          .filter(matters);
        const seen = [...locks].filter(([name]) => !months.test(name)).filter(matters);
        // Partitions are locked with their parent; the plan names the parent.
        const named = seen.filter(([name]) => name !== "audit_log_default" || effect.tables.includes(name));
        expect(Object.fromEntries(named), `${file.tag}, statement ${String(number)}`).toEqual(
          Object.fromEntries(expected),
        );
        expect(rewritten, `${file.tag}, statement ${String(number)}`).toEqual([]);
        expect(effect.rewrites).toBe(false);
      }
    }
  });

  const shared = shareTestDatabase();
  beforeAll(async () => {
    await shared().sql`insert into patients (gender, birth_order) values ('male', 1)`;
  });

  it.each([
    ["alter table patients add column colour text", "ACCESS EXCLUSIVE", false],
    ["alter table patients add column colour text not null default 'red'", "ACCESS EXCLUSIVE", false],
    ["alter table patients add column token uuid default gen_random_uuid()", "ACCESS EXCLUSIVE", true],
    [
      "alter table patients add column loud text generated always as (upper(gender)) stored",
      "ACCESS EXCLUSIVE",
      true,
    ],
    ["alter table patients alter column version type bigint", "ACCESS EXCLUSIVE", true],
    ["alter table patients alter column active set default false", "ACCESS EXCLUSIVE", false],
    ["alter table patients alter column gender set not null", "ACCESS EXCLUSIVE", false],
    ["alter table patients drop column birth_order cascade", "ACCESS EXCLUSIVE", false],
    ["alter table patients drop constraint patients_gender_check", "ACCESS EXCLUSIVE", false],
    ["alter table patients add constraint c check (birth_order < 9) not valid", "ACCESS EXCLUSIVE", false],
    ["alter table patients rename column birth_order to place", "ACCESS EXCLUSIVE", false],
    ["create unique index u on patients (id)", "SHARE", false],
    ["create index u on only patients using btree (id) where active", "SHARE", false],
    [
      "create trigger t before update on patients for each row execute function mpi_raise_version()",
      "SHARE ROW EXCLUSIVE",
      false,
    ],
    ["alter table patients disable trigger patients_audit_update", "SHARE ROW EXCLUSIVE", false],
    ["update patients set active = false", "ROW EXCLUSIVE", false],
    ["delete from patients", "ROW EXCLUSIVE", false],
  ] as const)("is right for: %s", async (sql, lock, rewrites) => {
    expect(describeEffect(sql)).toMatchObject({ tables: ["patients"], lock, rewrites });
    const observed = await observe(shared(), sql, "rollback");
    expect(observed.locks.get("patients")).toBe(lock);
    expect(observed.rewritten.includes("patients")).toBe(rewrites);
  });

  it("is nothing for what touches no table", () => {
    expect(describeEffect("create function f() returns int language sql as $$ select 1 $$")).toEqual({
      tables: [],
      lock: "none",
      rewrites: false,
      scans: false,
    });
  });
});

describe("a plan", () => {
  it("lists every statement of what is pending, and changes nothing", async () => {
    const database = await createEmptyTestDatabase();
    const plan = await planMigrateUp(database.target);
    const files = await readMigrationFiles();
    expect(plan.length).toBe(files.reduce((sum, { statements }) => sum + statements.length, 0));
    expect(plan.flatMap(({ tables }) => tables).every(({ isNew }) => isNew)).toBe(true);
    expect(
      await database.sql`select count(*)::int as tables from pg_class where relnamespace = 'public'::regnamespace`,
    ).toEqual([{ tables: 0 }]);
  });

  it("is empty where nothing is pending", async () => {
    const { target } = await createTestDatabase();
    expect(await planMigrateUp(target)).toEqual([]);
  });

  it("tells the size of tables that are there", async () => {
    const database = await createTestDatabase();
    await migrateDown(database.target);
    await database.sql`insert into patients (gender) select 'male' from generate_series(1, 1000)`;
    await database.sql`analyze patients`;
    const plan = await planMigrateUp(database.target);
    const step = plan.find(({ sql }) => sql.includes('"idx_patients_active_gender"'))!;
    expect(step).toMatchObject({
      migration: "0004_indexes_and_triggers",
      lock: "SHARE",
      scans: true,
      rewrites: false,
    });
    expect(step.tables).toEqual([
      { name: "patients", isNew: false, rows: 1000, bytes: expect.any(Number) as number },
    ]);
    expect(step.tables[0]!.bytes).toBeGreaterThan(100_000);
  });

  it("says which statement of a new migration rewrites a table", async () => {
    const { target } = await createTestDatabase();
    const copy = await copyMigrations();
    await copy.add("0005_wide", "alter table patients alter column version type bigint;");
    expect(await planMigrateUp(target, copy.directory)).toEqual([
      expect.objectContaining({
        migration: "0005_wide",
        number: 1,
        rewrites: true,
        lock: "ACCESS EXCLUSIVE",
      }),
    ]);
  });
});
