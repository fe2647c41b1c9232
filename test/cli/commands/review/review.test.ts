import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse } from "csv-parse/sync";
import { runCli } from "../../../support/cli.ts";
import { scorePairs } from "../../../support/scored-pairs.ts";
import { inventContent, openTestIndex, type TestIndex } from "../../../support/test-index.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "mpi-review-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let index: TestIndex;
let a: string;
let b: string;
let c: string;
let ab: string;
let ac: string;
beforeEach(async () => {
  index = await openTestIndex();
  a = await index.add({ name: "Quillfeather, Wilma", identifiers: [{ value: "A-12345" }] });
  b = await index.add({ name: "Quillfeather, W" });
  c = await index.add({ name: "=SUM(1), Nora" });
  [ab, ac] = (await scorePairs(index, [a, b, 0.9], [a, c, 0.7])) as [string, string];
});

const as = (user: string, ...argv: string[]) =>
  runCli([...argv, "--quiet", "--user", user], { database: index.database.url, cwd: folder });
const mpi = (...argv: string[]) => as("ann", ...argv);
const json = (text: string) => JSON.parse(text) as Record<string, unknown>;
const state = async (id: string) =>
  (await index.sql<{ state: string }[]>`select state from patient_match_scores where id = ${id}`)[0]!.state;

describe("mpi review without a terminal", () => {
  it("is wrong usage that names the commands for it", async () => {
    const { exitCode, stderr } = await mpi("review");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("mpi review list, show and decide");
  });
});

describe("mpi review list", () => {
  it("lists the queue in every format", async () => {
    const table = await mpi("review", "list");
    expect(table.stdout).toMatch(new RegExp(`^${ab.slice(0, 8)} +duplicate +0\\.900 `, "m"));
    const document = json((await mpi("review", "list", "--output", "json")).stdout);
    expect(document).toMatchObject({
      total: 2,
      totalIsExact: true,
      items: [
        { id: ab, score: 0.9 },
        { id: ac, score: 0.7 },
      ],
    });
    expect((await mpi("review", "list", "--output", "csv")).stdout.split("\n")).toHaveLength(4);
    expect(
      (await mpi("review", "list", "--output", "ndjson", "--min-score", "0.8")).stdout.trim().split("\n"),
    ).toHaveLength(1);
  });

  it("narrows to the pairs with a record of one source, on either side", async () => {
    await index.sql`update patients set source_system = 'lab', source_id = '7' where id = ${c}`;
    await index.sql`update patients set source_system = 'ward', source_id = '8' where id = ${a}`;
    const ids = async (source: string) =>
      (
        json((await mpi("review", "list", "--source", source, "--output", "json")).stdout)["items"] as {
          id: string;
        }[]
      ).map(({ id }) => id);
    expect(await ids("lab")).toEqual([ac]);
    expect(await ids("ward")).toEqual([ab, ac]);
  });

  it("walks the queue for a source with thousands of records, and finds the same", async () => {
    await index.sql`insert into patients (source_system, source_id) select 'large', n from generate_series(1, 2000) n`;
    await index.sql`update patients set source_system = 'large', source_id = 'b' where id = ${b}`;
    const { stdout } = await mpi("review", "list", "--source", "large", "--output", "json");
    expect(json(stdout)).toMatchObject({ total: 1, items: [{ id: ab }] });
  });

  it("names the sources there are where nobody is from the one asked for", async () => {
    const none = await mpi("review", "list", "--source", "leb");
    expect(none).toMatchObject({ exitCode: 3, stdout: "" });
    expect(none.stderr).toContain("No record names a source system at all.");
    await index.sql`update patients set source_system = 'lab', source_id = '7' where id = ${c}`;
    await index.sql`update patients set source_system = 'ward', source_id = '8' where id = ${a}`;
    expect((await mpi("review", "list", "--source", "leb")).stderr).toContain("There are: lab, ward.");
  });

  it("is empty with success", async () => {
    const { exitCode, stdout } = await mpi("review", "list", "--kind", "overlay");
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  });

  it("section 5: lists decisions with --decided, overridden ones as closed", async () => {
    await mpi("review", "decide", ab, "different", "--reason", "twins");
    await as("ben", "review", "decide", ac, "later");
    const first = json((await mpi("review", "list", "--decided", "--output", "json")).stdout);
    expect(first).toMatchObject({
      items: [
        { id: ac, said: "later", decidedBy: "ben", isInForce: true },
        { id: ab, said: "different", decidedBy: "ann", reason: "twins", origin: "review", isInForce: true },
      ],
    });
    await mpi("patient", "link", b, c);
    await mpi("patient", "link", a, c, "--override", "--reason", "one after all");
    const { items } = json((await mpi("review", "list", "--decided", "--output", "json")).stdout) as {
      items: Record<string, unknown>[];
    };
    expect(items.find((item) => item["id"] === ab)).toMatchObject({
      said: "different",
      isInForce: false,
      decidedBy: "ann",
    });
  });
});

