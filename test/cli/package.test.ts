import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEmptyTestDatabase } from "../support/database.ts";

const root = path.resolve(import.meta.dirname, "../..");
const runFile = promisify(execFile);

interface LockedPackage {
  readonly dev?: boolean;
}

/** Puts what the package depends on where a registry's copies would be, by links: there need not be a network. */
const linkDependencies = (folder: string) => {
  const lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  for (const [where, { dev }] of Object.entries(lock.packages)) {
    // One that lies inside of another comes with it.
    const isOutermost = where.lastIndexOf("node_modules/") === 0;
    if (!isOutermost || dev === true || !existsSync(path.join(root, where))) continue;
    mkdirSync(path.dirname(path.join(folder, where)), { recursive: true });
    symlinkSync(path.join(root, where), path.join(folder, where));
  }
};

describe("the package that npm pack makes", () => {
  let folder: string;
  let installed: string;

  /** npm without a network, a cache or install scripts. */
  const npm = async (cwd: string, ...words: readonly string[]) =>
    runFile(
      "npm",
      [...words, "--offline", "--cache", path.join(folder, "cache"), "--no-audit", "--no-fund"],
      { cwd },
    );

  const mpi = async (env: Readonly<Record<string, string>>, ...words: readonly string[]) =>
    runFile(path.join(installed, "node_modules/.bin/mpi"), words, {
      cwd: installed,
      env: { PATH: process.env["PATH"], HOME: installed, MPI_USER: "tester", ...env },
    });

  // Without the script that packing begins with: it builds anew, and other tests use what is built.
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "mpi-package-"));
    installed = path.join(folder, "installed");
    mkdirSync(installed);
    linkDependencies(installed);
    await runFile(process.execPath, [path.join(root, "bin/build.js")]);
    await npm(root, "pack", "--ignore-scripts", "--pack-destination", folder);
    const packed = readdirSync(folder).find((name) => name.endsWith(".tgz"));
    await npm(installed, "install", "--ignore-scripts", path.join(folder, packed!));
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("holds the program, the migrations and the manual, and neither sources nor tests", () => {
    const held = readdirSync(path.join(installed, "node_modules/mpi"));
    expect(held.sort()).toEqual(
      [
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "bin",
        "data",
        "dist",
        "docs",
        "drizzle",
        "package.json",
      ].sort(),
    );
    expect(readdirSync(path.join(installed, "node_modules/mpi/bin"))).toEqual(["mpi.js"]);
  });

  it("gives an mpi that says its version", async () => {
    expect(await mpi({}, "--version")).toEqual({ stdout: "0.1.0\n", stderr: "" });
  });

  it("gives an mpi that makes the schema, stores a record and finds it", async () => {
    const { environment } = await createEmptyTestDatabase();
    await mpi(environment, "migrate");
    const added = await mpi(
      environment,
      ...["patient", "add", "--family", "Quillfeather", "--given", "Wilma", "--output", "json"],
    );
    const { id } = JSON.parse(added.stdout) as { id: string };
    const found = await mpi(environment, ...["patient", "find", "quilfeather", "--output", "json"]);
    expect(found.stdout).toContain(id);
  });
});
