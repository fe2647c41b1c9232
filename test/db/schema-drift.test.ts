import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { boolean, pgTable, text } from "drizzle-orm/pg-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { readCatalogue, type CatalogueObject } from "../../src/db/migrate/catalogue.ts";
import { withSession } from "../../src/db/migrate/session.ts";
import { compareCatalogues } from "../../src/db/migrate/verify.ts";
import * as schema from "../../src/db/schema.ts";
import { createEmptyTestDatabase, createTestDatabase, type TestDatabase } from "../support/database.ts";

/** What Drizzle can say. Partitions, triggers and functions are the migrations' alone. */
const sharedKinds = new Set(["table", "column", "constraint", "index"]);

const sharedPart = (catalogue: readonly CatalogueObject[]): readonly CatalogueObject[] =>
  catalogue
    .filter(({ kind, name }) => sharedKinds.has(kind) && name !== "audit_log_default")
    .map((object) => (object.kind === "table" ? { ...object, definition: "" } : object));

const catalogueOf = ({ target }: TestDatabase) => withSession(target, readCatalogue);

/** The catalogue of a database that is made from a Drizzle module alone, so that the server words everything. */
async function catalogueOfModule(
  module: Readonly<Record<string, unknown>>,
  migrated: readonly CatalogueObject[],
): Promise<readonly CatalogueObject[]> {
  const database = await createEmptyTestDatabase();
  const needed = migrated.filter(
    ({ kind }) => kind === "extension" || kind === "sequence" || kind === "function",
  );
  await database.sql.unsafe(
    ["set check_function_bodies = off;", ...needed.map(({ definition }) => definition)].join("\n"),
  );
  const statements = await generateMigration(generateDrizzleJson({}), generateDrizzleJson(module));
  await database.sql.unsafe(statements.join("\n"));
  return sharedPart(await catalogueOf(database));
}

/** Both ways: what the module has and the database lacks is missing, the reverse is extra. */
async function findModuleDrift(module: Readonly<Record<string, unknown>>, database: TestDatabase) {
  const migrated = await catalogueOf(database);
  const drift = compareCatalogues(await catalogueOfModule(module, migrated), sharedPart(migrated));
  return drift.map(({ problem, kind, name }) => `${problem} ${kind} ${name}`);
}

describe("the Drizzle module and the database that the migrations build", () => {
  it("agree exactly: tables, columns, types, defaults, nullability, constraints, indexes", async () => {
    const database = await createTestDatabase();
    const migrated = sharedPart(await catalogueOf(database));
    expect(migrated.filter(({ kind }) => kind === "table").length).toBeGreaterThanOrEqual(13);
    expect(await findModuleDrift(schema, database)).toEqual([]);
  });

  it("are told apart where the database was changed", async () => {
    const database = await createTestDatabase();
    await database.sql.unsafe(`
      alter table organizations alter column name type varchar(300);
      alter table organizations alter column active drop default;
      alter table organizations alter column version drop not null;
      alter table organizations add column colour text;
      alter table organizations drop constraint organizations_name_check;
      drop index idx_organizations_name;
      create index idx_organizations_name on organizations (name, active);
      create table notes (id int);`);
    expect(await findModuleDrift(schema, database)).toEqual([
      "altered column organizations.active",
      "altered column organizations.name",
      "altered column organizations.version",
      "missing constraint organizations.organizations_name_check",
      "altered index organizations.idx_organizations_name",
      "extra table notes",
      "extra column organizations.colour",
    ]);
  });

  it("are told apart where the module was changed", async () => {
    const others = Object.fromEntries(Object.entries(schema).filter(([name]) => name !== "nameDictionary"));
    const nameDictionary = pgTable("name_dictionary", {
      kind: text("kind").notNull(),
      isRare: boolean("is_rare"),
    });
    const database = await createTestDatabase();
    expect(await findModuleDrift(others, database)).toEqual(["extra table name_dictionary"]);
    expect(await findModuleDrift({ ...others, nameDictionary }, database)).toEqual(
      expect.arrayContaining([
        "altered column name_dictionary.kind",
        "missing column name_dictionary.is_rare",
        "extra column name_dictionary.value",
        "extra index name_dictionary.idx_name_dictionary_value_trgm",
      ]),
    );
  });
});

describe("drizzle-kit generate", () => {
  const root = resolve(import.meta.dirname, "../..");

  /** Runs it in a copy of the project with `change` done to the module. */
  const generate = (change: (text: string) => string) => {
    const copy = mkdtempSync(join(tmpdir(), "mpi-generate-"));
    onTestFinished(() => rmSync(copy, { recursive: true }));
    mkdirSync(join(copy, "src/db"), { recursive: true });
    for (const name of [
      "drizzle.config.ts",
      "package.json",
      "tsconfig.json",
      "drizzle",
      "src/db/columns.ts",
    ]) {
      cpSync(join(root, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    writeFileSync(
      join(copy, "src/db/schema.ts"),
      change(readFileSync(join(root, "src/db/schema.ts"), "utf8")),
    );
    const before = readdirSync(join(copy, "drizzle"));
    const { stdout, status } = spawnSync(
      process.execPath,
      [join(root, "node_modules/drizzle-kit/bin.cjs"), "generate", "--name", "next"],
      { cwd: copy, encoding: "utf8" },
    );
    const made = readdirSync(join(copy, "drizzle")).filter((name) => !before.includes(name));
    return {
      stdout,
      status,
      sql: made.map((name) => readFileSync(join(copy, "drizzle", name), "utf8")).join(""),
    };
  };

  it("has nothing to add", { timeout: 60_000 }, () => {
    expect(generate((text) => text)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("No schema changes") as string,
      sql: "",
    });
  });

  it("would write a migration for a column that only the module has", { timeout: 60_000 }, () => {
    const { sql } = generate((text) =>
      text.replace(
        `orgType: textArray("org_type"),`,
        `orgType: textArray("org_type"), colour: text("colour"),`,
      ),
    );
    expect(sql.trim()).toBe('ALTER TABLE "organizations" ADD COLUMN "colour" text;');
  });
});