describe("mpi review show", () => {
  it("shows a pair by a prefix of its id, and audits the reading", async () => {
    const { exitCode, stdout } = await mpi("review", "show", ab.slice(0, 13));
    expect(exitCode).toBe(0);
    expect(stdout).toContain("90.0 %, possible duplicate");
    expect(stdout).toMatch(/^name +Quillfeather, W/m);
    const shown = json((await mpi("review", "show", ab, "--output", "json")).stdout);
    expect(shown).toMatchObject({ id: ab, evidence: expect.stringMatching(/^[0-9a-f]{16}$/) as string });
    const reads = await index.sql`select distinct entity_id from audit_log where action = 'READ'`;
    expect(reads.map((row) => row["entity_id"] as string).sort()).toEqual([a, b].sort());
  });

  it("finds nothing under an unknown id, and takes no other words", async () => {
    expect((await mpi("review", "show", "00000000")).exitCode).toBe(3);
    expect((await mpi("review", "show", "Quillfeather")).exitCode).toBe(2);
  });
});

describe("mpi review decide and clear", () => {
  it("same links, different remembers, later puts off; clear takes back", async () => {
    const same = await mpi("review", "decide", ab, "same", "--output", "json");
    expect(json(same.stdout)).toMatchObject({
      decision: "same",
      state: "confirmed",
      links: [{ change: "link" }],
    });
    expect((await mpi("review", "decide", ac, "later")).exitCode).toBe(0);
    expect([await state(ab), await state(ac)]).toEqual(["confirmed", "deferred"]);
    expect((await mpi("review", "clear", ab)).exitCode).toBe(2);
    expect((await mpi("review", "clear", ab, "--reason", "wrong pair")).exitCode).toBe(0);
    expect(await state(ab)).toBe("pending");
    expect(await index.sql`select 1 from patient_links`).toHaveLength(0);
    expect((await mpi("review", "clear", ab, "--reason", "again")).exitCode).toBe(3);
  });

  it("writes each decision with its audit row in one transaction", async () => {
    await mpi("review", "decide", ab, "same", "--reason", "same card");
    const rows = await index.sql`
      select count(distinct transaction_id)::int as transactions, array_agg(distinct table_name::text order by table_name::text) as tables,
        array_agg(distinct reason) as reasons, array_agg(distinct user_id::text) as users
      from audit_log where operation = 'REVIEW' and action <> 'READ'`;
    expect(rows).toEqual([
      {
        transactions: 1,
        tables: ["patient_links", "patient_match_scores", "patients"],
        reasons: ["same card"],
        users: ["ann"],
      },
    ]);
  });

  it("needs a reason against a decision that stands, and --override against different", async () => {
    await mpi("review", "decide", ab, "same");
    expect((await mpi("review", "decide", ab, "different")).exitCode).toBe(2);
    expect((await mpi("review", "decide", ab, "different", "--reason", "twins")).exitCode).toBe(0);
    expect((await mpi("review", "decide", ab, "same", "--reason", "no")).exitCode).toBe(4);
    expect((await mpi("review", "decide", ab, "same", "--override")).exitCode).toBe(2);
    expect((await mpi("review", "decide", ab, "same", "--override", "--reason", "yes")).exitCode).toBe(0);
    expect(await state(ab)).toBe("confirmed");
  });

  it("changes nothing with --dry-run, and takes no other word", async () => {
    expect((await mpi("review", "decide", ab, "same", "--dry-run")).stdout).toContain(
      "Would be decided: same",
    );
    expect(await state(ab)).toBe("pending");
    expect((await mpi("review", "decide", ab, "perhaps")).exitCode).toBe(2);
    expect((await mpi("review", "decide", ab, "split", "--reason", "x")).exitCode).toBe(2);
  });
});

