import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultModel } from "../../../../src/matching/model/default-model.ts";
import { runCli, type CliOptions } from "../../../support/cli.ts";

let folder: string;
const mpi = (argv: readonly string[], options: CliOptions = {}) => runCli(argv, { cwd: folder, ...options });

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-model-"));
  await writeFile(path.join(folder, "site.json"), JSON.stringify({ ...defaultModel, version: "7" }));
  const broken = JSON.stringify(
    { ...defaultModel, thresholds: { ...defaultModel.thresholds, review: 0.1 } },
    null,
    2,
  );
  await writeFile(path.join(folder, "broken.json"), broken);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("mpi match model", () => {
  it("writes a model that it takes back, and never over a file that is there", async () => {
    expect(await mpi(["match", "model", "init", "new.json"])).toMatchObject({ exitCode: 0, stdout: "" });
    expect((await mpi(["match", "model", "validate", "new.json"])).exitCode).toBe(0);
    const before = await readFile(path.join(folder, "new.json"), "utf8");
    const second = await mpi(["match", "model", "init", "new.json"]);
    expect(second).toMatchObject({ exitCode: 4, stdout: "" });
    expect(second.stderr).toContain("there already");
    expect(await readFile(path.join(folder, "new.json"), "utf8")).toBe(before);
    expect(JSON.parse((await mpi(["match", "model", "init"])).stdout)).toEqual(defaultModel);
  });

  it("says line, column, path and reason of a mistake", async () => {
    const { exitCode, stdout, stderr } = await mpi(["match", "model", "validate", "broken.json"]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/broken\.json:\d+:5 thresholds\.review: is below "possible"/);
  });

  it("names one model by one hash, however its file is laid out", async () => {
    const hashOf = async (file: string) =>
      (
        JSON.parse((await mpi(["match", "model", "validate", file, "--output", "json"])).stdout) as {
          hash: string;
        }
      ).hash;
    await writeFile(
      path.join(folder, "other-layout.json"),
      JSON.stringify({ ...defaultModel, version: "7" }, null, 4),
    );
    expect(await hashOf("other-layout.json")).toBe(await hashOf("site.json"));
    expect(await hashOf("new.json")).not.toBe(await hashOf("site.json"));
  });

  it("shows the model of the flag, else of the environment, else the built-in one", async () => {
    const versionShown = async (argv: readonly string[], env: Record<string, string>) => {
      const { stdout } = await mpi(["match", "model", "show", "--output", "json", ...argv], { env });
      return (JSON.parse(stdout) as { version: string }).version;
    };
    expect(await versionShown([], {})).toBe(defaultModel.version);
    expect(await versionShown([], { MPI_MODEL: "site.json" })).toBe("7");
    expect(await versionShown(["--model", "built-in"], { MPI_MODEL: "site.json" })).toBe(
      defaultModel.version,
    );
    expect(await versionShown(["--model", "site.json"], { MPI_MODEL: "built-in" })).toBe("7");
  });

  it("lists levels, relations, blocking rules and rules for eyes, and levels as CSV", async () => {
    const table = (await mpi(["match", "model", "show"])).stdout;
    for (const part of ["Comparisons", "Relations", "Blocking rules", "Rules", "generations"])
      expect(table).toContain(part);
    const [head, ...rows] = (await mpi(["match", "model", "show", "--output", "csv"])).stdout
      .trim()
      .split(/\r?\n/);
    expect(head).toBe("comparison,level,m,u,weight,termFrequency");
    expect(rows).toHaveLength(defaultModel.comparisons.reduce((sum, each) => sum + each.levels.length, 0));
  });

  it("says what differs between two models, and when nothing does", async () => {
    const { stdout } = await mpi(["match", "model", "diff", "built-in", "site.json", "--output", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ path: "version", before: "1", after: "7" }] });
    const same = await mpi(["match", "model", "diff", "site.json", "site.json"]);
    expect(same).toMatchObject({ exitCode: 0, stdout: "" });
    expect(same.stderr).toContain("say the same");
  });

  it("prints the published schema", async () => {
    const published = await readFile(
      new URL("../../../../data/match-model.schema.json", import.meta.url),
      "utf8",
    );
    expect(JSON.parse((await mpi(["match", "model", "schema"])).stdout)).toEqual(JSON.parse(published));
  });

  it.each([
    ["a file that is not there", ["match", "model", "validate", "none.json"], 3],
    ["a folder", ["match", "model", "validate", "."], 2],
    ["no file", ["match", "model", "validate"], 2],
    ["an unknown verb", ["match", "model", "burn"], 2],
  ])("refuses %s", async (_, argv, code) => {
    expect(await mpi(argv)).toMatchObject({ exitCode: code, stdout: "" });
  });

  it.each([
    [["match", "run", "--model", "broken.json"]],
    [["match", "evaluate", "--truth", "none.csv", "--model", "broken.json"]],
    [["match", "explain", "1", "2", "--model", "broken.json"]],
    [["match", "score", "1", "2", "--model", "broken.json"]],
  ])("stops mpi %s before the database is opened", async (argv) => {
    // Port 1 refuses: had the database been tried first, the exit code would be 6.
    const result = await mpi(argv, { database: "postgres://127.0.0.1:1/none" });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain("thresholds.review");
  });
});
