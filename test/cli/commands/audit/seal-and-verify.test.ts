import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { attack } from "../../../support/audit-attackers.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { waitForOpenTransactions } from "../../../support/settle.ts";

const newDirectory = () => mkdtempSync(join(tmpdir(), "mpi-seal-"));

/** Runs `mpi audit …` for JSON, once every transaction that was open is over. */
const audit = async (database: TestDatabase, ...words: string[]) => {
  await waitForOpenTransactions(database.sql);
  const result = await runCli(["audit", ...words, "--output", "json"], { database: database.url });
  return { ...result, json: () => JSON.parse(result.stdout) as Record<string, unknown> };
};
const addPatients = (database: TestDatabase, count: number) =>
  database.sql`insert into patients (gender) select 'female' from generate_series(1, ${count}::int)`;
const countSeals = async (database: TestDatabase) => {
  const [row] = await database.sql<{ n: number }[]>`select count(*)::int as n from audit_seals`;
  return row!.n;
};
const twoRows = async (database: TestDatabase) => {
  const rows = await database.sql<{ id: string; at: string }[]>`
    select id::text as id, to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
    from audit_log order by audit_log.id limit 2`;
  return [rows[0]!, rows[1]!] as const;
};

describe("mpi audit seal", () => {
  it("says what it sealed, and that nothing is new the second time", async () => {
    const database = await createTestDatabase();
    await addPatients(database, 3);
    const first = await audit(database, "seal");
    expect(first).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("Sealed 3 rows") as unknown });
    expect(first.json()).toMatchObject({ seal: 1, rows: 3, made: 1, dryRun: false });
    const second = await audit(database, "seal");
    expect(second.stderr).toContain("Nothing is new since seal 1");
    expect(second.json()).toMatchObject({ seal: 1, made: 0 });
  });

  it("seals nothing in a dry run, and writes no head", async () => {
    const database = await createTestDatabase();
    await addPatients(database, 3);
    const heads = join(newDirectory(), "heads");
    const dry = await audit(database, "seal", "--dry-run", "--head", heads);
    expect(dry.json()).toMatchObject({ rows: 3, made: 1, dryRun: true });
    expect(await countSeals(database)).toBe(0);
    expect(existsSync(heads)).toBe(false);
  });

  it("appends to the file every head that it has not yet", async () => {
    const database = await createTestDatabase();
    const heads = join(newDirectory(), "heads");
    await addPatients(database, 1);
    await audit(database, "seal", "--head", heads);
    await addPatients(database, 1);
    await audit(database, "seal");
    await addPatients(database, 1);
    const third = await audit(database, "seal", "--head", heads);
    expect(third.stderr).toContain("2 heads added");
    const lines = readFileSync(heads, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { seal: number }).seal)).toEqual([1, 2, 3]);
    expect((await audit(database, "seal", "--head", heads)).stderr).toContain("0 heads added");
  });

  it("prints the head alone with --head -, ready to be sent away and given back to verify", async () => {
    const database = await createTestDatabase();
    await addPatients(database, 1);
    const sealed = await audit(database, "seal", "--head", "-");
    expect(sealed.stdout.trimEnd().split("\n")).toHaveLength(1);
    const verified = await runCli(["audit", "verify", "--head", "-", "--output", "json"], {
      database: database.url,
      stdin: sealed.stdout,
    });
    expect(verified.exitCode).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, keptHeads: 1, sealedRows: 1 });
  });

  it("adds no head to a file that the database contradicts", async () => {
    const [database, another] = [await createTestDatabase(), await createTestDatabase()];
    const heads = join(newDirectory(), "heads");
    await addPatients(another, 1);
    await audit(another, "seal", "--head", heads);
    const before = readFileSync(heads, "utf8");
    await addPatients(database, 1);
    const sealed = await audit(database, "seal", "--head", heads);
    expect(sealed).toMatchObject({ exitCode: 7, stderr: expect.stringContaining("contradicts") as unknown });
    expect(readFileSync(heads, "utf8")).toBe(before);
  });
});

