import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { advisoryLockClass } from "../../../../src/db/migrate/lock.ts";
import { firstLoadLock } from "../../../../src/db/queries/first-load.ts";
import { runCli } from "../../../support/cli.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

const map = {
  sourceId: "id",
  dateFormat: "YYYY-MM-DD",
  names: [{ use: "official", family: "family", given: "given" }],
  birthDate: "born",
  identifiers: [{ type: "MRN", system: "urn:mrn", value: "mrn" }],
  contacts: [{ system: "phone", use: "home", value: "phone" }],
};
const lines = (count: number) => [
  "id,family,given,born,mrn,phone",
  ...Array.from({ length: count }, (_, n) => `${n},Family${n},Given${n},1980-01-01,M${n},217-555-${n}`),
];

let folder: string;
let database: TestDatabase;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-first-load-"));
  await writeFile(path.join(folder, "map.json"), JSON.stringify(map));
  database = await createTestDatabase();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const words = (...more: string[]) => [
  "import",
  "csv",
  path.join(folder, "in.csv"),
  "--map",
  path.join(folder, "map.json"),
  "--source",
  "clinic",
  ...more,
];
const run = (...argv: string[]) => runCli([...argv, "--output", "json"], { database: database.url });
const write = (count: number) => writeFile(path.join(folder, "in.csv"), lines(count).join("\n"));
const countOf = async (what: string) =>
  Number((await database.sql.unsafe<{ n: string }[]>(`select count(*)::text as n from ${what}`))[0]!.n);
const listIndexes = async () => {
  const rows = await database.sql<{ definition: string }[]>`
    select pg_get_indexdef(indexrelid) as definition from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relnamespace = 'public'::regnamespace order by 1`;
  return rows.map(({ definition }) => definition);
};
const start = () =>
  spawn(process.execPath, ["bin/mpi.js", ...words("--first-load")], {
    env: { PATH: process.env["PATH"], DATABASE_URL: database.url, HOME: folder },
    stdio: "ignore",
  });

describe("mpi import csv --first-load", () => {
  it("leaves the very indexes that were there before, every record and its audit rows", async () => {
    const before = await listIndexes();
    await write(1500);
    const loaded = await run(...words("--first-load"));
    expect(loaded.exitCode).toBe(0);
    expect(loaded.stderr).toMatch(/Dropped \d+ indexes[^]* 4 references[^]*0 to go/);
    expect(await listIndexes()).toEqual(before);
    expect(await countOf("patients")).toBe(1500);
    expect(await countOf("audit_log where table_name = 'patient_names'")).toBe(1500);
    expect((await run("migrate", "verify")).exitCode).toBe(0);
  });

  it("is refused where there are patients already, and changes nothing", async () => {
    await write(1);
    await run(...words());
    const before = await listIndexes();
    await write(2);
    expect((await run(...words("--first-load"))).exitCode).toBe(4);
    expect(await listIndexes()).toEqual(before);
    expect(await countOf("patients")).toBe(1);
  });

  it("is not tried out", async () => {
    await write(1);
    expect((await run(...words("--first-load", "--dry-run"))).exitCode).toBe(2);
  });

  it("is finished by the same command after a kill -9; until then migrate verify tells what is missing", async () => {
    const before = await listIndexes();
    const records = 8000;
    await write(records);
    const child = start();
    const exited = new Promise((resolve) => child.once("exit", resolve));
    while (child.exitCode === null && (await countOf("patients")) === 0) await sleep(10);
    child.kill("SIGKILL");
    await exited;
    const atTheKill = await countOf("patients");
    expect(atTheKill).toBeGreaterThan(0);
    expect(atTheKill).toBeLessThan(records);

    const verified = await run("migrate", "verify");
    expect(verified.exitCode).toBe(7);
    expect(verified.stdout).toContain("idx_patient_names_family_trgm");
    expect(verified.stdout).toContain("patient_names_patient_id_fkey");

    const finished = await run(...words("--first-load"));
    expect(finished.exitCode).toBe(0);
    expect(await listIndexes()).toEqual(before);
    expect(await countOf("patients")).toBe(records);
    expect(await countOf("(select distinct source_id from patients) each")).toBe(records);
  });

  it("builds first what was still to build when it was killed after the last record", async () => {
    const before = await listIndexes();
    await write(10);
    await run(...words("--first-load"));
    // As a kill between the last record and the last index leaves it.
    await database.sql`drop index idx_patients_gender`;
    await database.sql`alter table patient_names drop constraint patient_names_patient_id_fkey`;
    await database.sql`update import_runs set state = 'running', counts = '{"building": 1}' where source_system = '(first load)'`;
    const ordinary = await run(...words());
    expect(ordinary.stderr).toContain("A first load was stopped");
    const again = await run(...words("--first-load"));
    expect(again.exitCode).toBe(0);
    // Two are built at a time.
    expect(again.stderr).toContain("Built patient_names_patient_id_fkey");
    expect(again.stderr).toContain("Built idx_patients_gender");
    expect((await run("migrate", "verify")).exitCode).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ items: [{ unchanged: 10 }] });
    expect(await listIndexes()).toEqual(before);
    expect((await run(...words())).stderr).not.toContain("A first load was stopped");
  });

  it("says that it is not finished where it was stopped by a limit, and carries on", async () => {
    await writeFile(path.join(folder, "in.csv"), [...lines(5), ",Nobody,,,,"].join("\n"));
    const stopped = await run(...words("--first-load", "--max-rejects", "0"));
    expect(stopped).toMatchObject({ exitCode: 9 });
    expect(stopped.stderr).toContain("the same command carries on");
    const finished = await run(...words("--first-load"));
    expect(finished.exitCode).toBe(5);
    expect(await countOf("patients")).toBe(5);
    expect((await run("migrate", "verify")).exitCode).toBe(0);
  });

  it("lets one of two that start at once do it", async () => {
    await write(1);
    const another = await database.sql.reserve();
    await another`select pg_advisory_lock(${advisoryLockClass}, ${firstLoadLock})`;
    expect((await run(...words("--first-load"))).exitCode).toBe(8);
    await another`select pg_advisory_unlock(${advisoryLockClass}, ${firstLoadLock})`;
    another.release();
    expect((await run(...words("--first-load"))).exitCode).toBe(0);
  });
});
