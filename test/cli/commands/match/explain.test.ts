import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskValue } from "../../../../src/cli/commands/match/mask-value.ts";
import { runCli, type CliOptions } from "../../../support/cli.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

let folder: string;
let database: TestDatabase;
const ids: string[] = [];

const mpi = (argv: readonly string[], options: CliOptions = {}) =>
  runCli(argv, { database: database.url, cwd: folder, ...options });
const add = async (...flags: string[]) => {
  const result = await mpi(["patient", "add", "--output", "json", ...flags, "--allow-duplicate"]);
  expect(result.exitCode).toBe(0);
  ids.push((JSON.parse(result.stdout) as { id: string }).id);
};
const secrets = ["Quillfeather", "Quilfeather", "Philippa", "1961-07-23", "8672291", "<b>Mae</b>"];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-explain-"));
  database = await createTestDatabase();
  await add(
    "--family",
    "Quillfeather",
    "--given",
    "Philippa",
    "--given",
    "<b>Mae</b>",
    "--birth-date",
    "1961-07-23",
    "--gender",
    "female",
    "--phone",
    "207-8672291",
  );
  await add(
    "--family",
    "Quilfeather",
    "--given",
    "Philippa",
    "--given",
    "<b>Mae</b>",
    "--birth-date",
    "1961-07-23",
    "--gender",
    "female",
  );
  await add(
    "--family",
    "Ravensworth",
    "--given",
    "Zebulon",
    "--birth-date",
    "1988-02-11",
    "--gender",
    "male",
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("mpi match explain", () => {
  it("shows level, m, u, weight and masked values, and no value in clear", async () => {
    const { exitCode, stdout } = await mpi(["match", "explain", ids[0]!, ids[1]!]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Q*** | Q***");
    expect(stdout).toMatch(/Birth date: same +0\.9000 +4\.0e-5/);
    expect(stdout).toContain("Total");
    for (const secret of secrets) expect(stdout).not.toContain(secret);
  });

  it("masks in JSON too, and its bars add up to the total", async () => {
    const { stdout } = await mpi(["match", "explain", ids[0]!, ids[1]!, "--output", "json"]);
    for (const secret of secrets) expect(stdout).not.toContain(secret);
    const found = JSON.parse(stdout) as {
      weight: number;
      prior: { weight: number };
      relations: { weight: number };
      comparisons: { weight: number; values: (string | null)[] }[];
    };
    const sum = found.comparisons.reduce(
      (total, each) => total + each.weight,
      found.prior.weight + found.relations.weight,
    );
    expect(sum).toBeCloseTo(found.weight, 9);
  });

  it("shows values for a reason only, and writes down who looked", async () => {
    expect((await mpi(["match", "explain", ids[0]!, ids[1]!, "--reveal"])).exitCode).toBe(2);
    const { stdout } = await mpi([
      "match",
      "explain",
      ids[0]!,
      ids[1]!,
      "--reveal",
      "--reason",
      "call from ward 3",
    ]);
    expect(stdout).toContain("Quillfeather | Quilfeather");
    const [row] = await database.sql`
      select count(*)::int as reads from audit_log where operation = 'MATCH_EXPLAIN' and reason = 'call from ward 3'`;
    expect(row!["reads"]).toBeGreaterThan(0);
  });

  it("says why a pair is never compared", async () => {
    const { stdout } = await mpi(["match", "explain", ids[0]!, ids[2]!]);
    expect(stdout).toContain("A run never compares them");
    expect(stdout).toMatch(/No value in common: .*birth-date/);
    expect(stdout).toMatch(/Not known of both: .*phone/);
    const json = JSON.parse(
      (await mpi(["match", "explain", ids[0]!, ids[2]!, "--output", "json"])).stdout,
    ) as {
      blockingRule: null;
      blocking: { rule: string; outcome: string; parts: string[] }[];
    };
    expect(json.blockingRule).toBeNull();
    expect(json.blocking.find((each) => each.rule === "phone")).toEqual({
      rule: "phone",
      outcome: "unknown",
      parts: ["phone"],
    });
  });

  it("names the rule under which a run compares a pair", async () => {
    const { stdout } = await mpi(["match", "explain", ids[0]!, ids[1]!]);
    expect(stdout).toMatch(/A run compares them under the blocking rule "birth date and/);
  });

  it("leaves out columns that a narrow terminal has no room for", async () => {
    const { stdout } = await mpi(["match", "explain", ids[0]!, ids[1]!], { tty: true, columns: 70 });
    const table = stdout.split("\n").slice(2, 10).join("\n");
    expect(Math.max(...table.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(table).toContain("Weight");
  });

  it("writes one page that holds all it needs, masked, and readable by its owner alone", async () => {
    const { exitCode, stderr } = await mpi(["match", "explain", ids[0]!, ids[1]!, "--html", "pair.html"]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Wrote pair.html");
    const page = await readFile(path.join(folder, "pair.html"), "utf8");
    expect(page).toContain("<svg");
    expect(page).toContain("Quil".slice(0, 1) + "***");
    expect(page).not.toMatch(/<script|\bsrc=|https?:/);
    for (const secret of secrets) expect(page).not.toContain(secret);
    expect((await stat(path.join(folder, "pair.html"))).mode & 0o777).toBe(0o600);
  });

  it("escapes what it reveals in the page", async () => {
    await mpi([
      "match",
      "explain",
      ids[0]!,
      ids[1]!,
      "--reveal",
      "--reason",
      "test",
      "--html",
      "revealed.html",
    ]);
    const page = await readFile(path.join(folder, "revealed.html"), "utf8");
    expect(page).toContain("Quillfeather");
    expect(page).toContain("&lt;b&gt;Mae&lt;/b&gt;");
    expect(page).not.toContain("<b>Mae");
  });

  it.each([
    ["one record twice", () => [ids[0]!, ids[0]!], 2],
    ["a record that is not there", () => [ids[0]!, "ffffffff-ffff-4fff-8fff-ffffffffffff"], 3],
    ["one record alone", () => [ids[0]!], 2],
    ["a page where none can be written", () => [ids[0]!, ids[1]!, "--html", "none/pair.html"], 2],
  ] as const)("refuses %s", async (_, args, code) => {
    expect((await mpi(["match", "explain", ...args()])).exitCode).toBe(code);
  });
});

describe("a masked value", () => {
  it.each([
    ["Quillfeather", "Q***"],
    ["1961-07-23", "****23"],
    ["(207) 867-2291", "****91"],
    ["'t Hooft", "t***"],
    ["李小龙大", "李***"],
    ["Al", "***"],
    ["42", "***"],
    ["", "***"],
  ])("of %j is %j", (value, masked) => {
    expect(maskValue(value)).toBe(masked);
  });
});
