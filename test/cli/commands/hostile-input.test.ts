import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../support/cli.ts";
import { scorePairs } from "../../support/scored-pairs.ts";
import { openTestIndex, type TestIndex } from "../../support/test-index.ts";

/** What people and programs put into names, on purpose or not. All of it may be stored. */
const storable = {
  "terminal escape sequences": "\u001b]0;owned\u0007\u001b[2J\u001b[31mRed\u009b31m",
  "bidirectional controls": "\u202eevE\u202c \u2066x\u2069",
  "line breaks": "Two\r\nLines",
  "combining characters": "Zoe\u0308 n\u0303andu\u0301",
  "right-to-left letters": "\u05d3\u05d5\u05d3 \u0645\u062d\u0645\u062f",
  "letters beyond the basic plane": "\u{20bb7}\u91ce \u{1f469}\u200d\u{1f680}",
  "zero-width characters": "Sm\u200bith\u2060\ufeff",
  "SQL metacharacters": `O'Neil"); drop table patients;-- $$ $1 \\ %_`,
  "shell metacharacters": "$(touch /tmp/owned) `id` | & ; > < * ? ~ !!",
  "a formula": '=HYPERLINK("http://x","y")',
  "a formula that begins with a blank": " =1+1",
  "a command for a spreadsheet": "@SUM(1+1)*cmd|' /C calc'!A0",
  "format directives": "%s%n{0}${x}{{y}}",
  "the longest name there may be": "x".repeat(1000),
} as const;

/** What cannot be stored faithfully and is refused. */
const refused = {
  "a NUL byte": "a\0b",
  "half of a surrogate pair": "\ud800",
  "a name over the limit": "x".repeat(1001),
} as const;

// eslint-disable-next-line no-control-regex
const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "mpi-hostile-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let index: TestIndex;
let a: string;
let b: string;
let pair: string;
beforeEach(async () => {
  index = await openTestIndex();
  await index.sql`insert into identifier_domains (code, system, name) values ('MRN', 'urn:test:mrn', 'Numbers')`;
  a = await index.add({ name: "Quillfeather, Wilma", identifiers: [{ value: "SECRET-1" }] });
  b = await index.add({ name: "Quillfeather, W" });
  [pair] = (await scorePairs(index, [a, b, 0.9])) as [string];
});

const mpi = (...argv: string[]) => runCli(argv, { database: index.database.url, cwd: folder });
const onTerminal = (...argv: string[]) =>
  runCli(argv, { database: index.database.url, cwd: folder, tty: true, env: { NO_COLOR: "1" } });

/** Everything but what was read: what a refused command may not have changed. */
const changes = async () =>
  Number(
    (
      await index.sql<{ count: string }[]>`
        select count(*) from audit_log where action in ('INSERT', 'UPDATE', 'DELETE')`
    )[0]!.count,
  );