describe("mpi audit verify", () => {
  it("says what is covered, and that only a kept head proves the chain", async () => {
    const database = await createTestDatabase();
    await addPatients(database, 2);
    await audit(database, "seal");
    await addPatients(database, 1);
    const verified = await audit(database, "verify");
    expect(verified.exitCode).toBe(0);
    expect(verified.stderr).toContain("--head");
    expect(verified.json()).toMatchObject({
      ok: true,
      seals: 1,
      sealedRows: 2,
      unsealedRows: 1,
      problems: [],
    });
    const plain = await runCli(["audit", "verify"], { database: database.url });
    expect(plain.stdout).toMatch(/Covered until:? +\d{4}-/);
  });

  it("names the first row that was altered, and exits with 7", async () => {
    const database = await createTestDatabase();
    await addPatients(database, 3);
    await audit(database, "seal");
    const [target, other] = await twoRows(database);
    await attack(database.sql, "altered", target, other, "row hashes");
    const verified = await audit(database, "verify");
    expect(verified.exitCode).toBe(7);
    expect(verified.json()).toMatchObject({
      ok: false,
      firstRow: { kind: "altered", id: target.id, at: target.at },
    });
    expect(verified.stderr).toContain(`row ${target.id} of ${target.at}, which was altered`);
  });

  it("catches who computed the whole chain again by a head that was kept, and by nothing else", async () => {
    const database = await createTestDatabase();
    const heads = join(newDirectory(), "heads");
    await addPatients(database, 3);
    await audit(database, "seal", "--head", heads);
    const [target, other] = await twoRows(database);
    await attack(database.sql, "removed", target, other, "everything");
    expect((await audit(database, "verify")).exitCode).toBe(0);
    const caught = await audit(database, "verify", "--head", heads);
    expect(caught).toMatchObject({
      exitCode: 7,
      stderr: expect.stringContaining("computed again") as unknown,
    });
  });

  it("finds a guard that is switched off, though no row was touched", async () => {
    const database = await createTestDatabase();
    await database.sql`alter table audit_log disable trigger audit_log_fill_hash`;
    const verified = await audit(database, "verify");
    expect(verified.exitCode).toBe(7);
    expect(verified.stdout).toContain("audit_log_fill_hash");
  });

  it("refuses a head file that is missing or is none", async () => {
    const database = await createTestDatabase();
    const heads = join(newDirectory(), "heads");
    expect((await audit(database, "verify", "--head", heads)).exitCode).toBe(3);
    writeFileSync(heads, "deadbeef\n");
    expect(await audit(database, "verify", "--head", heads)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("Line 1") as unknown,
    });
  });
});

describe("mpi audit archive", () => {
  const withOldMonths = async () => {
    const database = await createTestDatabase();
    await database.sql`select mpi_audit_create_partition('2001-01-01'), mpi_audit_create_partition('2001-02-01')`;
    await database.sql`insert into audit_log ("timestamp", action, entity_type, entity_id)
      select date '2001-01-20' + n, 'READ', 'patient', gen_random_uuid() from generate_series(0, 19) n`;
    return database;
  };
  const words = (directory: string) => ["archive", "--before", "2001-03-01", "--to", directory];

  it("refuses months that are not sealed, and says what to do", async () => {
    const database = await withOldMonths();
    const refused = await audit(database, ...words(newDirectory()), "--yes");
    expect(refused).toMatchObject({ exitCode: 4, stdout: "" });
    expect(refused.stderr).toContain("mpi audit seal");
  });

  it("lists the months in a dry run and moves them with --yes; the trail verifies afterwards", async () => {
    const database = await withOldMonths();
    await audit(database, "seal");
    const directory = join(newDirectory(), "archive");
    const dry = await audit(database, ...words(directory), "--dry-run");
    const months = [
      { month: "2001-01", rows: 12 },
      { month: "2001-02", rows: 8 },
    ];
    expect(dry.json()).toMatchObject({ dryRun: true, items: months });
    expect(existsSync(directory)).toBe(false);
    expect((await audit(database, ...words(directory))).exitCode).toBe(2);
    const archived = await audit(database, ...words(directory), "--yes", "--reason", "retention");
    expect(archived.json()).toMatchObject({ items: months });
    expect(existsSync(join(directory, "audit-2001-01.ndjson.gz"))).toBe(true);
    const verified = await audit(database, "verify", "--archives", directory);
    expect(verified.exitCode).toBe(0);
    expect(verified.json()).toMatchObject({
      ok: true,
      archives: [{ month: "2001-01" }, { month: "2001-02" }],
    });
  });

  it("has verify find an archive that was changed or is gone", async () => {
    const database = await withOldMonths();
    await audit(database, "seal");
    const directory = newDirectory();
    await audit(database, ...words(directory), "--yes");
    writeFileSync(join(directory, "audit-2001-01.ndjson.gz"), "not what was written");
    const verified = await audit(database, "verify", "--archives", directory);
    expect(verified.exitCode).toBe(7);
    expect(verified.json()["problems"]).toEqual([{ kind: "archive-altered", month: "2001-01" }]);
    const elsewhere = await audit(database, "verify", "--archives", newDirectory());
    expect(elsewhere.json()["problems"]).toEqual([
      { kind: "archive-missing", month: "2001-01" },
      { kind: "archive-missing", month: "2001-02" },
    ]);
  });

  it("takes a day for --before and nothing else", async () => {
    const database = await createTestDatabase();
    for (const day of ["2001", "2001-02-30", "yesterday"]) {
      const refused = await audit(database, "archive", "--before", day, "--to", newDirectory());
      expect(refused.exitCode).toBe(2);
    }
  });
});

