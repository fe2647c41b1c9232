import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ChangeEvent } from "../../../src/domain/events/change-event.ts";
import { formatCursor, parseCursor } from "../../../src/domain/events/event-cursor.ts";
import { openEventFeed, type EventStart } from "../../../src/domain/events/read-events.ts";
import { linkPatients } from "../../../src/domain/link/link-patients.ts";
import { unlinkPatient } from "../../../src/domain/link/unlink-patient.ts";
import { mergePatients } from "../../../src/domain/merge/merge-patients.ts";
import { unmergePatient } from "../../../src/domain/merge/unmerge-patient.ts";
import { deletePatient } from "../../../src/domain/patient/delete-patient.ts";
import { connectRaw } from "../../support/postgres-server.ts";
import { waitForOpenTransactions } from "../../support/settle.ts";
import { openTestIndex, type TestIndex } from "../../support/test-index.ts";

const reader = { user: "follower", operation: "EVENTS" };
const beginning: EventStart = { kind: "beginning" };
const from = (text: string): EventStart => ({ kind: "cursor", cursor: parseCursor(text)! });

/** Reads to the end, or so many events; gives them and the cursor behind them. */
async function read(index: TestIndex, start: EventStart, limit = Infinity) {
  const feed = await openEventFeed(index.db, reader, start);
  const events: ChangeEvent[] = [];
  for await (const item of feed.items) {
    events.push(item.event);
    if (events.length === limit) return { events, cursor: item.cursor };
  }
  return { events, cursor: feed.cursor() };
}

const settled = async (index: TestIndex, start: EventStart) => {
  await waitForOpenTransactions(index.sql);
  return read(index, start);
};
/** The tests' own pool has two connections; a third keeps a transaction open beside them. */
async function openSecondConnection(index: TestIndex): Promise<postgres.Sql> {
  const sql = connectRaw(index.database.target, 1);
  onTestFinished(() => sql.end({ timeout: 1 }));
  await sql`select 1`;
  return sql;
}
const short = (event: ChangeEvent) => `${event.event} ${event.patientId}`;

