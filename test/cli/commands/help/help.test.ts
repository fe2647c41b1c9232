import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { exitCodes } from "../../../../src/cli/exit-codes.ts";
import { settings } from "../../../../src/cli/settings.ts";
import { runCli } from "../../../support/cli.ts";

interface Items {
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

describe("mpi help", () => {
  it("exit-codes lists every exit code", async () => {
    const { exitCode, stdout } = await runCli(["help", "exit-codes", "--output", "json"]);
    expect(exitCode).toBe(0);
    const { items } = JSON.parse(stdout) as Items;
    expect(items.map((item) => item["exitCode"])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130]);
    expect(items.map((item) => item["name"])).toEqual(Object.keys(exitCodes));
  });

  it("configuration lists every setting", async () => {
    const { stdout } = await runCli(["help", "configuration", "--output", "csv"]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(settings.length + 1);
  });

  it("output says what each format promises", async () => {
    const { stdout } = await runCli(["help", "output", "--output", "json"]);
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual(
      expect.arrayContaining(["table", "json", "ndjson", "csv"]),
    );
  });

  it("with a command's words prints that command's help", async () => {
    const asked = await runCli(["help", "patient", "find"]);
    const direct = await runCli(["patient", "find", "--help"]);
    expect(asked).toEqual(direct);
    expect(asked.stdout).toMatch(/^Usage: mpi patient find/);
  });

  it("alone prints the commands there are", async () => {
    const { stdout } = await runCli(["help"]);
    expect(stdout).toMatch(/\n {2}patient .*\n/);
  });

  it.each([[["nonsense"]], [["patient", "nonsense"]], [["exit-codes", "more"]]])(
    "knows nothing of %j",
    async (words) => {
      const result = await runCli(["help", ...words]);
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toMatch(/There is no help on .*\nTopics are exit-codes, configuration, output/);
    },
  );
});

describe("the manual", () => {
  it("is what the help texts say: npm run docs:cli writes it", async () => {
    const file = path.resolve(import.meta.dirname, "../../../../docs/cli.md");
    const { stdout } = await runCli(["help", "--markdown"]);
    expect(readFileSync(file, "utf8")).toBe(stdout);
  });

  it("shows every command with at least one real example, and the global options once", async () => {
    const { stdout } = await runCli(["help", "--markdown"]);
    const commands = stdout.split(/^## mpi /m).slice(1);
    expect(commands.length).toBeGreaterThan(2);
    for (const command of commands) expect(command).toContain("```sh\n# ");
    expect(stdout.match(/`--database-url <url>`/g)).toHaveLength(1);
  });
});
