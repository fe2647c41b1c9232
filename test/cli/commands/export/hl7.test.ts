import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { linkPatients } from "../../../../src/domain/link/link-patients.ts";
import { unlinkPatient } from "../../../../src/domain/link/unlink-patient.ts";
import { mergePatients } from "../../../../src/domain/merge/merge-patients.ts";
import { unmergePatient } from "../../../../src/domain/merge/unmerge-patient.ts";
import { runCli } from "../../../support/cli.ts";
import { createTestDatabase } from "../../../support/database.ts";
import { waitForOpenTransactions } from "../../../support/settle.ts";
import { openTestIndex, type TestIndex } from "../../../support/test-index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-export-hl7-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const exportHl7 = async (index: TestIndex, ...flags: string[]) => {
  await waitForOpenTransactions(index.sql);
  return runCli(["export", "hl7", ...flags], { database: index.database.url, cwd: folder });
};
const addPeople = async (index: TestIndex, count: number) => {
  const ids: string[] = [];
  for (let person = 1; person <= count; person += 1) {
    ids.push(
      await index.add({
        name: `Family${String(person)}, Given`,
        source: { system: "clinic|a", id: `S${String(person)}` },
        identifiers: [
          { value: `M&${String(person)}`, assigner: "HOSP" },
          { type: "SSN", system: "http://hl7.org/fhir/sid/us-ssn", value: "219-09-9999" },
        ],
      }),
    );
  }
  return ids as [string, string, string, string, ...string[]];
};
const merge = (index: TestIndex, source: string, survivor: string) =>
  index.act((tx) => mergePatients(tx, { sources: [source], survivor, reason: null }));

describe("mpi export hl7", () => {
  it("writes merges, links and what was taken back as A40, A24 and A37, by ids alone", async () => {
    const index = await openTestIndex();
    const [a, b, c, d] = await addPeople(index, 4);
    const merged = await merge(index, a, b);
    await index.act((tx) => linkPatients(tx, { a: c, b: d, reason: null }));
    await index.act((tx) => unlinkPatient(tx, { record: d, from: c, reason: null }));
    const { mergeId } = merged.merges[0]!;
    await index.act((tx) => unmergePatient(tx, { mergeId, reason: null }));

    const { exitCode, stdout, stderr } = await exportHl7(index, "--since", "beginning");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("4 messages: 1 merges (A40), 1 links (A24), 2 parted (A37).");
    const segments = stdout.split("\r").filter((segment) => !/^(?:MSH|EVN)/.test(segment) && segment !== "");
    const cx = (id: number) => `S${String(id)}^^^clinic\\F\\a^PI~M\\T\\${String(id)}^^^HOSP^MR`;
    expect(segments).toEqual([
      `PID|1||${cx(2)}||^^^^^^U`,
      `MRG|${cx(1)}`,
      `PID|1||${cx(3)}||^^^^^^U`,
      `PID|2||${cx(4)}||^^^^^^U`,
      `PID|1||${cx(3)}||^^^^^^U`,
      `PID|2||${cx(4)}||^^^^^^U`,
      `PID|1||${cx(1)}||^^^^^^U`,
      `PID|2||${cx(2)}||^^^^^^U`,
    ]);
    const headers = stdout.split("\r").filter((segment) => segment.startsWith("MSH"));
    expect(headers.map((header) => header.split("|")[8])).toEqual([
      "ADT^A40^ADT_A39",
      "ADT^A24^ADT_A24",
      "ADT^A37^ADT_A37",
      "ADT^A37^ADT_A37",
    ]);
    expect(headers[0]).toMatch(
      /^MSH\|\^~\\&\|MPI\|MPI\|\|\|\d{14}\+0000\|\|ADT\^A40\^ADT_A39\|M[0-9a-f]{19}\|P\|2\.5\.1\|\|\|\|\|\|UNICODE UTF-8$/,
    );
    expect(new Set(headers.map((header) => header.split("|")[9])).size).toBe(4);
    expect(stdout).not.toMatch(/Family|219-09/);
    expect((await exportHl7(index, "--since", "beginning")).stdout).toBe(stdout);

    const audited = await index.sql`
      select entity_id, user_id, operation from audit_log where action = 'EXPORT' and entity_id is not null order by id`;
    expect(new Set(audited.map((row) => row["entity_id"] as string))).toEqual(new Set([a, b, c, d]));
    expect(audited[0]).toMatchObject({ user_id: "tester", operation: "EXPORT_HL7" });
  });

  it("keeps its place in a file, frames for MLLP, and writes files that are their owner's", async () => {
    const index = await openTestIndex();
    const [a, b, c] = await addPeople(index, 4);
    expect((await exportHl7(index)).exitCode).toBe(2);
    expect((await exportHl7(index, "--cursor-file", "feed.cursor")).exitCode).toBe(2);
    const first = await exportHl7(index, "--since", "now", "--cursor-file", "feed.cursor");
    expect(first).toMatchObject({ exitCode: 0, stdout: "" });
    await merge(index, a, b);
    const second = await exportHl7(index, "--cursor-file", "feed.cursor", "--mllp", "--facility", "NORTH");
    expect(second.stdout.startsWith("\x0bMSH|^~\\&|MPI|NORTH|")).toBe(true);
    expect(second.stdout.endsWith("\r\x1c\r")).toBe(true);
    expect(second.stdout.split("\x0b")).toHaveLength(2);
    const third = await exportHl7(index, "--cursor-file", "feed.cursor", "--to", "out.hl7.gz");
    expect(third).toMatchObject({ exitCode: 0, stdout: "" });
    await merge(index, b, c);
    const again = await exportHl7(index, "--cursor-file", "feed.cursor", "--to", "out.hl7.gz");
    expect(again.exitCode).toBe(4);
    const fourth = await exportHl7(
      index,
      "--cursor-file",
      "feed.cursor",
      "--to",
      "out.hl7.gz",
      "--overwrite",
    );
    expect(fourth.exitCode).toBe(0);
    const file = path.join(folder, "out.hl7.gz");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = gunzipSync(await readFile(file)).toString();
    expect(text.split("\r").filter((segment) => segment.startsWith("MRG"))).toEqual([
      expect.stringMatching(/^MRG\|S2\^/) as string,
    ]);
  });

  it("takes nothing back that a merge took the place of, and takes merges back before it links again", async () => {
    const index = await openTestIndex();
    const [a, b] = await addPeople(index, 4);
    await index.act((tx) => linkPatients(tx, { a, b, reason: null }));
    const { merges } = await merge(index, a, b);
    await index.act((tx) =>
      unmergePatient(tx, { mergeId: merges[0]!.mergeId, reason: null, allowRematch: true }),
    );
    const { stdout } = await exportHl7(index, "--since", "beginning");
    const events = stdout.match(/ADT\^A\d\d/g)!.map((each) => each.slice(4));
    expect(events).toEqual(["A24", "A40", "A37", "A24"]);
  });

  it("gives a second index the same merges and links, when that imports what the first one exports", async () => {
    const index = await openTestIndex();
    const ids = await addPeople(index, 8);
    const records = (await exportRecords(index)).join("");
    const other = await createTestDatabase();
    await importInto(other.url, records);

    const [a, b, c, d, e, f, g, h] = ids as unknown as string[];
    await merge(index, a!, b!);
    await merge(index, b!, c!);
    const undone = await merge(index, d!, e!);
    await index.act((tx) => linkPatients(tx, { a: c!, b: f!, reason: null }));
    await index.act((tx) => unmergePatient(tx, { mergeId: undone.merges[0]!.mergeId, reason: null }));
    await index.act((tx) => linkPatients(tx, { a: g!, b: h!, reason: null }));
    await index.act((tx) => unlinkPatient(tx, { record: h!, from: g!, reason: null }));
    await index.act((tx) => linkPatients(tx, { a: e!, b: f!, reason: null }));

    const { stdout } = await exportHl7(index, "--since", "beginning");
    const taken = await importInto(other.url, stdout);
    expect(taken).toMatchObject({ merged: 3, linked: 3, unlinked: 2, rejected: 0, quarantined: 0 });
    expect(await standing(other.sql)).toEqual(await standing(index.sql));
    expect((await standing(index.sql)).links.length).toBeGreaterThan(3);
  });
});

