import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { adt, pid } from "../../../support/adt.ts";
import { runCli } from "../../../support/cli.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

const program = fileURLToPath(new URL("../../../support/programs/mpi.ts", import.meta.url));

let folder: string;
let database: TestDatabase;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-hl7-"));
  database = await createTestDatabase();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, content: string | Buffer) => writeFile(path.join(folder, name), content);
const importHl7 = async (file: string, ...more: string[]) => {
  const result = await runCli(["import", "hl7", file, "--output", "json", ...more], {
    database: database.url,
    cwd: folder,
  });
  const items =
    result.stdout === "" ? [] : (JSON.parse(result.stdout) as { items: Record<string, unknown>[] }).items;
  return { ...result, counts: items[0] ?? {} };
};
/** Imports messages as one file. */
const take = async (messages: readonly string[], ...more: string[]) => {
  await write("in.hl7", messages.join(""));
  return importHl7("in.hl7", ...more);
};
const records = async () =>
  (
    await database.sql<{ source_id: string; active: boolean; person: string; deleted: boolean }[]>`
      select source_id, active, enterprise_id::text as person, deleted_at is not null as deleted from patients order by source_id`
  ).map((row) => ({ ...row }));
const changes = async () =>
  Number(
    (
      await database.sql`select count(*) from audit_log where entity_type = 'patient' and action <> 'READ'`
    )[0]!["count"],
  );

const ada = "Thistlewood^Ada";
const linked = (event: string, a: string, b: string) => adt(event, [pid(a, ""), pid(b, "")]);
const merge = (from: string, into: string) => adt("A40", [pid(into, ""), `MRG|${from}^^^HOSP^MR`]);

