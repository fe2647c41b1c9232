import { describe, expect, it, onTestFinished } from "vitest";
import { formatHead, parseHeads } from "../../../src/domain/audit/head-file.ts";
import { listSeals, sealAudit } from "../../../src/domain/audit/seal-audit.ts";
import { verifyAudit, type VerifyReport } from "../../../src/domain/audit/verify-audit.ts";
import {
  attack,
  coverUps,
  manipulations,
  rowHash,
  withoutGuards,
  type Target,
} from "../../support/audit-attackers.ts";
import { connectRaw } from "../../support/postgres-server.ts";
import { waitForOpenTransactions } from "../../support/settle.ts";
import { openTestIndex, type TestIndex } from "../../support/test-index.ts";

const audit = { user: "auditor", operation: "AUDIT" };
const sealNow = (index: TestIndex) => sealAudit(index.db, audit);
const seal = async (index: TestIndex) => {
  await waitForOpenTransactions(index.sql);
  return sealNow(index);
};
const verify = (index: TestIndex, keptText?: string): Promise<VerifyReport> =>
  verifyAudit(index.db, index.database.target, audit, {
    signal: new AbortController().signal,
    ...(keptText === undefined ? {} : { kept: parseHeads(keptText, "the test") }),
  });

const addPatients = async (index: TestIndex, count: number) => {
  for (let n = 0; n < count; n += 1) {
    await index.add({
      name: `Quillfeather, Wilma${String(n)}`,
      birthDate: "1980-03-15",
      identifiers: [{ value: String(n) }],
    });
  }
};

/** Uses ids up, as a transaction does that is rolled back. */
const leaveGap = (index: TestIndex) =>
  index.sql`select nextval('audit_log_id_seq')::text as id`.then(([row]) => row!["id"] as string);

/** Three seals over rows of this month and of two old ones, with a gap in the ids, and some rows not sealed yet. */
async function openSealedIndex() {
  const index = await openTestIndex();
  await index.sql`select mpi_audit_create_partition('2001-01-01'), mpi_audit_create_partition('2001-02-01')`;
  await addPatients(index, 3);
  await seal(index);
  await index.sql`insert into audit_log ("timestamp", action, entity_type, entity_id)
    select date '2001-01-01' + 11 * n, 'READ', 'patient', gen_random_uuid() from generate_series(0, 5) n`;
  const gap = await leaveGap(index);
  await addPatients(index, 3);
  await seal(index);
  await addPatients(index, 2);
  await seal(index);
  const kept = (await listSeals(index.db, { after: 0 })).map(formatHead).join("\n");
  await addPatients(index, 1);
  const rows = await index.sql<(Target & { seal: number })[]>`
    select a.id::text as id, to_char(a."timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, s.id::int as seal
    from audit_log a join audit_seals s on a.transaction_id >= s.lower_xid and a.transaction_id < s.upper_xid order by a.id`;
  return { index, gap, kept, rows };
}