describe("mpi review claim, release and assign", () => {
  it("a claimed pair is not given to a second steward until it is released", async () => {
    expect(json((await mpi("review", "claim", "--output", "json")).stdout)).toMatchObject({
      id: ab,
      claimedBy: "ann",
    });
    expect(json((await as("ben", "review", "claim", "--output", "json")).stdout)).toMatchObject({ id: ac });
    expect((await as("cleo", "review", "claim")).exitCode).toBe(3);
    expect((await as("cleo", "review", "claim", ab)).exitCode).toBe(4);
    expect((await as("cleo", "review", "decide", ab, "same")).exitCode).toBe(4);
    expect((await as("cleo", "review", "release")).stdout).toBe("0 released.\n");
    expect((await mpi("review", "release", ab)).stdout).toBe("1 released.\n");
    expect((await as("cleo", "review", "claim", ab)).exitCode).toBe(0);
  });

  it("an assigned pair is offered to its steward alone", async () => {
    const assigned = await mpi("review", "assign", "--next", "1", "--to", "nora", "--output", "json");
    expect(json(assigned.stdout)).toEqual({ dryRun: false, assignedTo: "nora", assigned: [ab] });
    expect(json((await as("ben", "review", "claim", "--output", "json")).stdout)).toMatchObject({ id: ac });
    expect(json((await as("nora", "review", "claim", "--output", "json")).stdout)).toMatchObject({ id: ab });
    expect((await mpi("review", "assign", ab, "--nobody", "--dry-run")).stdout).toBe(
      "1 would be assigned to nobody.\n",
    );
    expect((await mpi("review", "assign", ab)).exitCode).toBe(2);
    expect((await mpi("review", "assign", "--to", "nora")).exitCode).toBe(2);
  });
});

describe("mpi review stats", () => {
  it("counts what waits and what was decided, each measure with what it is made of", async () => {
    await mpi("review", "decide", ab, "different", "--reason", "twins");
    await as("ben", "review", "decide", ab, "same", "--override", "--reason", "no");
    await mpi("patient", "merge", a, c, "--reason", "card", "--yes");
    await mpi("patient", "unmerge", a, "--reason", "wrong", "--yes");
    const stats = json((await mpi("review", "stats", "--output", "json")).stdout);
    expect(stats).toMatchObject({
      waiting: 0,
      stewards: [
        { steward: "ann", different: 1 },
        { steward: "ben", same: 1 },
      ],
      measures: [
        { name: "pairs decided per hour", numerator: 2 },
        { name: "agreement", numerator: 0, denominator: 1, value: 0 },
        { name: "false merges", numerator: 1, denominator: 1, value: 1 },
      ],
    });
    expect((await mpi("review", "stats")).stdout).toMatch(
      /^false merges +1\.000 +1 +1 +merges that were taken back \/ merges$/m,
    );
  });
});

