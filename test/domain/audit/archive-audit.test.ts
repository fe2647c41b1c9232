import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { archiveAudit, planArchive } from "../../../src/domain/audit/archive-audit.ts";
import { sealAudit as sealNow } from "../../../src/domain/audit/seal-audit.ts";
import { verifyAudit } from "../../../src/domain/audit/verify-audit.ts";
import { withoutGuards } from "../../support/audit-attackers.ts";
import { seededNumbers } from "../../support/kill-merges.ts";
import { waitForOpenTransactions } from "../../support/settle.ts";
import { openTestIndex, type TestIndex } from "../../support/test-index.ts";

const audit = { user: "dba", operation: "AUDIT_ARCHIVE", reason: "retention" };
const seal = async (index: TestIndex) => {
  await waitForOpenTransactions(index.sql);
  return sealNow(index.db, audit);
};
const newDirectory = () => mkdtempSync(join(tmpdir(), "mpi-archive-"));
const archive = (index: TestIndex, directory: string, before = "2001-12-01") =>
  archiveAudit(index.db, index.database.target, audit, {
    before,
    directory,
    signal: new AbortController().signal,
  });
const verify = (index: TestIndex, archiveDirectory?: string) =>
  verifyAudit(index.db, index.database.target, audit, {
    signal: new AbortController().signal,
    ...(archiveDirectory === undefined ? {} : { archiveDirectory }),
  });
const listMonths = async (index: TestIndex) => {
  const rows = await index.sql<{ name: string }[]>`
    select relid::text as name from pg_partition_tree('audit_log') where relid::text ~ '^audit_log_2001' order by 1`;
  return rows.map(({ name }) => name.slice("audit_log_".length));
};
const insertRows = (index: TestIndex, count: number, from = "2001-01-01") =>
  index.sql`insert into audit_log ("timestamp", action, entity_type, entity_id, reason, new_values)
    select ${from}::timestamptz + n * interval '83 days' / ${count}::int, 'READ', 'patient', gen_random_uuid(),
      e'quote " backslash \\\\ tab \t Zoë 山田', jsonb_build_object('n', n, 'text', e'line\nbreak "x"', 'price', 1.10)
    from generate_series(0, ${count}::int - 1) n`;

/** Rows of January to March 2001 under two seals, and rows of today. */
async function openIndexWithThreeMonths(rows = 60) {
  const index = await openTestIndex();
  await index.sql`select mpi_audit_create_partition(('2001-0' || n || '-01')::date) from generate_series(1, 3) n`;
  await insertRows(index, rows);
  await seal(index);
  await insertRows(index, rows / 2, "2001-01-02");
  await index.add({ name: "Quillfeather, Wilma" });
  await seal(index);
  return index;
}

