import { describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { createEmptyTestDatabase, createTestDatabase } from "../../../support/database.ts";

describe("mpi demo", () => {
  it("goes from an empty database to measured matches, and the second time says what is there", async () => {
    const database = await createEmptyTestDatabase();
    const first = await runCli(["demo"], { database: database.url });
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toContain("5000 records were brought in.");
    expect(first.stdout).toMatch(/precision \d+\.\d %, recall \d+\.\d %/);
    expect(first.stdout).toContain("The three surest pairs:");
    expect(first.stdout).toContain("node bin/mpi.js patient find");
    const second = await runCli(["demo", "--output", "json"], { database: database.url });
    expect(second.exitCode).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ imported: false, records: 5000 });
  }, 120_000);

  it("takes the model that MPI_MODEL names, and says where it is not there before anything is stored", async () => {
    const database = await createTestDatabase();
    const { exitCode, stderr } = await runCli(["demo"], {
      database: database.url,
      env: { MPI_MODEL: "no-such-model.json" },
    });
    expect(exitCode).toBe(3);
    expect(stderr).toContain("no-such-model.json");
    expect(await database.sql`select 1 from patients`).toHaveLength(0);
  });

  it("refuses a database that holds records of its own", async () => {
    const database = await createTestDatabase();
    await database.sql`insert into patients (gender) values ('female')`;
    const { exitCode, stderr } = await runCli(["demo"], { database: database.url });
    expect(exitCode).toBe(4);
    expect(stderr).toContain("invented ones are not mixed");
    expect(await database.sql`select 1 from patients`).toHaveLength(1);
  });
});
