import { beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { openTestIndex, type TestIndex } from "../../../support/test-index.ts";

let index: TestIndex;
beforeEach(async () => {
  index = await openTestIndex();
});

const org = (...argv: string[]) => runCli(["org", ...argv], { database: index.database.url });
const add = async (...argv: string[]) =>
  (JSON.parse((await org("add", ...argv, "--output", "json")).stdout) as { id: string }).id;
const list = async (...argv: string[]) =>
  (JSON.parse((await org(...argv, "--output", "json")).stdout) as { items: { id: string; depth: number }[] })
    .items;

describe("mpi org", () => {
  it("adds an organization with all that belongs to it, and shows it by its identifier; both are audited", async () => {
    await index.sql`insert into identifier_domains (code, system, name, check_digit) values ('NPI', 'urn:npi', 'NPI', 'npi')`;
    const hospital = await add("General Hospital");
    const id = await add(
      "Cardiology",
      ...[
        "--alias",
        "Heart",
        "--type",
        "dept",
        "--part-of",
        hospital.slice(0, 8),
        "--identifier",
        "NPI=1234567893",
      ],
      ...[
        "--phone",
        "217-555-0100",
        "--email",
        "h@example.org",
        "--city",
        "Springfield",
        "--source",
        "hr",
        "--source-id",
        "9",
      ],
    );
    const { exitCode, stdout } = await org("show", "npi:1234567893", "--output", "json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      id,
      name: "Cardiology",
      alias: ["Heart"],
      orgType: ["dept"],
      partOf: hospital,
      identifiers: [{ type: "NPI", system: "urn:npi", value: "1234567893" }],
      addresses: [{ city: "Springfield" }],
      contacts: [{ system: "email" }, { system: "phone" }],
    });
    const audit = await index.sql<{ action: string; operation: string }[]>`
      select distinct action, operation from audit_log where entity_type = 'organization' and entity_id = ${id} order by 1`;
    expect(audit.map((row) => ({ ...row }))).toEqual([
      { action: "INSERT", operation: "ORGANIZATION_ADD" },
      { action: "READ", operation: "ORGANIZATION_SHOW" },
    ]);
  });

  it("finds by a part of the name or an alias, deleted ones only when asked", async () => {
    const id = await add("Hôpital Général", "--alias", "GH");
    await add("Elsewhere");
    expect((await list("find", "hopital")).map((each) => each.id)).toEqual([id]);
    expect((await list("find", "gh")).map((each) => each.id)).toEqual([id]);
    expect(await list("find", "%")).toEqual([]);
    await org("delete", id, "--reason", "x", "--yes");
    expect(await list("find", "hopital")).toEqual([]);
    expect(await list("find", "hopital", "--include-deleted")).toHaveLength(1);
    expect(await list("find")).toHaveLength(1);
  });

  it("edits, adds and takes away, from the version it was read in", async () => {
    const id = await add("Old", "--phone", "1", "--alias", "A");
    const { contacts } = JSON.parse((await org("show", id, "--output", "json")).stdout) as {
      contacts: { id: string }[];
    };
    const edited = await org(
      "edit",
      id,
      "--name",
      "New",
      "--remove",
      contacts[0]!.id.slice(0, 8),
      "--url",
      "https://x",
      "--if-version",
      "1",
      "--output",
      "json",
    );
    expect(edited.exitCode).toBe(0);
    expect(JSON.parse(edited.stdout)).toMatchObject({
      name: "New",
      alias: ["A"],
      version: 2,
      contacts: [{ system: "url" }],
    });
    expect((await org("edit", id, "--name", "Other", "--if-version", "1")).exitCode).toBe(4);
  });

  it("shows what is part of what, and refuses circles", async () => {
    const a = await add("A");
    const b = await add("B", "--part-of", a);
    const c = await add("C", "--part-of", b);
    expect((await list("tree")).map(({ id, depth }) => [id, depth])).toEqual([
      [a, 0],
      [b, 1],
      [c, 2],
    ]);
    expect((await list("tree", b)).map((each) => each.id)).toEqual([b, c]);
    for (const below of [a, b, c]) expect((await org("edit", a, "--part-of", below)).exitCode).toBe(4);
    expect((await org("edit", c, "--part-of", "")).exitCode).toBe(0);
    expect((await list("tree", a)).map((each) => each.id)).toEqual([a, b]);
  });

  it("makes no circle when two are put into each other at the same moment", async () => {
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = [await add(`A${String(round)}`), await add(`B${String(round)}`)];
      const results = await Promise.all([org("edit", a, "--part-of", b), org("edit", b, "--part-of", a)]);
      expect(results.map((result) => result.exitCode).sort()).toEqual([0, 4]);
    }
  });

  it("deletes softly with a reason, refuses while others are part of it, and restores", async () => {
    const a = await add("A");
    const b = await add("B", "--part-of", a);
    expect((await org("delete", a, "--reason", "x", "--yes")).exitCode).toBe(4);
    expect((await org("delete", b, "--yes")).exitCode).toBe(2);
    expect((await org("delete", b, "--reason", "x")).exitCode).toBe(2);
    expect((await org("delete", b, "--reason", "closed", "--yes")).exitCode).toBe(0);
    expect((await org("delete", b, "--reason", "closed", "--yes")).exitCode).toBe(4);
    expect((await org("delete", a, "--reason", "x", "--yes")).exitCode).toBe(0);
    expect((await org("restore", b, "--reason", "x")).exitCode).toBe(4);
    expect((await org("restore", a, "--reason", "x")).exitCode).toBe(0);
    expect((await org("restore", b, "--reason", "x")).exitCode).toBe(0);
    expect((await org("restore", b, "--reason", "x")).exitCode).toBe(4);
    expect(await list("tree")).toHaveLength(2);
  });

  it("changes nothing in dry runs", async () => {
    const id = await add("A");
    await org("add", "B", "--dry-run");
    await org("edit", id, "--name", "C", "--dry-run");
    await org("delete", id, "--reason", "x", "--dry-run");
    expect(await index.sql`select name, deleted_at, version from organizations`).toMatchObject([
      { name: "A", deleted_at: null, version: 1 },
    ]);
  });

  it.each([
    ["an empty name", ["add", " "], 2],
    ["a NUL byte", ["add", "a\0b"], 2],
    ["a name over the limit", ["add", "x".repeat(256)], 2],
    ["a parent that is not there", ["add", "A", "--part-of", "00000000"], 3],
    ["a source without its id", ["add", "A", "--source", "hr"], 2],
    ["an organization that is not there", ["show", "00000000"], 3],
    ["what names no organization", ["show", "zz"], 2],
    ["an empty search", ["find", ""], 2],
    ["a number that fails its check digit", ["add", "A", "--identifier", "NPI=1234567890"], 2],
  ])("refuses %s", async (_, argv, code) => {
    await index.sql`insert into identifier_domains (code, system, name, check_digit) values ('NPI', 'urn:npi', 'NPI', 'npi')`;
    const result = await org(...argv);
    expect(result.stderr).not.toContain("bug");
    expect(result.exitCode).toBe(code);
    expect(result.stdout).toBe("");
  });

  it("refuses an identifier and a source id that are another's", async () => {
    await add("A", "--identifier-system", "urn:x=1", "--source", "hr", "--source-id", "1");
    expect((await org("add", "B", "--identifier-system", "urn:x=1")).exitCode).toBe(4);
    expect((await org("add", "B", "--source", "hr", "--source-id", "1")).exitCode).toBe(4);
  });
});