describe("audit archive", () => {
  it("writes each month to a file of its rows, word for word as they were hashed, and drops it", async () => {
    const index = await openIndexWithThreeMonths();
    const directory = newDirectory();
    const before = await index.sql<{ hash: string }[]>`
      select encode(row_hash, 'hex') as hash from audit_log
      where "timestamp" < '2001-02-01' order by transaction_id, id`;
    const archived = await archive(index, directory);
    expect(archived.map(({ month }) => month)).toEqual(["2001-01", "2001-02", "2001-03"]);
    expect(await listMonths(index)).toEqual([]);

    const [january] = archived;
    expect(statSync(january!.file).mode & 0o777).toBe(0o600);
    expect(createHash("sha256").update(readFileSync(january!.file)).digest("hex")).toBe(january!.fileHash);
    const [header, ...lines] = gunzipSync(readFileSync(january!.file)).toString("utf8").trimEnd().split("\n");
    expect(JSON.parse(header!)).toMatchObject({ format: "mpi-audit-archive/1", month: "2001-01" });
    expect(lines.map((line) => createHash("sha256").update(line).digest("hex"))).toEqual(
      before.map(({ hash }) => hash),
    );
    expect(JSON.parse(lines[0]!)).toMatchObject({
      action: "READ",
      reason: 'quote " backslash \\ tab \t Zoë 山田',
      new_values: { n: 0, text: 'line\nbreak "x"', price: 1.1 },
    });
    expect(lines[0]).toContain('"price": 1.10');
  });

  it("leaves a trail that still verifies, with and without the files, and tells what was archived", async () => {
    const index = await openIndexWithThreeMonths();
    const directory = newDirectory();
    await archive(index, directory);
    for (const report of [await verify(index), await verify(index, directory)]) {
      expect(report.problems).toEqual([]);
      expect(report.archives.map(({ month, archivedBy }) => [month, archivedBy])).toEqual([
        ["2001-01", "dba"],
        ["2001-02", "dba"],
        ["2001-03", "dba"],
      ]);
    }
    const told = await index.sql`
      select action, user_id, reason, new_values ->> 'month' as month from audit_log where operation = 'AUDIT_ARCHIVE' order by id`;
    expect(told).toEqual(
      ["2001-01", "2001-02", "2001-03"].map((month) => ({
        action: "ADMIN",
        user_id: "dba",
        reason: "retention",
        month,
      })),
    );
    await seal(index);
    expect((await verify(index)).problems).toEqual([]);
  });

  it("takes only months that are over before the day, and never the current one", async () => {
    const index = await openIndexWithThreeMonths();
    expect((await planArchive(index.db, "2001-02-28")).map(({ month }) => month)).toEqual(["2001-01"]);
    expect((await planArchive(index.db, "2001-03-01")).map(({ month }) => month)).toEqual([
      "2001-01",
      "2001-02",
    ]);
    expect((await planArchive(index.db, "2999-01-01")).map(({ month }) => month)).toEqual([
      "2001-01",
      "2001-02",
      "2001-03",
    ]);
    await expect(
      index.sql`select mpi_audit_drop_month(date_trunc('month', now() at time zone 'UTC')::date, 0, 'f', '')`,
    ).rejects.toMatchObject({ code: "23001" });
  });

  it("refuses everything where a month is not wholly sealed", async () => {
    const index = await openIndexWithThreeMonths();
    await insertRows(index, 1, "2001-03-05");
    const directory = newDirectory();
    await expect(archive(index, directory)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("2001-03") as string,
    });
    expect(readdirSync(directory)).toEqual([]);
    expect(await listMonths(index)).toHaveLength(3);
  });

  it("refuses a month whose rows lie in the default partition", async () => {
    const index = await openTestIndex();
    await index.sql`select mpi_audit_create_partition('2001-01-01')`;
    await insertRows(index, 4);
    await index.sql`drop table audit_log_2001_01`;
    await insertRows(index, 4);
    await seal(index);
    // The default partition alone is no month that could be dropped.
    expect(await planArchive(index.db, "2001-12-01")).toEqual([]);
  });

  it("drops nothing where a row is not as it was sealed", async () => {
    const index = await openIndexWithThreeMonths();
    await withoutGuards(index.sql, (sql) => sql`update audit_log set user_id = 'x' where id = 3`);
    const directory = newDirectory();
    await expect(archive(index, directory)).rejects.toMatchObject({ code: "check-failed" });
    expect(await listMonths(index)).toHaveLength(3);
    expect(readdirSync(directory).filter((name) => !name.endsWith(".partial"))).toEqual([]);
  });

  it("drops nothing where a row came in after the file was written", async () => {
    const index = await openIndexWithThreeMonths();
    await expect(index.sql`select mpi_audit_drop_month('2001-01-01', 1, 'f', '')`).rejects.toMatchObject({
      code: "23001",
    });
    expect(await listMonths(index)).toHaveLength(3);
  });

  it("goes on from a finished file whose month is still there, and from a draft", async () => {
    const index = await openIndexWithThreeMonths();
    const directory = newDirectory();
    const [first] = await archive(index, directory, "2001-02-01");
    const finished = newDirectory();
    const other = await openIndexWithThreeMonths();
    writeFileSync(join(finished, "audit-2001-02.ndjson.gz.partial"), "half a fi");
    // A file of the same name that holds another trail's month is in the way.
    writeFileSync(join(finished, "audit-2001-01.ndjson.gz"), readFileSync(first!.file));
    await expect(archive(other, finished)).rejects.toMatchObject({ code: "conflict" });
    expect(await listMonths(other)).toHaveLength(3);
  });

  it("notices a file that was lost, cut short, or changed", async () => {
    const index = await openIndexWithThreeMonths();
    const directory = newDirectory();
    const [january, february, march] = await archive(index, directory);
    writeFileSync(january!.file, readFileSync(january!.file).subarray(0, 200));
    const text = gunzipSync(readFileSync(february!.file)).toString("utf8");
    writeFileSync(february!.file, gzipSync(text.replace('"READ"', '"SEEN"')));
    expect((await verify(index, directory)).problems).toEqual([
      { kind: "archive-altered", month: "2001-01" },
      { kind: "archive-altered", month: "2001-02" },
    ]);
    expect((await verify(index, newDirectory())).problems).toEqual(
      [january, february, march].map((each) => ({ kind: "archive-missing", month: each!.month })),
    );
    expect((await verify(index)).problems).toEqual([]);
  });

  it("does not believe in an archive that the trail knows nothing of", async () => {
    const index = await openIndexWithThreeMonths();
    await index.sql`drop table audit_log_2001_02`;
    const [row] = await index.sql<
      { rows: string }[]
    >`select sum(row_count) as rows from audit_seal_months where month = '2001-02-01'`;
    await index.sql`insert into audit_archives (month, row_count, file_name, file_hash) values ('2001-02-01', ${row!.rows}, 'f', '')`;
    expect((await verify(index)).problems).toEqual([{ kind: "archive-untold", month: "2001-02" }]);
  });

  it("finds rows that turn up in a month that was archived", async () => {
    const index = await openIndexWithThreeMonths();
    await archive(index, newDirectory());
    await index.sql`insert into audit_log (id, "timestamp", action, entity_type, transaction_id)
      values (100000, '2001-02-03', 'READ', 'patient', '10')`;
    expect((await verify(index)).firstRow).toMatchObject({ id: "100000" });
  });

  it(
    "survives being killed at any moment: every month is in the database or in its file",
    { timeout: 180_000 },
    async () => {
      const index = await openIndexWithThreeMonths(30_000);
      const directory = newDirectory();
      const random = seededNumbers(5);
      let kills = 0;
      for (let round = 0; (await listMonths(index)).length > 0; round += 1) {
        expect(round).toBeLessThan(60);
        const worker = spawn(
          process.execPath,
          [
            "--import",
            "tsx",
            join(import.meta.dirname, "../../support/programs/archive-worker.ts"),
            index.database.url,
            directory,
          ],
          { stdio: ["ignore", "pipe", "inherit"] },
        );
        const ended = new Promise((resolve) => worker.once("exit", resolve));
        await new Promise((resolve) => worker.stdout.once("data", resolve));
        // Later and later, so that it comes to an end.
        const isDone = await Promise.race([
          ended.then(() => true),
          sleep(random() * 150 * 1.2 ** round).then(() => false),
        ]);
        if (!isDone) kills += 1;
        worker.kill("SIGKILL");
        await ended;
        for (let month = 1; month <= 3; month += 1) {
          const isInDatabase = (await listMonths(index)).includes(`2001_0${String(month)}`);
          const isInFile = existsSync(join(directory, `audit-2001-0${String(month)}.ndjson.gz`));
          expect(isInDatabase || isInFile).toBe(true);
        }
      }
      expect(kills).toBeGreaterThan(0);
      expect((await verify(index, directory)).problems).toEqual([]);
    },
  );
});