/** Each record as an A28, as its source would send it. */
async function exportRecords(index: TestIndex): Promise<readonly string[]> {
  const rows = await index.sql<{ id: string; family: string }[]>`
    select p.source_id as id, n.family from patients p join patient_names n on n.patient_id = p.id order by 1`;
  return rows.map(
    ({ id, family }) =>
      `MSH|^~\\&|A|clinic\\F\\a|||20260301||ADT^A28|${id}|P|2.5.1\rPID|1||${id}^^^clinic\\F\\a^PI||${family}^Given\r`,
  );
}

async function importInto(database: string, text: string): Promise<Record<string, unknown>> {
  const result = await runCli(["import", "hl7", "-", "--output", "json"], {
    database,
    cwd: folder,
    stdin: text,
  });
  expect(result.stderr).not.toContain("rejected");
  expect(result.exitCode).toBe(0);
  return (JSON.parse(result.stdout) as { items: Record<string, unknown>[] }).items[0]!;
}

/** What an index says of who is whom, by the sources' ids: who is in use, who is one person, and the links. */
async function standing(sql: TestIndex["sql"]) {
  const records = await sql<{ id: string; active: boolean; person: string }[]>`
    select source_id as id, active, min(source_id) over (partition by enterprise_id) as person from patients order by 1`;
  const links = await sql<{ a: string; b: string; type: string }[]>`
    select p.source_id as a, o.source_id as b, l.link_type as type
    from patient_links l join patients p on p.id = l.patient_id join patients o on o.id = l.other_patient_id order by 1, 2, 3`;
  const merges = await sql<{ a: string; b: string; undone: boolean }[]>`
    select p.source_id as a, o.source_id as b, m.unmerged_at is not null as undone
    from patient_merges m join patients p on p.id = m.patient_id join patients o on o.id = m.survivor_id order by 1, 2`;
  const plain = <Row extends object>(rows: readonly Row[]) => rows.map((row) => ({ ...row }));
  return { records: plain(records), links: plain(links), merges: plain(merges) };
}
