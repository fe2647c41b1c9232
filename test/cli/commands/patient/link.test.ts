import { beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { converse, keys } from "../../../support/terminal.ts";
import { openTestIndex, type TestIndex } from "../../../support/test-index.ts";

let index: TestIndex;
let a: string;
let b: string;
beforeEach(async () => {
  index = await openTestIndex();
  a = await index.add({ name: "Quillfeather, Wilma", gender: "female", identifiers: [{ value: "A-1" }] });
  b = await index.add({ name: "Quillfeather, W", gender: "female", identifiers: [{ value: "B-1" }] });
});

const mpi = (...argv: string[]) => runCli([...argv, "--quiet"], { database: index.database.url });
const json = (text: string) => JSON.parse(text) as Record<string, unknown>;
const counts = async () => {
  const [row] = await index.sql`
    select (select count(*) from patient_links)::int as links, (select count(distinct enterprise_id) from patients)::int as persons`;
  return row;
};

describe("mpi patient link", () => {
  it("links two records, says so, and leaves both in use", async () => {
    const { exitCode, stdout, stderr } = await mpi("patient", "link", a, b, "--reason", "same card");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain(`Linked ${a} and ${b} (seealso).`);
    expect(await counts()).toEqual({ links: 1, persons: 1 });
    expect(await index.sql`select distinct user_id, reason from audit_log where operation = 'LINK'`).toEqual([
      { user_id: "tester", reason: "same card" },
    ]);
  });

  it("changes nothing with --dry-run, and says the same", async () => {
    const dry = await mpi("patient", "link", a, b, "--dry-run", "--output", "json");
    expect(await counts()).toEqual({ links: 0, persons: 2 });
    const real = await mpi("patient", "link", a, b, "--output", "json");
    expect(json(dry.stdout)).toMatchObject({ dryRun: true, records: [a, b], alreadyLinked: false });
    expect({ ...json(dry.stdout), dryRun: false }).toEqual(json(real.stdout));
  });

  it("names records by identifier and prefix, and refuses what is not there or not one", async () => {
    await index.sql`insert into identifier_domains (code, system, name) values ('MRN', 'urn:test:mrn', 'Number')`;
    expect((await mpi("patient", "link", "MRN:A-1", b.slice(0, 13))).exitCode).toBe(0);
    expect((await mpi("patient", "link", "MRN:none", b)).exitCode).toBe(3);
    expect((await mpi("patient", "link", a, a)).exitCode).toBe(2);
    expect((await mpi("patient", "link", a)).exitCode).toBe(2);
    expect((await mpi("patient", "link", a, b, "--type", "replaces")).exitCode).toBe(2);
  });

  it("refuses a second time with 4, or succeeds with --if-needed", async () => {
    await mpi("patient", "link", a, b);
    const again = await mpi("patient", "link", a, b, "--output", "json");
    expect(again.exitCode).toBe(4);
    expect(json(again.stderr)).toMatchObject({ error: { details: { reason: "already-linked" } } });
    const enough = await mpi("patient", "link", b, a, "--if-needed", "--output", "json");
    expect(enough.exitCode).toBe(0);
    expect(json(enough.stdout)).toMatchObject({ alreadyLinked: true, links: [], persons: [] });
  });

  it("needs --override and --reason against a decision, and names the decision without any patient's value", async () => {
    await mpi("patient", "link", a, b);
    await mpi("patient", "unlink", a, b, "--reason", "mother and daughter", "--yes");
    const refused = await mpi("patient", "link", a, b);
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toContain("different (tester, ");
    expect(refused.stderr).not.toMatch(/Quillfeather|mother|A-1/);
    expect((await mpi("patient", "link", a, b, "--override")).exitCode).toBe(2);
    const overridden = await mpi("patient", "link", a, b, "--override", "--reason", "one after all");
    expect(overridden.exitCode).toBe(0);
    expect(overridden.stdout).toContain("are different (tester) is closed.");
  });

  it("writes the same changes as csv and ndjson", async () => {
    const csv = await mpi("patient", "link", a, b, "--dry-run", "--output", "csv");
    expect(csv.stdout.split("\n")).toEqual([
      "change,record,other,before,after",
      `link,${a},${b},,seealso (steward)`,
      expect.stringMatching(new RegExp(`^person,${b},,[0-9a-f-]{36},[0-9a-f-]{36}$`)),
      "",
    ]);
    const ndjson = await mpi("patient", "link", a, b, "--dry-run", "--output", "ndjson");
    expect(ndjson.stdout.trimEnd().split("\n")).toHaveLength(1);
  });

  it("shows both records beside each other on a terminal and asks; the reading is audited", async () => {
    const declined = await converse(
      ["patient", "link", a, b],
      [[/Link .* as one person\? Both stay in use/, `n${keys.enter}`]],
      {
        database: index.database.url,
      },
    );
    expect(declined.exitCode).toBe(130);
    expect(declined.stderr).toMatch(/name.*Quillfeather, Wilma.*\*.*$/m);
    expect(await counts()).toEqual({ links: 0, persons: 2 });
    const reads = await index.sql`select entity_id from audit_log where action = 'READ' order by entity_id`;
    expect(reads.map((row) => row["entity_id"] as string)).toEqual([a, b].sort());
    const agreed = await converse(["patient", "link", a, b], [[/one person\?/, keys.enter]], {
      database: index.database.url,
    });
    expect(agreed.exitCode).toBe(0);
    expect(await counts()).toEqual({ links: 1, persons: 1 });
  });
});

describe("mpi patient unlink", () => {
  beforeEach(async () => {
    await mpi("patient", "link", a, b);
  });

  it("takes two records apart and remembers it", async () => {
    const { exitCode, stdout } = await mpi("patient", "unlink", a, b, "--reason", "twins", "--yes");
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`remembered as different from ${b.slice(0, 8)}`);
    expect(await counts()).toEqual({ links: 0, persons: 2 });
    expect(await index.sql`select state, reason from patient_match_scores`).toEqual([
      { state: "rejected", reason: "twins" },
    ]);
  });

  it("takes a record out of its whole person", async () => {
    const c = await index.add();
    await mpi("patient", "link", b, c);
    const { stdout } = await mpi("patient", "unlink", b, "--reason", "another", "--yes", "--output", "json");
    expect(json(stdout)).toMatchObject({ dryRun: false, record: b });
    expect((json(stdout)["differentFrom"] as string[]).sort()).toEqual([a, c].sort());
    expect(await counts()).toEqual({ links: 0, persons: 3 });
  });

  it("needs a reason and, where nobody can be asked, --yes", async () => {
    expect((await mpi("patient", "unlink", a, b, "--yes")).exitCode).toBe(2);
    const unasked = await mpi("patient", "unlink", a, b, "--reason", "twins");
    expect(unasked.exitCode).toBe(2);
    expect(unasked.stderr).toContain("--yes");
    expect(await counts()).toEqual({ links: 1, persons: 1 });
  });

  it("refuses with 4 where a third record holds them, and lists the ways", async () => {
    const c = await index.add();
    await mpi("patient", "link", a, c);
    await mpi("patient", "link", c, b);
    const { exitCode, stderr } = await mpi("patient", "unlink", a, b, "--dry-run");
    expect(exitCode).toBe(4);
    expect(stderr).toContain(`${a.slice(0, 8)} - ${c.slice(0, 8)} - ${b.slice(0, 8)}`);
    expect(stderr).toContain(`mpi patient unlink ${a.slice(0, 8)}`);
  });

  it("refuses with 4 what is not linked", async () => {
    const c = await index.add();
    expect((await mpi("patient", "unlink", c, "--dry-run")).exitCode).toBe(4);
    expect((await mpi("patient", "unlink", a, c, "--dry-run")).exitCode).toBe(4);
  });
});
