import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dumpSchema, parseSchema, renderSchema } from "../../../src/db/migrate/dump.ts";
import { defaultMigrationsDirectory } from "../../../src/db/migrate/files.ts";
import { createEmptyTestDatabase, createTestDatabase } from "../../support/database.ts";

const schemaFile = () => readFile(join(defaultMigrationsDirectory(), "schema.sql"), "utf8");

describe("drizzle/schema.sql", () => {
  it("is what the migrations make; npm run schema:dump writes it anew", async () => {
    const { target } = await createTestDatabase();
    expect(await dumpSchema(target)).toBe(await schemaFile());
  });

  it("makes the same schema again when it is run, as a restored backup does", async () => {
    const database = await createEmptyTestDatabase();
    const text = await schemaFile();
    await database.sql.unsafe(text);
    expect(await dumpSchema(database.target)).toBe(text);
  });

  it("is read back without loss", async () => {
    const text = await schemaFile();
    const objects = parseSchema(text);
    expect(renderSchema(objects)).toBe(text);
    for (const kind of [
      "extension",
      "function",
      "table",
      "column",
      "constraint",
      "index",
      "trigger",
    ] as const) {
      expect(objects.filter((object) => object.kind === kind).length).toBeGreaterThan(2);
    }
  });
});