describe("the change feed", () => {
  it("tells what happened to records, in order, with ids and names of fields only", async () => {
    const index = await openTestIndex();
    const a = await index.add({ name: "Quillfeather, Wilma", identifiers: [{ value: "M1" }] });
    const b = await index.add({ name: "Quillfeather, Willa", identifiers: [{ value: "M2" }] });
    const people = await index.sql`select id, enterprise_id from patients`;
    const person = (id: string) => people.find((row) => row["id"] === id)!["enterprise_id"] as string;
    await index.act((tx) => linkPatients(tx, { a, b, reason: null }));
    await index.act((tx) => unlinkPatient(tx, { record: b, reason: "mistake" }));
    const merged = await index.act((tx) =>
      mergePatients(tx, { sources: [b], survivor: a, reason: null, override: true }),
    );
    const { mergeId } = merged.merges[0]!;
    await index.act((tx) => unmergePatient(tx, { mergeId, reason: null, allowRematch: true }));
    await deletePatient(
      index.db,
      { user: "steward", operation: "PATIENT_DELETE" },
      { kind: "id", prefix: b },
      { dryRun: false },
    );

    const { events } = await settled(index, beginning);
    expect(events.filter((event) => event.event !== "updated").map(short)).toEqual([
      `created ${a}`,
      `created ${b}`,
      `linked ${a}`,
      `enterpriseIdChanged ${b}`,
      `unlinked ${a}`,
      `enterpriseIdChanged ${b}`,
      `enterpriseIdChanged ${b}`,
      `merged ${b}`,
      `enterpriseIdChanged ${b}`,
      `unmerged ${b}`,
      `deleted ${b}`,
    ]);
    expect(events[0]).toMatchObject({ by: "steward", operation: "PATIENT_ADD", enterpriseId: person(a) });
    expect(events.find((event) => event.event === "linked")).toMatchObject({
      otherPatientId: b,
      linkType: "seealso",
    });
    expect(events.find((event) => event.event === "merged")).toMatchObject({ survivorId: a, mergeId });
    expect(events.find((event) => event.event === "enterpriseIdChanged")).toMatchObject({
      before: person(b),
      after: person(a),
    });
    expect(events.filter((event) => event.event === "updated" && event.patientId === a)).toMatchObject([
      { changed: ["identifiers", "names"] },
      { changed: ["identifiers", "names"] },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/Quillfeather|Wilma|M1/);
  });

  it("makes one event of all that a transaction changes on a record", async () => {
    const index = await openTestIndex();
    const a = await index.add({ name: "Thistlewood, Ada" });
    const { cursor } = await settled(index, beginning);
    await index.sql.begin(async (tx) => {
      await tx`update patients set gender = 'female' where id = ${a}`;
      await tx`insert into patient_contacts (patient_id, system, value) values (${a}, 'phone', '1')`;
      await tx`insert into patient_contacts (patient_id, system, value) values (${a}, 'phone', '2')`;
      await tx`update patients set birth_date = '1980-01-01', birth_date_precision = 'year' where id = ${a}`;
    });
    const { events } = await settled(index, from(cursor));
    expect(events).toMatchObject([
      { event: "updated", patientId: a, changed: ["birthDate", "contacts", "gender"] },
    ]);
  });

  it("makes one event of it also where its rows lie on both sides of a step of the reader", async () => {
    const index = await openTestIndex();
    const a = await index.add({ name: "Thistlewood, Ada" });
    await index.sql`select setval('audit_log_id_seq', 65536 - 3)`;
    // Rows 65534 to 65539: the reader steps at 65536.
    const b = await index.add({
      name: "Quillfeather, Wilma",
      identifiers: [{ value: "M1" }, { value: "M2" }],
      contacts: [{ value: "1" }, { value: "2" }],
    });
    const { cursor } = await settled(index, beginning);
    await index.sql`select setval('audit_log_id_seq', 131072 - 2)`;
    await index.sql.begin(async (tx) => {
      await tx`update patients set gender = 'female' where id = ${a}`;
      await tx`update patient_names set family = 'Thornbury' where patient_id = ${a}`;
      await tx`insert into patient_contacts (patient_id, system, value) values (${a}, 'phone', '2')`;
      await tx`insert into patient_contacts (patient_id, system, value) values (${a}, 'phone', '3')`;
    });
    const { events } = await settled(index, beginning);
    expect(events.map(short)).toEqual([`created ${a}`, `created ${b}`, `updated ${a}`]);
    expect(events[2]).toMatchObject({ changed: ["contacts", "gender", "names"] });
    expect((await settled(index, from(cursor))).events).toEqual(events.slice(2));
  });

  it("goes on from any cursor without loss or repetition", async () => {
    const index = await openTestIndex();
    const ids: string[] = [];
    for (let count = 0; count < 4; count += 1)
      ids.push(await index.add({ name: `Family${String(count)}, X` }));
    await index.act((tx) => linkPatients(tx, { a: ids[0]!, b: ids[1]!, reason: null }));
    const whole = (await settled(index, beginning)).events;
    const parts: ChangeEvent[] = [];
    let start: EventStart = beginning;
    for (;;) {
      const part = await read(index, start, 1);
      parts.push(...part.events);
      if (part.events.length === 0) break;
      expect(formatCursor(parseCursor(part.cursor)!)).toBe(part.cursor);
      start = from(part.cursor);
    }
    expect(parts).toEqual(whole);
    expect(whole).toHaveLength(6);
  });

  it("misses nothing of transactions that commit out of order, and passes none by", async () => {
    const index = await openTestIndex();
    const late = await index.sql.reserve();
    try {
      const insert = (connection: postgres.Sql) =>
        connection<{ id: string }[]>`insert into patients default values returning id`.then(
          (rows) => rows[0]!.id,
        );
      await late`begin`;
      const first = await insert(late);
      const second = await insert(index.sql);
      const third = await index.add({ name: "Thistlewood, Ada" });

      // Their transactions are over, but one that began before them is not.
      const before = await read(index, beginning);
      expect(before.events).toEqual([]);
      await late`commit`;
      const after = await settled(index, from(before.cursor));
      expect(after.events.map(short)).toEqual([`created ${first}`, `created ${second}`, `created ${third}`]);
      expect((await settled(index, from(after.cursor))).events).toEqual([]);
    } finally {
      late.release();
    }
  });

  it("does not pass by a transaction that wrote before the last one that is over, and is younger than it", async () => {
    const index = await openTestIndex();
    const { cursor } = await settled(index, beginning);
    const older = await index.sql.reserve();
    const younger = await openSecondConnection(index);
    await older`begin`;
    await older`select pg_current_xact_id()`;
    await younger`begin`;
    const [row] = await younger<{ id: string }[]>`insert into patients default values returning id`;
    // The older transaction writes later, and is over: now nothing is open below the younger one.
    const [other] = await older<{ id: string }[]>`insert into patients default values returning id`;
    await older`commit`;
    older.release();
    const first = await read(index, from(cursor));
    const second = await read(index, from(first.cursor));
    await younger`commit`;
    const third = await settled(index, from(second.cursor));
    expect([...first.events, ...second.events, ...third.events].map(short).sort()).toEqual(
      [`created ${row!.id}`, `created ${other!.id}`].sort(),
    );
  });

  it("gives every change exactly once to a follower that reads while many write", async () => {
    const index = await openTestIndex();
    const { cursor } = await settled(index, { kind: "now" });
    const written: string[] = [];
    let isWriting = true;
    const write = async (writer: number) => {
      for (let count = 0; count < 25; count += 1) {
        await index.sql.begin(async (tx) => {
          const [row] = await tx<{ id: string }[]>`insert into patients default values returning id`;
          await tx`insert into patient_contacts (patient_id, system, value) values (${row!.id}, 'phone', '1')`;
          // Each writer at a pace of its own, so that the order of commits is not that of the ids.
          await sleep((writer * 7 + count * 3) % 11);
          written.push(row!.id);
        });
      }
    };
    const seen: string[] = [];
    const follow = async () => {
      let at = cursor;
      while (isWriting) {
        const { events, cursor: next } = await read(index, from(at));
        seen.push(...events.map((event) => event.patientId));
        at = next;
      }
      seen.push(...(await settled(index, from(at))).events.map((event) => event.patientId));
    };
    const following = follow();
    await Promise.all([1, 2, 3, 4].map(write));
    isWriting = false;
    await following;
    expect([...seen].sort()).toEqual([...written].sort());
    expect(written).toHaveLength(100);
  });

  it("keeps the order of two changes of one record whose transactions began the other way round", async () => {
    const index = await openTestIndex();
    const a = await index.add({ name: "Thistlewood, Ada" });
    const { cursor } = await settled(index, beginning);
    const older = await index.sql.reserve();
    try {
      await older`begin`;
      await older`select pg_current_xact_id()`;
      await index.sql`update patients set gender = 'female' where id = ${a}`;
      await older`update patients set birth_date = '1980-01-01' where id = ${a}`;
      await older`commit`;
    } finally {
      older.release();
    }
    const { events } = await settled(index, from(cursor));
    expect(events).toMatchObject([{ changed: ["gender"] }, { changed: ["birthDate"] }]);
    expect(BigInt(events[0]!.transactionId) > BigInt(events[1]!.transactionId)).toBe(true);
  });

  it("begins now or at a moment where that is asked for", async () => {
    const index = await openTestIndex();
    await index.add({ name: "Before, Ada" });
    const now = await settled(index, { kind: "now" });
    expect(now.events).toEqual([]);
    const [moment] = await index.sql<{ at: string }[]>`select clock_timestamp()::text as at`;
    const after = await index.add({ name: "After, Ada" });
    expect((await settled(index, from(now.cursor))).events.map(short)).toEqual([`created ${after}`]);
    expect((await settled(index, { kind: "time", time: moment!.at })).events.map(short)).toEqual([
      `created ${after}`,
    ]);
  });

  it("writes down that it was read, once, and does not report that", async () => {
    const index = await openTestIndex();
    await index.add({ name: "Thistlewood, Ada" });
    const { cursor } = await settled(index, beginning);
    expect((await settled(index, from(cursor))).events).toEqual([]);
    const reads =
      await index.sql`select user_id, entity_id, new_values from audit_log where action = 'EXPORT' order by id`;
    expect(reads.map((row) => ({ ...row }))).toEqual([
      { user_id: "follower", entity_id: null, new_values: { feed: "events", from: "beginning" } },
      { user_id: "follower", entity_id: null, new_values: { feed: "events", from: "cursor" } },
    ]);
  });

  it("refuses a cursor of another database, and one whose events were archived", async () => {
    const index = await openTestIndex();
    await index.add({ name: "Thistlewood, Ada" });
    const { cursor } = await settled(index, beginning);
    const known = parseCursor(cursor)!;
    const other = { ...known, epoch: "1" };
    await expect(read(index, { kind: "cursor", cursor: other })).rejects.toMatchObject({ code: "conflict" });
    const ahead = { ...known, lower: "999999999999", upper: "999999999999" };
    await expect(read(index, { kind: "cursor", cursor: ahead })).rejects.toMatchObject({ code: "conflict" });
    await index.sql`
      insert into audit_archives (month, row_count, file_name, file_hash)
      values (date_trunc('month', now() at time zone 'UTC')::date, 1, 'f', '')`;
    await expect(read(index, from(cursor))).rejects.toMatchObject({
      code: "conflict",
      details: { reason: "archived" },
    });
  });

  it("gives out what a restore brought along, whatever its transaction ids, and goes on behind it", async () => {
    const index = await openTestIndex();
    const patient = await index.add({ name: "Thistlewood, Ada" });
    const other = "11111111-1111-4111-8111-111111111111";
    // As a dump of a server whose transaction ids were far ahead brings it.
    await index.sql`
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, transaction_id, new_values)
      values ('INSERT', 'patient', ${other}, 'patients', ${other}, '900000000000', ${index.sql.json({ enterprise_id: other })})`;
    const next = await index.add({ name: "Quillfeather, Wilma" });
    const whole = await settled(index, beginning);
    expect(whole.events.map(short)).toEqual([`created ${patient}`, `created ${other}`, `created ${next}`]);
    const first = await read(index, beginning, 1);
    expect((await settled(index, from(first.cursor))).events.map(short)).toEqual([
      `created ${other}`,
      `created ${next}`,
    ]);
    expect((await settled(index, from(whole.cursor))).events).toEqual([]);
  });
});