describe("audit verify", () => {
  it("finds nothing where nothing was done, and says what it covers", async () => {
    const { index, kept, rows } = await openSealedIndex();
    const report = await verify(index, kept);
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({
      seals: 3,
      sealedRows: rows.length,
      unsealedRows: 3,
      keptHeads: 3,
      firstRow: undefined,
    });
    const [last] = await listSeals(index.db, { last: 1 });
    expect(report.coveredUntil).toBe(last!.sealedAt);
  });

  it("finds nothing in a trail that was never sealed, and covers nothing", async () => {
    const index = await openTestIndex();
    await addPatients(index, 1);
    expect(await verify(index)).toMatchObject({
      seals: 0,
      coveredUntil: null,
      sealedRows: 0,
      unsealedRows: 3,
      problems: [],
    });
  });

  // The superuser has the triggers switched off and on again. Against one who knows nothing of hashes, one who
  // computes the rows' hashes again, and one who computes the whole chain again.
  for (const manipulation of manipulations) {
    for (const coverUp of coverUps) {
      it(`finds a row that was ${manipulation}, with ${coverUp} recomputed, and names it`, async () => {
        const { index, gap, kept, rows } = await openSealedIndex();
        const sealed = rows.filter((row) => row.seal === 2);
        const [target, second] = [sealed[8]!, sealed[9]!];
        const other = manipulation === "inserted" ? { id: gap, at: "" } : second;
        const place = await attack(index.sql, manipulation, target, other, coverUp);
        const [alone, withKept] = [await verify(index), await verify(index, kept)];
        if (coverUp === "everything") {
          // Nobody can tell from the inside; a head that was kept elsewhere tells from which seal on.
          expect(alone.problems).toEqual([]);
          expect(withKept.problems.length).toBeGreaterThan(0);
          expect(new Set(withKept.problems.map(({ kind }) => kind))).toEqual(new Set(["head-differs"]));
        } else {
          expect(alone.firstRow).toMatchObject({ kind: manipulation, id: place.id, at: place.at, sealId: 2 });
          expect(alone.problems).toHaveLength(manipulation === "reordered" ? 2 : 1);
          expect(withKept.firstRow).toEqual(alone.firstRow);
        }
      });
    }
  }

  it("finds rows that changed their times, also from one month to another", async () => {
    const { index, rows } = await openSealedIndex();
    const [january, february] = [
      rows.find(({ at }) => at.startsWith("2001-01"))!,
      rows.find(({ at }) => at.startsWith("2001-02"))!,
    ];
    await withoutGuards(index.sql, async (sql) => {
      await sql`update audit_log set "timestamp" = case id when ${january.id} then ${february.at}::timestamptz else ${january.at}::timestamptz end
        where id in (${january.id}, ${february.id})`;
    });
    const report = await verify(index);
    expect(
      report.problems.map((problem) => ("id" in problem ? [problem.id, problem.kind] : problem)),
    ).toEqual(
      expect.arrayContaining([
        [january.id, expect.any(String)],
        [february.id, expect.any(String)],
      ]),
    );
    expect(report.firstRow).toMatchObject({ id: january.id });
  });

  it("finds a sealed row that was moved within its month", async () => {
    const { index, rows } = await openSealedIndex();
    const january = rows.filter(({ at }) => at.startsWith("2001-01"));
    const [first, second] = [january[0]!, january[1]!];
    await withoutGuards(index.sql, async (sql) => {
      await sql`update audit_log set "timestamp" = ${second.at}::timestamptz - interval '1 second' where id = ${first.id}`;
    });
    expect((await verify(index)).problems).toEqual([
      { kind: "reordered", id: first.id, at: first.at, sealId: 2 },
    ]);
  });

  it("finds a row that was not sealed yet and changed behind its hash's back", async () => {
    const { index } = await openSealedIndex();
    await withoutGuards(index.sql, async (sql) => {
      await sql`update audit_log set user_id = 'x' where id = (select max(id) from audit_log)`;
    });
    expect((await verify(index)).problems).toMatchObject([{ kind: "altered", sealId: 0 }]);
  });

  it("finds rows slipped in under a transaction that was sealed, under one to come, or before the first", async () => {
    const { index } = await openSealedIndex();
    await index.sql`insert into audit_log (id, action, entity_type, transaction_id)
      values (0, 'READ', 'patient', pg_current_xact_id()), (nextval('audit_log_id_seq'), 'READ', 'patient', '10'),
        (nextval('audit_log_id_seq'), 'READ', 'patient', '9000000000000')`;
    const report = await verify(index);
    expect(report.problems.map(({ kind }) => kind)).toEqual(["inserted", "inserted", "inserted"]);
  });

  it("finds every row of a partition that was dropped, and names the first", async () => {
    const { index, rows } = await openSealedIndex();
    await index.sql`drop table audit_log_2001_02`;
    const february = rows.filter(({ at }) => at.startsWith("2001-02"));
    const report = await verify(index);
    expect(report.problems).toHaveLength(february.length);
    expect(report.firstRow).toMatchObject({ kind: "removed", id: february[0]!.id, at: february[0]!.at });
  });

  it.each([
    ["a head", "update audit_seals set head = sha256('x') where id = 2", "seal-altered", 2],
    ["what a seal covers", "update audit_seals set upper_xid = '9000' where id = 3", "seal-altered", 3],
    ["who sealed", "update audit_seals set sealed_by = 'x' where id = 1", "seal-altered", 1],
    [
      "a month's hash",
      "update audit_seal_months set hash = sha256('x') where seal_id = 2",
      "seal-altered",
      2,
    ],
    [
      "a month's count",
      "update audit_seal_months set row_count = row_count + 1 where seal_id = 3",
      "seal-altered",
      3,
    ],
  ])("finds that %s was changed in the chain itself", async (_what, statement, kind, sealId) => {
    const { index } = await openSealedIndex();
    await withoutGuards(index.sql, (sql) => sql.unsafe(statement));
    expect((await verify(index)).problems[0]).toEqual({ kind, sealId });
  });

  it("finds a seal that was taken out, from the middle by the gap, from the end by a kept head", async () => {
    const { index, kept } = await openSealedIndex();
    const remove = (id: number) =>
      withoutGuards(index.sql, async (sql) => {
        await sql`delete from audit_seal_chunks where seal_id = ${id}`;
        await sql`delete from audit_seal_months where seal_id = ${id}`;
        await sql`delete from audit_seals where id = ${id}`;
      });
    await remove(3);
    expect((await verify(index)).problems).toEqual([]);
    expect((await verify(index, kept)).problems).toEqual([{ kind: "head-differs", sealId: 3 }]);
    await seal(index);
    await seal(index);
    await remove(2);
    expect((await verify(index)).problems).toContainEqual({ kind: "seal-removed", sealId: 2 });
  });

  it("finds a chunk that was altered, with its rows or without them, and says which part of which month", async () => {
    const { index, rows } = await openSealedIndex();
    const month = rows.find((row) => row.seal === 1)!.at.slice(0, 7);
    await withoutGuards(index.sql, async (sql) => {
      await sql`update audit_seal_chunks set hash = sha256('x') where seal_id = 1`;
    });
    expect((await verify(index)).problems).toEqual([{ kind: "part-altered", sealId: 1, month }]);
    await withoutGuards(index.sql, async (sql) => {
      await sql`update audit_log set user_id = 'x' where id = 1`;
      await sql.unsafe(`update audit_log a set row_hash = ${rowHash}`);
      await sql`update audit_seal_chunks c set
          hash = (select sha256(string_agg(row_hash, ''::bytea order by id)) from audit_log where id <= 9),
          leaves = (select string_agg(int8send(id) || timestamptz_send("timestamp") || substr(row_hash, 1, 8), ''::bytea order by id)
            from audit_log where id <= 9)
        where seal_id = 1`;
    });
    expect((await verify(index)).problems).toEqual([{ kind: "part-altered", sealId: 1, month }]);
  });

  it("covers a transaction that was open across a seal with the next one", async () => {
    const index = await openTestIndex();
    await addPatients(index, 1);
    await waitForOpenTransactions(index.sql);
    const slow = await index.sql.reserve();
    await slow`begin`;
    await slow`insert into patients (gender) values ('female')`;
    await addPatients(index, 1);
    // Three rows before it; those of the quick transaction behind it have to wait with it.
    expect((await sealNow(index)).made.map(({ rowCount }) => rowCount)).toEqual(["3"]);
    expect(await verify(index)).toMatchObject({ sealedRows: 3, unsealedRows: 3, problems: [] });
    expect((await sealNow(index)).made).toEqual([]);
    await slow`insert into patients (gender) values ('male')`;
    await slow`commit`;
    slow.release();
    expect((await seal(index)).made.map(({ rowCount }) => rowCount)).toEqual(["5"]);
    expect(await verify(index)).toMatchObject({ sealedRows: 8, unsealedRows: 0, problems: [] });
  });

  it("covers a transaction that wrote before an older one that is over, and stayed open across seals", async () => {
    const index = await openTestIndex();
    await addPatients(index, 1);
    await seal(index);
    const older = await index.sql.reserve();
    const younger = connectRaw(index.database.target, 1);
    onTestFinished(() => younger.end({ timeout: 1 }));
    await older`begin`;
    await older`select pg_current_xact_id()`;
    const slow = await younger.reserve();
    await slow`begin`;
    await slow`insert into patients (gender) values ('female')`;
    await older`insert into patients (gender) values ('male')`;
    await older`commit`;
    older.release();
    await sealNow(index);
    await sealNow(index);
    await slow`commit`;
    slow.release();
    await seal(index);
    await addPatients(index, 1);
    await seal(index);
    const [rows] = await index.sql`select count(*)::integer as count from audit_log`;
    expect(await verify(index)).toMatchObject({
      sealedRows: rows!["count"] as number,
      unsealedRows: 0,
      problems: [],
    });
  });

  it.each([
    [
      "alter table audit_log disable trigger audit_log_immutable_row",
      "trigger audit_log.audit_log_immutable_row",
    ],
    [
      "alter table audit_log_default disable trigger audit_log_immutable",
      "trigger audit_log_default.audit_log_immutable",
    ],
    ["drop trigger audit_seals_immutable on audit_seals", "trigger audit_seals.audit_seals_immutable"],
    [
      "alter table audit_seal_chunks enable trigger audit_seal_chunks_immutable",
      "trigger audit_seal_chunks.audit_seal_chunks_immutable",
    ],
    ["alter table patients disable trigger patients_audit_update", "trigger patients.patients_audit_update"],
    [
      "create or replace function mpi_audit_immutable() returns trigger language plpgsql as 'begin return new; end'",
      "function mpi_audit_immutable()",
    ],
    [
      "create table audit_log_2001_01 partition of audit_log for values from ('2001-01-01') to ('2001-02-01')",
      "partition audit_log_2001_01",
    ],
  ])("reports a guard that is off or missing: %s", async (statement, name) => {
    const index = await openTestIndex();
    await index.sql.unsafe(statement);
    expect((await verify(index)).problems).toContainEqual(expect.objectContaining({ kind: "guard", name }));
  });
});

