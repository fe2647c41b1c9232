import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { findImports, findViolations } from "./support/import-borders.ts";

const root = path.resolve(import.meta.dirname, "..");

const sources = readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => path.posix.join("src", name.split(path.sep).join("/")))
  .map((file) => ({ file, text: readFileSync(path.join(root, file), "utf8") }));

const linesWith = (pattern: RegExp, files: (file: string) => boolean) =>
  sources
    .filter(({ file }) => files(file))
    .flatMap(({ file, text }) =>
      text.split("\n").flatMap((line, index) => (pattern.test(line) ? [`${file}:${String(index + 1)}`] : [])),
    );

describe("the borders between the parts of the program", () => {
  it("are kept by every import of every source file", () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.flatMap(({ file, text }) => findViolations(file, text))).toEqual([]);
  });

  it("leave default exports and barrels out", () => {
    expect(linesWith(/^export default\b|^export \* from\b/, () => true)).toEqual([]);
  });

  it("leave ending the process to its edge", () => {
    expect(linesWith(/\bprocess\.exit\(/, (file) => file !== "src/cli/main.ts")).toEqual([]);
  });

  it("leave chance and the machine's clock out of what decides", () => {
    expect(linesWith(/\bMath\.random\(/, () => true)).toEqual([]);
    expect(
      linesWith(/\bDate\.now\(|\bnew Date\(\)/, (file) => /^src\/(?:domain|matching)\//.test(file)),
    ).toEqual([]);
  });
});

describe("the pages of decisions", () => {
  const folder = path.join(root, "docs/decisions");
  const pageOf = (name: string) => readFileSync(path.join(folder, name), "utf8");

  it("argue for every production dependency", () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    const argued = new Set(
      [...pageOf("0001-dependencies.md").matchAll(/^\| (?<names>[^|]+) \| \S/gm)].flatMap((row) =>
        row.groups!["names"]!.split(", "),
      ),
    );
    expect(Object.keys(dependencies).filter((name) => !argued.has(name))).toEqual([]);
  });

  it("are listed, each of them", () => {
    const pages = readdirSync(folder).filter((name) => name !== "README.md");
    expect([...pageOf("README.md").matchAll(/\]\(([^)]+)\)/g)].map((link) => link[1])).toEqual(pages.sort());
  });
});

describe("the check itself", () => {
  it.each([
    ["a static import", `import { sql } from "drizzle-orm";`],
    ["an import of types", `import type { Sql } from "postgres";`],
    ["a bare import", `import "pg";`],
    ["a re-export", `export { sql } from "drizzle-orm/sql";`],
    ["a dynamic import", `const load = async () => await import("drizzle-orm/postgres-js");`],
    ["a type named by import()", `let client: import("pg").Client;`],
    ["a require", `const pg = require("pg");`],
    ["a template literal", "await import(`pg`);"],
  ])("notices %s of a database package in a command", (_, text) => {
    expect(findViolations("src/cli/commands/patient/find.ts", text)).toHaveLength(1);
  });

  it("notices an import whose name is computed, because nobody could check it", () => {
    expect(findImports("src/cli/run.ts", "await import(name);")).toEqual([{ line: 1, specifier: undefined }]);
    expect(findViolations("src/cli/run.ts", "await import(name);")).toHaveLength(1);
  });

  it.each([
    ["src/matching/engine.ts", `import { readFileSync } from "node:fs";`],
    ["src/matching/engine.ts", `import type { Database } from "../db/client.ts";`],
    ["src/db/queries/patients.ts", `import { mergePatients } from "../../domain/patient/merge.ts";`],
    ["src/lib/errors.ts", `import { run } from "../cli/run.ts";`],
    ["src/domain/patient/merge.ts", `import { Command } from "commander";`],
    ["src/domain/patient/merge.ts", `import { run } from "../../cli/run.ts";`],
    ["src/cli/commands/patient/find.ts", `import { findPatients } from "../../../db/queries/patients.ts";`],
    ["src/cli/commands/patient/find.ts", `import { score } from "../../../matching/engine.ts";`],
    ["src/cli/run.ts", `import { helper } from "../../test/support/cli.ts";`],
    ["src/cli/run.ts", `import { it } from "vitest";`],
    ["src/cli/run.ts", `import { helper } from "./helper";`],
    ["src/other/thing.ts", ""],
  ])("finds the planted violation in %s: %s", (file, text) => {
    expect(findViolations(file, text)).toHaveLength(1);
  });

  it.each([
    ["src/cli/commands/patient/find.ts", `import { findPatients } from "../../../domain/patient/find.ts";`],
    ["src/cli/connect.ts", `const { openDatabase } = await import("../db/client.ts");`],
    ["src/domain/match/run.ts", `import { score } from "../../matching/engine.ts";`],
    ["src/db/client.ts", `import postgres from "postgres";`],
    ["src/matching/phonetic.ts", `import { doubleMetaphone } from "double-metaphone";`],
  ])("lets %s do what it may: %s", (file, text) => {
    expect(findViolations(file, text)).toEqual([]);
  });
});