describe("agreement between stewards", () => {
  it("leaves out what a steward took back", async () => {
    await mpi("review", "decide", ab, "same");
    await as("ben", "review", "decide", ab, "different", "--reason", "no");
    const agreement = async () =>
      (json((await mpi("review", "stats", "--output", "json")).stdout)["measures"] as object[])[1];
    expect(await agreement()).toMatchObject({ name: "agreement", numerator: 0, denominator: 1 });
    await as("ben", "review", "clear", ab, "--reason", "the wrong pair");
    expect(await agreement()).toMatchObject({ numerator: 0, denominator: 0, value: null });
  });
});

describe("mpi review export and import", () => {
  const read = (file: string) =>
    parse<Record<string, string>>(readFileSync(path.join(folder, file), "utf8"), { columns: true });
  const write = (file: string, rows: readonly Record<string, string>[]) => {
    const header = Object.keys(rows[0]!);
    const quote = (value: string) => `"${value.replaceAll('"', '""')}"`;
    const lines = [header, ...rows.map((row) => header.map((name) => row[name]!))];
    writeFileSync(
      path.join(folder, file),
      `${lines.map((line) => line.map(quote).join(",")).join("\r\n")}\r\n`,
    );
  };

  it("make a round trip: what was decided in the spreadsheet is carried out", async () => {
    const exported = await mpi("review", "export", "--file", "trip.csv");
    expect(exported).toMatchObject({ exitCode: 0, stdout: "2 pairs are in trip.csv.\n" });
    expect(statSync(path.join(folder, "trip.csv")).mode & 0o777).toBe(0o600);
    const rows = read("trip.csv");
    expect(rows.map((row) => row["pair"])).toEqual([ab, ac]);
    write("trip.csv", [
      { ...rows[0]!, decision: "Same ", reason: "same card" },
      { ...rows[1]!, decision: "" },
    ]);
    const dry = await mpi("review", "import", "trip.csv", "--dry-run");
    expect(dry.exitCode).toBe(0);
    expect(await state(ab)).toBe("pending");
    const done = await mpi("review", "import", "trip.csv", "--output", "json");
    expect(done.exitCode).toBe(0);
    expect(json(done.stdout)).toMatchObject({
      decided: 1,
      leftOpen: 1,
      rejected: 0,
      items: [{ line: 2, pair: ab, outcome: "decided" }],
    });
    expect(
      await index.sql`select state, reason, decided_by from patient_match_scores where id = ${ab}`,
    ).toEqual([{ state: "confirmed", reason: "same card", decided_by: "ann" }]);
  });

  it("refuse rows whose evidence has changed since, and report every rejected row with exit code 5", async () => {
    await mpi("review", "export", "--file", "stale.csv");
    const rows = read("stale.csv");
    await index.sql`update patients set gender = 'male' where id = ${b}`;
    write("stale.csv", [
      { ...rows[0]!, decision: "same" },
      { ...rows[1]!, decision: "different" },
      { ...rows[1]!, decision: "same" },
      { ...rows[1]!, pair: "nonsense", decision: "same" },
      { ...rows[1]!, pair: "00000000-0000-4000-8000-000000000000", decision: "same" },
      { ...rows[1]!, pair: ab, decision: "perhaps" },
      { ...rows[0]!, decision: "same", reason: "a\0b" },
    ]);
    const { exitCode, stdout } = await mpi("review", "import", "stale.csv", "--output", "json");
    expect(exitCode).toBe(5);
    expect(json(stdout)).toMatchObject({
      decided: 1,
      rejected: 6,
      items: [
        { line: 2, outcome: "rejected", why: "The pair, or one of its records, has changed since." },
        { line: 3, outcome: "decided" },
        { line: 4, outcome: "rejected", why: "the pair was decided in an earlier row" },
        { line: 5, outcome: "rejected", why: "the pair's id is damaged" },
        { line: 6, outcome: "rejected" },
        { line: 7, outcome: "rejected", why: "the decision is not one of same, different, later" },
        { line: 8, outcome: "rejected", why: "the reason holds a NUL character" },
      ],
    });
    expect([await state(ab), await state(ac)]).toEqual(["pending", "rejected"]);
  });

  it("mask identifiers, make formulas harmless, audit the export, and replace no file", async () => {
    await mpi("review", "export", "--file", "safe.csv");
    const text = readFileSync(path.join(folder, "safe.csv"), "utf8");
    expect(text).toContain("****2345");
    expect(text).not.toContain("A-12345");
    expect(text).toContain("'=SUM(1), Nora");
    expect(await index.sql`select distinct action from audit_log where operation = 'REVIEW_EXPORT'`).toEqual([
      { action: "EXPORT" },
    ]);
    expect((await mpi("review", "export", "--file", "safe.csv")).exitCode).toBe(4);
    expect((await mpi("review", "export", "--file", "safe.csv", "--overwrite", "--reveal")).exitCode).toBe(2);
    await mpi(
      "review",
      "export",
      "--file",
      "safe.csv",
      "--overwrite",
      "--reveal",
      "--reason",
      "audit of March",
    );
    expect(readFileSync(path.join(folder, "safe.csv"), "utf8")).toContain("A-12345");
  });

  it.each([
    ["pair,decision\n", "lacks the column evidence"],
    ["pair,evidence,decision,pair\n", "two columns of one name"],
    ['pair,evidence,decision\n"x', "no CSV that can be read"],
  ])("refuse %j", async (text, message) => {
    writeFileSync(path.join(folder, "bad.csv"), text);
    const { exitCode, stderr } = await mpi("review", "import", "bad.csv");
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  it("read what a spreadsheet program saves with semicolons and a byte order mark", async () => {
    await mpi("review", "export", "--file", "semicolons.csv");
    const [row] = read("semicolons.csv");
    writeFileSync(
      path.join(folder, "semicolons.csv"),
      `\ufeffpair;evidence;decision;reason\r\n${row!["pair"]!};${row!["evidence"]!};different;twins\r\n`,
    );
    expect((await mpi("review", "import", "semicolons.csv")).exitCode).toBe(0);
    expect(await state(ab)).toBe("rejected");
    expect((await mpi("review", "import", "absent.csv")).exitCode).toBe(3);
    writeFileSync(path.join(folder, "latin.csv"), Buffer.from([0x70, 0xe9]));
    expect((await mpi("review", "import", "latin.csv")).exitCode).toBe(2);
  });
});

describe("section 8: updates that were kept back", () => {
  let entry: string;
  beforeEach(async () => {
    await index.sql`update patients set source_system = 'lab', source_id = '7' where id = ${a}`;
    const content = inventContent({ name: "Ortiz, Juan", birthDate: "1990-05-05", gender: "male" });
    const payload = { content, sourceSystem: "lab", sourceId: "7" };
    const [row] = await index.sql<{ id: string }[]>`
      insert into patient_quarantine (patient_id, kind, payload, fields, origin)
      values (${a}, 'overlay', ${index.sql.json(payload as never)}, '{family,given}', 'csv') returning id`;
    entry = row!.id;
  });

  const settled = async () => (await index.sql`select state, decided_by, reason from patient_quarantine`)[0];

  it("are listed and shown beside the record", async () => {
    expect(json((await mpi("review", "list", "--kind", "overlay", "--output", "json")).stdout)).toMatchObject(
      {
        items: [{ id: entry, kind: "overlay", aId: a, fields: ["family", "given"] }],
      },
    );
    const { stdout } = await mpi("review", "show", entry);
    expect(stdout).toContain("family, given would change");
    expect(stdout).toMatch(/^name +\[?Quillfeather, Wilma\]? +\[?Ortiz, Juan\]?/m);
  });

  it("apply updates the record after all", async () => {
    expect((await mpi("review", "decide", entry, "apply", "--reason", "renamed")).exitCode).toBe(0);
    expect(await index.sql`select family from patient_names where patient_id = ${a} and is_primary`).toEqual([
      { family: "Ortiz" },
    ]);
    expect(await settled()).toEqual({ state: "applied", decided_by: "ann", reason: "renamed" });
    expect((await mpi("review", "decide", entry, "reject", "--reason", "again")).exitCode).toBe(4);
  });

  it("reject leaves the record as it is", async () => {
    await mpi("review", "decide", entry, "reject", "--reason", "test message");
    expect(await index.sql`select family from patient_names where patient_id = ${a}`).toEqual([
      { family: "Quillfeather" },
    ]);
    expect(await settled()).toMatchObject({ state: "rejected" });
  });

  it("split makes a record of its own, which takes the source's id along and is remembered as different", async () => {
    const result = json(
      (await mpi("review", "decide", entry, "split", "--reason", "another patient", "--output", "json"))
        .stdout,
    );
    const newRecord = result["newRecord"] as string;
    expect(await index.sql`select id, source_id from patients where source_system = 'lab'`).toEqual([
      { id: newRecord, source_id: "7" },
    ]);
    const refused = await mpi("patient", "link", a, newRecord);
    expect(refused.exitCode).toBe(4);
    expect(await settled()).toMatchObject({ state: "split" });
  });

  describe("merges and links that went against a decision", () => {
    const keepBack = async (kind: "merge" | "link") => {
      const payload = { source: a, other: c, linkType: kind === "merge" ? "replaced-by" : "seealso" };
      const [row] = await index.sql<{ id: string }[]>`
        insert into patient_quarantine (patient_id, kind, payload, fields, origin)
        values (${a}, ${kind}, ${index.sql.json(payload)}, '{}', 'hl7') returning id`;
      return row!.id;
    };
    beforeEach(() => mpi("review", "decide", ac, "different", "--reason", "two persons"));

    it("are listed and shown with both records", async () => {
      const refused = await keepBack("merge");
      const { stdout } = await mpi("review", "list", "--kind", "overlay", "--output", "json");
      expect((json(stdout)["items"] as { id: string }[]).find((item) => item.id === refused)).toMatchObject({
        kind: "merge",
        aId: a,
        bId: c,
      });
      const shown = await mpi("review", "show", refused);
      expect(shown.exitCode).toBe(0);
      expect(shown.stdout).toMatch(/a merge of A and B was kept back[\s\S]*A would be retired/);
      expect(shown.stdout).toContain("=SUM(1), Nora");
    });

    it.each(["merge", "link"] as const)("apply makes the %s and closes the decision", async (kind) => {
      const refused = await keepBack(kind);
      expect((await mpi("review", "decide", refused, "split", "--reason", "x")).exitCode).toBe(4);
      const dry = await mpi("review", "decide", refused, "apply", "--reason", "x", "--dry-run");
      expect(dry.exitCode).toBe(0);
      expect(await state(ac)).toBe("rejected");
      const { exitCode } = await mpi("review", "decide", refused, "apply", "--reason", "passport seen");
      expect(exitCode).toBe(0);
      expect(await state(ac)).toBe(kind === "merge" ? "merged" : "confirmed");
      const ids = await index.sql`select distinct enterprise_id from patients where id in (${a}, ${c})`;
      expect(ids).toHaveLength(1);
      expect((await mpi("review", "decide", refused, "apply", "--reason", "again")).exitCode).toBe(4);
    });

    it("reject leaves the decision in force", async () => {
      const refused = await keepBack("link");
      expect((await mpi("review", "decide", refused, "reject", "--reason", "wrong")).exitCode).toBe(0);
      expect(await state(ac)).toBe("rejected");
    });
  });

  it("need a reason, and change nothing with --dry-run", async () => {
    expect((await mpi("review", "decide", entry, "apply")).exitCode).toBe(2);
    expect((await mpi("review", "decide", entry, "same", "--reason", "x")).exitCode).toBe(2);
    const dry = await mpi(
      "review",
      "decide",
      entry,
      "split",
      "--reason",
      "x",
      "--dry-run",
      "--output",
      "json",
    );
    expect(json(dry.stdout)).toMatchObject({ dryRun: true, newRecord: null });
    expect(await settled()).toMatchObject({ state: "pending" });
  });
});