describe("mpi import hl7", () => {
  it("adds and updates records under the sender's own number, and changes nothing the second time", async () => {
    const messages = [
      adt("A28", [pid("1", "Quillfeather^Wilma", "19800315", "||12 Elm Street^^Springfield")]),
      adt("A01", [pid("2", ada)]),
      adt("A08", [pid("1", "Thornbury^Wilma", "19800315", "||12 Elm Street^^Springfield")]),
    ];
    const first = await take(messages);
    expect(first).toMatchObject({ exitCode: 0, counts: { messages: 3, added: 2, updated: 1, rejected: 0 } });
    const names = await database.sql`
      select p.source_system, n.family, n.use_type from patients p join patient_names n on n.patient_id = p.id
      where p.source_id = '1' order by n.family`;
    expect(names.map((row) => ({ ...row }))).toEqual([
      { source_system: "HOSP", family: "Quillfeather", use_type: "old" },
      { source_system: "HOSP", family: "Thornbury", use_type: null },
    ]);
    const before = await changes();
    // The first message says the former name once more: that is how it was, and is corrected by the third again.
    await take([messages[1]!, messages[2]!]);
    expect(await changes()).toBe(before);
    const audit =
      await database.sql`select distinct operation, user_id from audit_log where entity_type = 'patient'`;
    expect(audit.map((row) => ({ ...row }))).toEqual([{ operation: "IMPORT", user_id: "tester" }]);
  });

  it("merges what was added before it in the same file, in order, and says so once", async () => {
    const messages = [
      adt("A28", [pid("1")]),
      adt("A28", [pid("2")]),
      adt("A28", [pid("3")]),
      merge("1", "2"),
      merge("2", "3"),
    ];
    const first = await take(messages);
    expect(first).toMatchObject({ exitCode: 0, counts: { messages: 5, added: 3, merged: 2 } });
    const after = await records();
    expect(after.map(({ source_id, active }) => [source_id, active])).toEqual([
      ["1", false],
      ["2", false],
      ["3", true],
    ]);
    expect(new Set(after.map(({ person }) => person)).size).toBe(1);
    const before = await changes();
    expect(await take(messages)).toMatchObject({ exitCode: 0, counts: { unchanged: 5, merged: 0 } });
    expect(await changes()).toBe(before);
    const late = await take([adt("A08", [pid("1", "Quillfeather^Wilma", "19800315", "|||||217-555-0100")])]);
    expect(late.counts).toMatchObject({ updated: 1 });
    const [phone] = await database.sql`
      select p.source_id, o.source_id as sent_for from patient_contacts c join patients p on p.id = c.patient_id
      join patients o on o.id = c.origin_patient_id`;
    expect({ ...phone }).toEqual({ source_id: "3", sent_for: "1" });
  });

  it("carries out all merges of one message, or none", async () => {
    await take(["1", "2", "3"].map((id) => adt("A28", [pid(id)])));
    const both = adt("A40", [pid("3", ""), "MRG|1^^^HOSP^MR", pid("3", ""), "MRG|9^^^HOSP^MR"]);
    const half = await take([both]);
    expect(half.exitCode).toBe(5);
    expect(half.stderr).toContain("names a record that is not here, by MRG-1");
    expect((await records()).every(({ active }) => active)).toBe(true);
    expect(await take([both.replace("MRG|9", "MRG|2")])).toMatchObject({
      exitCode: 0,
      counts: { merged: 1 },
    });
    expect((await records()).map(({ active }) => active)).toEqual([false, false, true]);
  });

  it("links, unlinks, takes a merge back by A37, and deletes", async () => {
    await take(["1", "2", "3", "4", "5"].map((id) => adt("A28", [pid(id)])));
    expect(await take([linked("A24", "1", "2")])).toMatchObject({ exitCode: 0, counts: { linked: 1 } });
    const [one, two, three] = await records();
    expect(one!.person).toBe(two!.person);
    expect(three!.person).not.toBe(one!.person);
    expect(await take([linked("A24", "2", "1")])).toMatchObject({ counts: { unchanged: 1 } });
    const [link] = await database.sql`select link_type, origin from patient_links`;
    expect({ ...link }).toEqual({ link_type: "seealso", origin: "import" });

    expect(await take([linked("A37", "1", "2"), merge("3", "4"), linked("A37", "4", "3")])).toMatchObject({
      exitCode: 0,
      counts: { unlinked: 2, merged: 1 },
    });
    const parted = await records();
    expect(new Set(parted.map(({ person }) => person)).size).toBe(5);
    expect(parted.every(({ active }) => active)).toBe(true);

    expect(await take([adt("A29", [pid("5")]), adt("A23", [pid("77")])])).toMatchObject({
      exitCode: 0,
      counts: { deleted: 1, unchanged: 1 },
    });
    expect((await records()).filter(({ deleted }) => deleted).map(({ source_id }) => source_id)).toEqual([
      "5",
    ]);
  });

  it("section 8: keeps back a merge or link against what a steward decided, and an update that would make another person", async () => {
    await take([adt("A28", [pid("1")]), adt("A28", [pid("2", ada)]), linked("A37", "1", "2")]);
    const against = await take([
      merge("1", "2"),
      linked("A24", "1", "2"),
      adt("A08", [pid("2", "Zimmerli^Otto", "19520909")]),
    ]);
    expect(against).toMatchObject({
      exitCode: 5,
      counts: { quarantined: 3, merged: 0, linked: 0, updated: 0 },
    });
    expect(against.stderr).toContain("mpi review");
    const kept = await database.sql`select kind, origin, state from patient_quarantine order by kind`;
    expect(kept.map((row) => ({ ...row }))).toEqual(
      ["link", "merge", "overlay"].map((kind) => ({ kind, origin: "hl7", state: "pending" })),
    );
  });

  it("sets aside bad messages as they came, with line and reason, and takes them back mended", async () => {
    const bad = adt("A28", [pid("2", ada, "19800230")]);
    const latin = Buffer.from(adt("A28", [pid("3", "M\u00fcller^Ada")]), "latin1");
    await write(
      "in.hl7",
      Buffer.concat([Buffer.from(adt("A28", [pid("1")]) + bad), latin, Buffer.from("rubbish\r")]),
    );
    const first = await importHl7("in.hl7");
    expect(first).toMatchObject({ exitCode: 5, counts: { messages: 3, added: 1, rejected: 2 } });
    expect(first.stderr).toContain("in.hl7 line 4: PID-7 is not a date written YYYYMMDD");
    expect(first.stderr).not.toContain("Thistlewood");
    const rejects = path.join(folder, "in.hl7.rejects.hl7");
    expect((await stat(rejects)).mode & 0o777).toBe(0o600);
    const bytes = await readFile(rejects);
    expect(bytes.toString("latin1")).toBe(
      `${bad}ZRJ|4|PID-7 is not a date written YYYYMMDD\r${latin.toString("latin1")}rubbish\rZRJ|7|PID has bytes that are not UNICODE UTF-8\r`,
    );
    const mended = bytes
      .toString("latin1")
      .replace("19800230", "19800228")
      .replace("UNICODE UTF-8\rEVN|A28|20260301120000\rPID|1||3", "8859/1\rEVN|A28|20260301120000\rPID|1||3");
    await write("mended.hl7", Buffer.from(mended, "latin1"));
    expect(await importHl7("mended.hl7")).toMatchObject({
      exitCode: 0,
      counts: { messages: 2, added: 2, rejected: 0 },
    });
    const [mueller] =
      await database.sql`select family from patient_names n join patients p on p.id = n.patient_id where p.source_id = '3'`;
    expect(mueller!["family"]).toBe("M\u00fcller");
  });

  it("stops after too many rejected messages", async () => {
    const bad = (id: string) => adt("A28", [pid(id, ada, "x")]);
    const stopped = await take([bad("1"), bad("2"), bad("3")], "--max-rejects", "2");
    expect(stopped.exitCode).toBe(9);
  });

  it("says in a dry run what it would do, acts on records of the same file included, and does nothing", async () => {
    const messages = [
      adt("A28", [pid("1")]),
      adt("A28", [pid("2")]),
      merge("1", "2"),
      linked("A24", "1", "9"),
    ];
    const dry = await take(messages, "--dry-run");
    expect(dry.counts).toMatchObject({ added: 2, merged: 1, rejected: 1, rejectsFile: null });
    expect(dry.stderr).toContain("nothing was changed");
    expect(await records()).toEqual([]);
    expect(await changes()).toBe(0);
    await expect(stat(path.join(folder, "in.hl7.rejects.hl7"))).rejects.toThrow("ENOENT");
  });

  it("reads MLLP from standard input, gzip, and a character set that is declared for what names none", async () => {
    const framed = [adt("A28", [pid("1")]), adt("A28", [pid("2")])]
      .map((text) => `\x0b${text}\x1c\r`)
      .join("");
    const piped = await runCli(["import", "hl7", "-", "--output", "json"], {
      database: database.url,
      cwd: folder,
      stdin: framed,
    });
    expect(JSON.parse(piped.stdout)).toMatchObject({ items: [{ file: "-", messages: 2, added: 2 }] });
    await write(
      "in.bin",
      gzipSync(Buffer.from(adt("A28", [pid("3", "M\u00fcller^Ada")], { charset: "" }), "latin1")),
    );
    expect(await importHl7("in.bin", "--encoding", "8859/1")).toMatchObject({
      exitCode: 0,
      counts: { added: 1 },
    });
    expect((await importHl7("in.bin", "--encoding", "runes")).exitCode).toBe(2);
  });

  it("lists what it does not keep by path and count, leaves out other messages, and rejects both if strict", async () => {
    const messages = [
      adt("A28", [pid("1"), "PV1|1|I"]),
      adt("A08", [pid("1", "Quillfeather^Wilma", "19800315", "|2106-3"), "PV1|1|I"]),
      adt("A03", [pid("1")]),
    ];
    const first = await take(messages);
    expect(first).toMatchObject({
      exitCode: 0,
      counts: { added: 1, skipped: 1, notKept: ["ADT^A03 (whole message): 1", "PID-10: 1", "PV1: 2"] },
    });
    expect(first.stderr).toContain(
      "Not kept of in.hl7, with the number of messages: ADT^A03 (whole message) 1, PID-10 1, PV1 2.",
    );
    expect(await take(messages, "--strict")).toMatchObject({ exitCode: 5, counts: { rejected: 3 } });
  });

  it("names the source and the systems of identifiers as it is told", async () => {
    const message = adt("A28", ["PID|1||17^^^HOSP^MR~880^^^EPI^PI||Quillfeather^Wilma"]);
    await take([message], "--source", "east", "--authority", "EPI", "--system", "EPI=urn:oid:1.2.3");
    const [row] = await database.sql`
      select p.source_system, p.source_id, array_agg(i.system || '|' || i.value order by i.system) as ids
      from patients p join patient_identifiers i on i.patient_id = p.id group by p.id`;
    expect({ ...row }).toEqual({
      source_system: "east",
      source_id: "880",
      ids: ["urn:mpi:hl7:HOSP|17", "urn:oid:1.2.3|880"],
    });
    expect((await take([message], "--system", "EPI")).exitCode).toBe(2);
    expect((await importHl7("gone.hl7")).exitCode).toBe(3);
  });

  it(
    "is finished by the same command after a kill -9, without loss or doubles",
    { timeout: 120_000 },
    async () => {
      const count = 2400;
      const messages: string[] = [];
      for (let id = 1; id <= count; id += 1) {
        messages.push(adt("A28", [pid(String(id), `Family${String(id)}^X`)]));
        // Merges all along the file, each of the two records before it.
        if (id % 200 === 0) messages.push(merge(String(id - 1), String(id)));
      }
      await write("big.hl7", messages.join(""));
      const child = spawn(
        process.execPath,
        ["--import", "tsx", program, "import", "hl7", path.join(folder, "big.hl7")],
        { env: { PATH: process.env["PATH"], DATABASE_URL: database.url, HOME: folder }, stdio: "ignore" },
      );
      const ended = once(child, "exit");
      for (let stored = 0; stored < 1200 && child.exitCode === null;) {
        await sleep(10);
        const [row] = await database.sql<{ n: number }[]>`select count(*)::integer as n from patients`;
        stored = row!.n;
      }
      child.kill("SIGKILL");
      await ended;
      const [killed] = await database.sql`select count(*)::integer as n from patients`;
      expect(killed!["n"]).toBeLessThan(count);
      const again = await importHl7("big.hl7");
      expect(again.exitCode).toBe(0);
      expect(again.counts["resumedAfter"]).toBeGreaterThan(0);
      const [after] = await database.sql`
      select count(*)::integer as n, count(distinct source_id)::integer as ids, count(*) filter (where not active)::integer as retired from patients`;
      expect({ ...after }).toEqual({ n: count, ids: count, retired: 12 });
      expect((await database.sql`select state from import_runs`).map(({ state }) => state as string)).toEqual(
        ["succeeded"],
      );
    },
  );

  it(
    "makes no link again that the file itself takes back, where it was killed between the two and a checkpoint",
    { timeout: 120_000 },
    async () => {
      const pairs = 150;
      const messages: string[] = [];
      for (let id = 1; id <= 2 * pairs; id += 1)
        messages.push(adt("A28", [pid(String(id), `Family${String(id)}^X`)]));
      for (let id = 1; id <= 2 * pairs; id += 2) {
        messages.push(linked("A24", String(id), String(id + 1)), linked("A37", String(id), String(id + 1)));
      }
      await write("acts.hl7", messages.join(""));
      const child = spawn(
        process.execPath,
        ["--import", "tsx", program, "import", "hl7", path.join(folder, "acts.hl7")],
        { env: { PATH: process.env["PATH"], DATABASE_URL: database.url, HOME: folder }, stdio: "ignore" },
      );
      const ended = once(child, "exit");
      const parted = async () => {
        const [row] = await database.sql<{ n: number }[]>`
          select count(*)::integer as n from patient_match_scores where state = 'rejected'`;
        return row!.n;
      };
      // Each act is two of fifty that are counted together: killed amid them.
      for (let stored = 0; stored < 35 && child.exitCode === null; stored = await parted()) await sleep(5);
      child.kill("SIGKILL");
      await ended;
      expect(await parted()).toBeLessThan(pairs);
      const again = await importHl7("acts.hl7");
      expect(again.exitCode).toBe(0);
      expect(again.counts).toMatchObject({
        messages: 4 * pairs,
        added: 2 * pairs,
        linked: pairs,
        unlinked: pairs,
        quarantined: 0,
      });
      expect(await parted()).toBe(pairs);
      expect(await database.sql`select 1 from patient_links`).toHaveLength(0);
    },
  );
});
