import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { converse, keys } from "../../../support/terminal.ts";
import { openTestIndex, type TestIndex } from "../../../support/test-index.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "mpi-merge-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let index: TestIndex;
let a: string;
let b: string;
beforeEach(async () => {
  index = await openTestIndex();
  a = await index.add({
    name: "Quillfeather, Wilma",
    gender: "female",
    birthDate: "1980-03-15",
    maritalStatus: "M",
    identifiers: [{ value: "A-1" }, { value: "S-9" }],
  });
  b = await index.add({
    name: "Quillfeather, W",
    gender: "other",
    birthDate: "1980-03-15",
    identifiers: [{ value: "B-1" }, { value: "s9" }],
  });
});

const mpi = (...argv: string[]) =>
  runCli([...argv, "--quiet"], { database: index.database.url, cwd: folder });
const json = (text: string) => JSON.parse(text) as Record<string, unknown>;
const mergeCount = async () =>
  (await index.sql`select 1 from patient_merges where unmerged_at is null`).length;
const reason = ["--reason", "same passport"];

describe("mpi patient merge", () => {
  it("shows both records field by field: what differs, what wins and why", async () => {
    const { exitCode, stdout } = await mpi("patient", "merge", a, b, "--dry-run");
    expect(exitCode).toBe(0);
    const line = (start: string) =>
      stdout
        .split("\n")
        .find((each) => each.startsWith(start))
        ?.split(/ {2,}/);
    expect(line("Field")).toEqual([
      "Field",
      `A ${a.slice(0, 8)}, to be retired`,
      `B ${b.slice(0, 8)}, stays`,
      "Afterwards",
      "Why",
    ]);
    expect(line("gender")).toEqual(["gender", "female", "*", "other", "other", "the survivor's"]);
    expect(line("birth date")).toEqual(["birth date", "1980-03-15", "1980-03-15", "1980-03-15"]);
    expect(line("marital status")).toEqual(["marital status", "M", "*", "M", "the other says nothing"]);
    expect(stdout).toMatch(/^MRN +A-1 +\* +A-1 +moves, now old$/m);
    expect(stdout).toMatch(/^MRN +S-9 +s9 +s9 +survivor has it$/m);
    expect(stdout).toMatch(/^MRN +\* +B-1 +B-1 +the survivor's$/m);
    expect(await mergeCount()).toBe(0);
  });

  it("merges with --yes and --reason, and says how to take it back", async () => {
    const { exitCode, stdout, stderr } = await mpi("patient", "merge", a, b, ...reason, "--yes");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const [merge] = await index.sql`select id, merged_by, reason from patient_merges`;
    expect(merge).toMatchObject({ merged_by: "tester", reason: "same passport" });
    expect(stdout).toContain(`mpi patient unmerge ${merge!["id"] as string}`);
  });

  it("needs a reason, and --yes where nobody can be asked", async () => {
    expect((await mpi("patient", "merge", a, b, "--yes")).exitCode).toBe(2);
    expect((await mpi("patient", "merge", a, b, ...reason)).exitCode).toBe(2);
    expect(await mergeCount()).toBe(0);
  });

  it("M9: prints in a dry run exactly what it then does", async () => {
    const dry = json((await mpi("patient", "merge", a, b, "--dry-run", "--output", "json")).stdout);
    const real = json((await mpi("patient", "merge", a, b, ...reason, "--yes", "--output", "json")).stdout);
    const diff = ({ merges }: Record<string, unknown>) =>
      (merges as Record<string, unknown>[]).map((merge) => ({ ...merge, mergeId: null }));
    expect(dry).toMatchObject({ dryRun: true, groupId: null });
    expect(real).toMatchObject({
      dryRun: false,
      groupId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    expect(diff(real)).toEqual(diff(dry));
  });

  it("keeps what --keep and --keep-use say", async () => {
    await mpi(
      "patient",
      "merge",
      a,
      b,
      ...reason,
      "--yes",
      "--keep",
      "gender=a",
      "--keep-use",
      "identifiers",
    );
    expect(await index.sql`select gender from patients where id = ${b}`).toEqual([{ gender: "female" }]);
    expect(await index.sql`select use_type from patient_identifiers where value = 'A-1'`).toEqual([
      { use_type: null },
    ]);
  });

  it.each([
    [["--keep", "colour=a"], "birth-date"],
    [["--keep", "gender=c"], "takes a or b"],
    [["--keep-use", "shoes"], "Allowed choices"],
  ])("refuses %j as wrong usage", async (flags, message) => {
    const { exitCode, stderr } = await mpi("patient", "merge", a, b, ...reason, "--yes", ...flags);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  it("M2, M3, M8: refuses with the exit codes of the manual", async () => {
    expect((await mpi("patient", "merge", a, a, ...reason, "--yes")).exitCode).toBe(2);
    expect(
      (await mpi("patient", "merge", a, "00000000-0000-4000-8000-000000000000", ...reason, "--yes")).exitCode,
    ).toBe(3);
    await mpi("patient", "merge", a, b, ...reason, "--yes");
    const again = await mpi("patient", "merge", a, b, ...reason, "--yes");
    expect(again.exitCode).toBe(4);
    expect(again.stderr).toContain("already merged into");
    const enough = await mpi("patient", "merge", a, b, ...reason, "--yes", "--if-needed", "--output", "json");
    expect(enough.exitCode).toBe(0);
    expect(json(enough.stdout)).toMatchObject({ merges: [], alreadyMerged: [a] });
  });

  it("M16: merges many into one, and asks which where that is not said", async () => {
    const c = await index.add({ name: "Quillfeather, Wilma" });
    const unsaid = await mpi("patient", "merge", a, b, c, ...reason, "--yes");
    expect(unsaid.exitCode).toBe(2);
    expect(unsaid.stderr).toContain("--into");
    const { exitCode } = await mpi(
      "patient",
      "merge",
      a,
      c,
      "--into",
      b,
      ...reason,
      "--yes",
      "--keep",
      `gender=${a.slice(0, 13)}`,
    );
    expect(exitCode).toBe(0);
    expect(
      await index.sql`select count(distinct group_id)::int as groups, count(*)::int as merges from patient_merges`,
    ).toEqual([{ groups: 1, merges: 2 }]);
    expect(await index.sql`select gender from patients where id = ${b}`).toEqual([{ gender: "female" }]);
  });

  it("prints the lines as csv, formulas made harmless", async () => {
    await index.sql`update patients set mother_name = '=1+1' where id = ${a}`;
    const { stdout } = await mpi("patient", "merge", a, b, "--dry-run", "--output", "csv");
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("source,survivor,item,a,differs,b,after,why");
    expect(lines).toContain(`${a},${b},gender,female,true,other,other,the survivor's`);
    expect(lines).toContain(`${a},${b},mother,'=1+1,true,,'=1+1,the other says nothing`);
  });

  it("writes down that both records were read", async () => {
    await mpi("patient", "merge", a, b, "--dry-run");
    const reads =
      await index.sql`select entity_id from audit_log where action = 'READ' and user_id = 'tester'`;
    expect(reads.map((row) => row["entity_id"] as string).sort()).toEqual([a, b].sort());
  });

  it("asks about conflicts on a terminal, shows both records, and merges", async () => {
    const { exitCode, stderr } = await converse(
      ["patient", "merge", a, b],
      [
        [/Reason:/, `same passport${keys.enter}`],
        [/Which gender is right\?/, keys.down + keys.enter],
        [/Merge .* retired; unmerge takes it back/, `y${keys.enter}`],
      ],
      { database: index.database.url },
    );
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/gender.*female.*\*.*other.*female.*chosen/);
    expect(await index.sql`select gender from patients where id = ${b}`).toEqual([{ gender: "female" }]);
  });

  it("merges nothing where a record is changed while the steward looks at the preview", async () => {
    const { exitCode, stderr } = await converse(
      ["patient", "merge", a, b, ...reason],
      [
        [/Which gender is right\?/, keys.enter],
        [
          /Merge .*\?/,
          async () => {
            await index.sql`update patients set marital_status = 'D' where id = ${a}`;
            return `y${keys.enter}`;
          },
        ],
      ],
      { database: index.database.url },
    );
    expect(exitCode).toBe(4);
    expect(stderr).toContain("changed since");
    expect(await mergeCount()).toBe(0);
  });

  it("ends with 130 and changes nothing where the steward declines", async () => {
    const { exitCode } = await converse(
      ["patient", "merge", a, b, ...reason],
      [
        [/Which gender is right\?/, keys.enter],
        [/Merge .*\?/, `n${keys.enter}`],
      ],
      { database: index.database.url },
    );
    expect(exitCode).toBe(130);
    expect(await mergeCount()).toBe(0);
  });
});

describe("M9: mpi patient merge --plan and mpi apply", () => {
  const plan = async (file: string, ...flags: string[]) =>
    mpi("patient", "merge", a, b, ...reason, "--plan", file, ...flags);

  it("write a plan that nobody else can read, and carry it out", async () => {
    expect((await plan("plan.json", "--keep", "gender=a")).exitCode).toBe(0);
    expect(await mergeCount()).toBe(0);
    const file = path.join(folder, "plan.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(json(readFileSync(file, "utf8"))).toMatchObject({
      format: "mpi-plan/1",
      madeBy: "tester",
      versions: { [a]: 1, [b]: 1 },
    });
    const dry = await mpi("apply", "plan.json", "--dry-run");
    expect(dry.exitCode).toBe(0);
    expect(await mergeCount()).toBe(0);
    expect((await mpi("apply", "plan.json")).exitCode).toBe(2);
    const done = await mpi("apply", "plan.json", "--yes");
    expect({ exitCode: done.exitCode, stderr: done.stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(await index.sql`select gender from patients where id = ${b}`).toEqual([{ gender: "female" }]);
    const again = await mpi("apply", "plan.json", "--yes");
    expect(again.exitCode).toBe(4);
  });

  it("refuse with 4 where a record changed since", async () => {
    await plan("stale.json");
    await index.sql`update patient_identifiers set value = 'A-2' where value = 'A-1'`;
    const { exitCode, stderr } = await mpi("apply", "stale.json", "--yes");
    expect(exitCode).toBe(4);
    expect(stderr).toContain("changed since the plan was made");
    expect(await mergeCount()).toBe(0);
  });

  it("refuse with 4 where the merge would do something else by now, though no record changed", async () => {
    await plan("other.json");
    await mpi("patient", "link", a, b);
    const { exitCode, stderr } = await mpi("apply", "other.json", "--yes");
    expect(exitCode).toBe(4);
    expect(stderr).toContain("no longer do what was planned");
    expect(await mergeCount()).toBe(0);
  });

  it("replace no file, and read nothing that is no plan", async () => {
    writeFileSync(path.join(folder, "mine.json"), "{}");
    expect((await plan("mine.json")).exitCode).toBe(4);
    expect(readFileSync(path.join(folder, "mine.json"), "utf8")).toBe("{}");
    expect((await mpi("apply", "mine.json", "--yes")).exitCode).toBe(2);
    expect((await mpi("apply", "absent.json", "--yes")).exitCode).toBe(3);
    expect(existsSync(path.join(folder, "absent.json"))).toBe(false);
  });
});

describe("mpi patient unmerge", () => {
  beforeEach(async () => {
    await mpi("patient", "merge", a, b, ...reason, "--yes");
  });

  it("brings the record back, and says what went where", async () => {
    const { exitCode, stdout } = await mpi("patient", "unmerge", a, "--reason", "sisters", "--yes");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^identifier +A-1 +A-1 \(old\) +came with the merge$/m);
    expect(stdout).toContain("That the two are different is remembered.");
    expect(stdout).toContain(`${a} is active again`);
    expect(await mergeCount()).toBe(0);
  });

  it("U6: takes a merge's id too, and refuses the second time with 4", async () => {
    const [merge] = await index.sql<{ id: string }[]>`select id from patient_merges`;
    expect((await mpi("patient", "unmerge", merge!.id, "--reason", "sisters", "--yes")).exitCode).toBe(0);
    expect((await mpi("patient", "unmerge", merge!.id, "--reason", "sisters", "--yes")).exitCode).toBe(4);
    expect((await mpi("patient", "unmerge", a, "--reason", "sisters", "--yes")).exitCode).toBe(4);
    expect((await mpi("patient", "unmerge", b, "--reason", "sisters", "--yes")).exitCode).toBe(4);
  });

  it("changes nothing with --dry-run, and says the same", async () => {
    const dry = json((await mpi("patient", "unmerge", a, "--dry-run", "--output", "json")).stdout);
    expect(await mergeCount()).toBe(1);
    const real = json(
      (await mpi("patient", "unmerge", a, "--reason", "sisters", "--yes", "--output", "json")).stdout,
    );
    expect({ ...dry, dryRun: false }).toEqual(real);
  });

  it("U3: asks on a terminal who gets what was edited since", async () => {
    await index.sql`update patient_identifiers set value = 'A-7' where value = 'A-1'`;
    const { exitCode, stderr } = await converse(
      ["patient", "unmerge", a, "--reason", "sisters"],
      [
        [/Who gets the edited ones/, keys.down + keys.enter],
        [/Un-merge .*\?/, `y${keys.enter}`],
      ],
      { database: index.database.url },
    );
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/identifier.*A-7.*\*.*A-7.*edited since/);
    expect(await index.sql`select patient_id from patient_identifiers where value = 'A-7'`).toEqual([
      { patient_id: a },
    ]);
  });

  it("U5: asks with whom a record stays that holds both, and wants --third where it cannot ask", async () => {
    await mpi("patient", "unmerge", a, "--reason", "first", "--yes", "--allow-rematch");
    const x = await index.add();
    await mpi("patient", "link", a, x);
    await mpi("patient", "link", x, b);
    await mpi("patient", "merge", a, b, ...reason, "--yes");
    const silent = await mpi("patient", "unmerge", a, "--reason", "sisters", "--yes");
    expect(silent.exitCode).toBe(4);
    expect(silent.stderr).toContain("--third");
    const { exitCode } = await converse(
      ["patient", "unmerge", a, "--reason", "sisters"],
      [
        [/With whom do they stay/, keys.enter],
        [/Un-merge .*\?/, `y${keys.enter}`],
      ],
      { database: index.database.url },
    );
    expect(exitCode).toBe(0);
    const [row] =
      await index.sql`select count(distinct enterprise_id)::int as persons from patients where id in (${a}, ${x})`;
    expect(row).toEqual({ persons: 1 });
  });
});

describe("M13: mpi resolve and mpi patient show", () => {
  it("answer with the record in charge and the way there, or with the record alone", async () => {
    await mpi("patient", "merge", a, b, ...reason, "--yes");
    const followed = json((await mpi("resolve", a, "--output", "json")).stdout);
    expect(followed).toMatchObject({
      record: a,
      isRetired: true,
      inCharge: b,
      path: [{ from: a, to: b, by: "tester", reason: "same passport" }],
    });
    const alone = json((await mpi("resolve", a, "--no-follow", "--output", "json")).stdout);
    expect(alone).toMatchObject({ record: a, inCharge: null, path: [] });
    const shown = await mpi("patient", "show", a);
    expect(shown.stdout).toMatch(/Status +retired/);
    expect(shown.stdout).toContain(b);
    expect((await mpi("resolve", a)).stdout).toMatch(/In charge +[0-9a-f-]{36}/);
  });

  it("refuse a moment that is none, and one before the record was there", async () => {
    expect((await mpi("resolve", a, "--as-of", "31/12/2020")).exitCode).toBe(2);
    expect((await mpi("resolve", a, "--as-of", "2020-12-31")).exitCode).toBe(3);
    expect((await mpi("resolve")).exitCode).toBe(2);
  });
});