describe("after a restore into a server that counts transactions anew", () => {
  const insertRows = (index: TestIndex, count: number, transaction: string) =>
    index.sql`insert into audit_log (action, entity_type, entity_id, transaction_id)
      select 'READ', 'patient', gen_random_uuid(), ${transaction}::xid8 from generate_series(1, ${count}::int)`;

  /** As the old server left it: a seal, rows after it, and then the first rows that the new server wrote. */
  async function openRestoredIndex() {
    const index = await openTestIndex();
    await insertRows(index, 4, "5000000000");
    await index.sql`select mpi_audit_write_seal(1, 'old', 0, null, '0', '5000000001', '5000000001', 4, 0, decode(repeat('00', 32), 'hex'), 0)`;
    await insertRows(index, 2, "5000000007");
    await addPatients(index, 1);
    return index;
  }

  it("the rows since the last seal are not sealed, and none looks slipped in", async () => {
    expect(await verify(await openRestoredIndex())).toMatchObject({
      sealedRows: 4,
      unsealedRows: 5,
      problems: [],
    });
  });

  it("a seal closes the old epoch by id and begins the next", async () => {
    const index = await openRestoredIndex();
    expect((await seal(index)).made.map(({ epoch, rowCount }) => [epoch === "old", rowCount])).toEqual([
      [true, "5"],
      [false, "0"],
    ]);
    await addPatients(index, 1);
    expect((await seal(index)).made.map(({ rowCount }) => rowCount)).toEqual(["3"]);
    expect(await verify(index)).toMatchObject({ seals: 4, sealedRows: 12, unsealedRows: 0, problems: [] });
  });

  it("rows of either epoch are still found when they are altered, removed or slipped in", async () => {
    const index = await openRestoredIndex();
    await seal(index);
    await addPatients(index, 1);
    await seal(index);
    await withoutGuards(index.sql, async (sql) => {
      await sql`update audit_log set user_id = 'x' where id = 2`;
      await sql`delete from audit_log where id = 6`;
    });
    // A transaction id that this epoch has sealed already, and one that is still to come.
    await insertRows(index, 1, "10");
    await insertRows(index, 1, "5000000000");
    expect((await verify(index)).problems).toMatchObject([
      { kind: "altered", id: "2", sealId: 1 },
      { kind: "removed", id: "6", sealId: 2 },
      { kind: "inserted", id: "13", sealId: 3 },
      { kind: "inserted", id: "14", sealId: 0 },
    ]);
  });

  it("of a trail that was never sealed before, the first seal takes everything", async () => {
    const index = await openTestIndex();
    await insertRows(index, 3, "5000000000");
    await addPatients(index, 1);
    expect((await seal(index)).made.map(({ rowCount }) => rowCount)).toEqual(["6", "0"]);
    await addPatients(index, 1);
    await seal(index);
    expect(await verify(index)).toMatchObject({ sealedRows: 9, unsealedRows: 0, problems: [] });
  });

  it("twice in a row, each epoch is closed once", async () => {
    const index = await openRestoredIndex();
    await seal(index);
    await index.sql.unsafe(
      "create or replace function mpi_audit_epoch() returns text language sql stable as $$ select text 'third' $$",
    );
    expect(await seal(index)).toMatchObject({ made: [{ rowCount: "0" }, { rowCount: "0", epoch: "third" }] });
    await addPatients(index, 1);
    await seal(index);
    const report = await verify(index);
    expect(report).toMatchObject({ seals: 6, sealedRows: 12, unsealedRows: 0 });
    expect(report.problems.filter(({ kind }) => kind !== "guard")).toEqual([]);
  });
});