describe("mpi audit partitions", () => {
  it("lists the months and the default, in every format", async () => {
    const database = await createTestDatabase();
    await addPatients(database, 3);
    const listed = await audit(database, "partitions");
    const { items } = listed.json() as { items: { month: string | null; name: string; rows: number }[] };
    expect(items.map(({ rows }) => rows)).toEqual([3, ...Array.from({ length: 13 }, () => 0)]);
    expect(items.at(-1)).toMatchObject({ month: null, name: "audit_log_default", rows: 0 });
    for (const format of ["table", "ndjson", "csv"]) {
      const result = await runCli(["audit", "partitions", "--output", format], { database: database.url });
      expect(result.exitCode).toBe(0);
      expect(result.stdout).toContain(items[0]!.name);
    }
  });

  it("says how many months it would make, makes them, and finds nothing to do the second time", async () => {
    const database = await createTestDatabase();
    const dry = await audit(database, "partitions", "--ensure", "--ahead", "14", "--dry-run");
    expect(dry.stderr).toContain("2 months would be made");
    expect((dry.json() as { items: unknown[] }).items).toHaveLength(14);
    const made = await audit(database, "partitions", "--ensure", "--ahead", "14");
    expect(made.json()).toMatchObject({ made: 2, missing: [] });
    expect((await audit(database, "partitions", "--ensure", "--ahead", "14")).stderr).toContain(
      "No month was missing",
    );
  });

  it("warns of rows in the default partition, and takes them to their month", async () => {
    const database = await createTestDatabase();
    await database.sql`insert into audit_log ("timestamp", action, entity_type) values ('2001-01-05', 'READ', 'patient')`;
    expect((await audit(database, "partitions")).stderr).toContain("Rows in the default partition: 1");
    await audit(database, "partitions", "--ensure");
    const after = (await audit(database, "partitions")).json() as { items: { name: string; rows: number }[] };
    expect(after.items[0]).toMatchObject({ name: "audit_log_2001_01" });
    expect(after.items.at(-1)).toMatchObject({ name: "audit_log_default", rows: 0 });
  });

  it("says with 8 that somebody holds the trail, and loses nothing", async () => {
    const database = await createTestDatabase();
    await database.sql.begin(async (holder) => {
      await holder`lock table audit_log in access share mode`;
      const refused = await runCli(["audit", "partitions", "--ensure", "--ahead", "13"], {
        database: database.url,
      });
      expect(refused.exitCode).toBe(8);
    });
    expect((await audit(database, "partitions", "--ensure", "--ahead", "13")).json()).toMatchObject({
      made: 1,
    });
  });

  it("are topped up by every match run, but not by a dry one", async () => {
    const database = await createTestDatabase();
    const countMonths = async () =>
      ((await audit(database, "partitions")).json() as { items: unknown[] }).items.length - 1;
    const [last] = await database.sql<{ name: string }[]>`
      select relid::text as name from pg_partition_tree('audit_log') where isleaf and relid::text <> 'audit_log_default' order by 1 desc limit 1`;
    await database.sql.unsafe(`drop table ${last!.name}`);
    await runCli(["match", "run", "--dry-run"], { database: database.url });
    expect(await countMonths()).toBe(12);
    await runCli(["match", "run"], { database: database.url });
    expect(await countMonths()).toBe(13);
  });

  it("takes --dry-run with --ensure only", async () => {
    const database = await createTestDatabase();
    expect((await audit(database, "partitions", "--dry-run")).exitCode).toBe(2);
  });
});