describe.each(Object.entries(storable))("a name with %s", (_, name) => {
  it("is stored as it is, shown as text that no terminal obeys, and inert in a spreadsheet", async () => {
    const edited = await mpi("patient", "edit", a, "--family", name, "--reason", "hostile");
    expect(edited.stderr).not.toContain("bug");
    expect(edited.exitCode).toBe(0);
    const { stdout } = await mpi("patient", "show", a, "--output", "json");
    const { record } = JSON.parse(stdout) as { record: { names: { family: string }[] } };
    expect(record.names.map((each) => each.family)).toContain(name);

    for (const argv of [
      ["patient", "show", a, "--history"],
      ["patient", "edit", a, "--given", "Other", "--dry-run"],
      ["patient", "merge", b, a, "--dry-run"],
      ["review", "show", pair],
      ["review", "list"],
      ["audit", "show", "--patient", a],
    ]) {
      for (const run of [mpi, onTerminal]) {
        const { exitCode, stdout: shown, stderr } = await run(...argv);
        expect([argv, exitCode]).toEqual([argv, 0]);
        expect(shown.replaceAll("\n", "")).not.toMatch(obeyed);
        expect(stderr.replaceAll("\n", "")).not.toMatch(obeyed);
      }
    }

    const file = path.join(folder, `${String(Object.values(storable).indexOf(name))}.csv`);
    expect((await mpi("review", "export", "--file", file)).exitCode).toBe(0);
    const [row] = parse<Record<string, string>>(readFileSync(file, "utf8"), { columns: true, bom: true });
    const shownName = [row!["a_name"]!, row!["b_name"]!].find((each) => !/^'?Quillfeather/.test(each))!;
    expect(shownName).not.toMatch(/^[=+\-@\t\r]/);
    expect(shownName).toContain(name);
    expect((await mpi("review", "import", file)).exitCode).toBe(0);
  }, 120_000);
});

describe.each(Object.entries(refused))("%s", (_, value) => {
  it.each([
    ["patient edit --family", () => ["patient", "edit", a, "--family", value]],
    ["patient add --family", () => ["patient", "add", "--family", value]],
    ["identifier add", () => ["identifier", "add", a, `MRN=${value}`]],
    ["org add", () => ["org", "add", value]],
    ["patient find", () => ["patient", "find", value]],
    ["patient show", () => ["patient", "show", value]],
    ["patient show by identifier", () => ["patient", "show", `MRN:${value}`]],
    ["patient show --identifier", () => ["patient", "show", "--identifier", value, value]],
    ["resolve", () => ["resolve", value]],
    ["patient delete", () => ["patient", "delete", value, "--reason", "x", "--yes"]],
    ["patient link", () => ["patient", "link", a, value, "--yes"]],
    ["patient merge", () => ["patient", "merge", value, b, "--reason", "x", "--yes"]],
    ["patient merge with such a reason", () => ["patient", "merge", a, b, "--reason", value, "--yes"]],
    ["patient unmerge", () => ["patient", "unmerge", value, "--reason", "x", "--yes"]],
    ["review show", () => ["review", "show", value]],
    ["review decide with such a reason", () => ["review", "decide", pair, "different", "--reason", value]],
    ["review list --source", () => ["review", "list", "--source", value]],
    ["review assign --to", () => ["review", "assign", pair, "--to", value]],
    ["apply", () => ["apply", value]],
  ] as const)("is refused by %s, or means nobody, and changes nothing", async (_command, argv) => {
    const before = await changes();
    const { exitCode, stdout, stderr } = await mpi(...argv());
    expect(stderr).not.toContain("bug");
    // A long text is no wrong reason, and finds nobody.
    expect([2, 3, ...(value.length > 1000 ? [0] : [])]).toContain(exitCode);
    expect(`${stdout}${stderr}`).not.toContain("SECRET");
    expect(stderr.replaceAll("\n", "")).not.toMatch(obeyed);
    if (exitCode !== 0) expect(await changes()).toBe(before);
  });
});

describe("what names a record", () => {
  it.each([
    ["an unknown id", "00000000-0000-4000-8000-000000000000", 3],
    ["a prefix that is too short", "a", 2],
    ["SQL", "' or 1=1 --", 2],
    ["a path", "../../etc/passwd", 2],
    ["an escape sequence", "\u001b[2J", 2],
    ["an identifier that holds SQL", "MRN:' or '1'='1", 3],
    ["an unknown code", "NOPE:1", 3],
    ["a flag", "--yes", 2],
  ])("as %s is answered with exit code and message, the same by every command", async (_, text, code) => {
    const before = await changes();
    for (const argv of [
      ["resolve", text],
      ["patient", "show", text],
      ["patient", "delete", text, "--reason", "x", "--yes"],
      ["patient", "link", a, text],
      ["patient", "unlink", text, "--reason", "x", "--yes"],
      ["patient", "merge", text, b, "--reason", "x", "--yes"],
      ["identifier", "list", text],
    ]) {
      const { exitCode, stdout, stderr } = await mpi(...argv);
      expect([argv, exitCode, stdout]).toEqual([argv, code, ""]);
      expect(stderr.replaceAll("\n", "")).not.toMatch(obeyed);
    }
    expect(await changes()).toBe(before);
  });

  it("as a prefix of several ids is ambiguous, and lists them by their ids alone", async () => {
    await index.sql`
      insert into patients (id) values ('abcdef00-0000-4000-8000-000000000001'), ('abcdef00-0000-4000-8000-000000000002')`;
    for (const argv of [
      ["resolve", "abcdef"],
      ["patient", "merge", "abcdef", b, "--reason", "x", "--yes"],
    ]) {
      const { exitCode, stderr } = await mpi(...argv);
      expect(exitCode).toBe(2);
      expect(stderr).toContain("abcdef00-0000-4000-8000-000000000001");
      expect(stderr).toContain("abcdef00-0000-4000-8000-000000000002");
    }
  });

  it("finds an identifier with spaces, however it is typed", async () => {
    expect((await mpi("identifier", "add", a, "MRN= 12 34-5 ")).exitCode).toBe(0);
    for (const text of ["MRN:12345", "MRN:12 34 5", "mrn:12-345"])
      expect((await mpi("resolve", text)).stdout).toContain(a);
  });
});

describe("a date that is none", () => {
  it.each(["2023-02-30", "0000-00-00", "31/12/1980", "1980-13", "1980-00-10", "12.31.1980", "80", "1e3", ""])(
    "%j is refused wherever a date is taken, and never read as another",
    async (date) => {
      const before = await changes();
      for (const argv of [
        ["patient", "edit", a, "--birth-date", date],
        ["patient", "find", "--birth-date", date],
        ["resolve", a, "--as-of", date],
        ["audit", "show", "--since", date],
      ]) {
        // An edit with an empty value empties the field, which is no date either.
        if (date === "" && argv[1] === "edit") continue;
        const { exitCode, stderr } = await mpi(...argv);
        expect([argv, exitCode]).toEqual([argv, 2]);
        expect(stderr).not.toContain("bug");
      }
      expect(await changes()).toBe(before);
    },
  );
});
