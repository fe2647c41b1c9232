import { randomBytes } from "node:crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import { createDatabase, isDatabaseMissing } from "../../../src/db/migrate/create-database.ts";
import { migrateUp } from "../../../src/db/migrate/up.ts";
import { createEmptyTestDatabase } from "../../support/database.ts";

const missingTarget = async () => {
  const database = await createEmptyTestDatabase();
  const name = `${database.name}_New "one"`;
  onTestFinished(async () => {
    await database.sql.unsafe(`drop database if exists "${name.replaceAll('"', '""')}" with (force)`);
  });
  return { database, target: { ...database.target, database: name } };
};

describe("a missing database", () => {
  it("is told from one that is there", async () => {
    const { database, target } = await missingTarget();
    expect(await isDatabaseMissing(target)).toBe(true);
    expect(await isDatabaseMissing(database.target)).toBe(false);
  });

  it("is created in UTF8 under exactly its name, ready to be migrated", async () => {
    const { target } = await missingTarget();
    await createDatabase(target);
    expect(await isDatabaseMissing(target)).toBe(false);
    expect((await migrateUp(target)).alreadyApplied).toBe(0);
  });

  it("may be created by two at once", async () => {
    const { target } = await missingTarget();
    await Promise.all([createDatabase(target), createDatabase(target)]);
    expect(await isDatabaseMissing(target)).toBe(false);
  });

  it("is not taken for an unreachable server", async () => {
    const { target } = await missingTarget();
    await expect(isDatabaseMissing({ ...target, host: "127.0.0.1", port: 1 })).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  it("says who may create it where the role may not", async () => {
    const { database, target } = await missingTarget();
    const role = `${database.name}_r`;
    const password = randomBytes(8).toString("hex");
    await database.sql.unsafe(`create role ${role} login password '${password}' nocreatedb`);
    onTestFinished(async () => {
      await database.sql.unsafe(`drop role ${role}`);
    });
    await expect(createDatabase({ ...target, user: role, password })).rejects.toMatchObject({
      code: "unavailable",
      message: `The role ${role} may not create databases.`,
    });
  });
});
