import { chmodSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import type postgres from "postgres";
import { afterAll, onTestFinished, TestRunner } from "vitest";
import type { ConnectionTarget } from "../../src/db/client.ts";
import { destroyEmbedded } from "../../src/db/embedded/destroy.ts";
import { resolveEmbeddedPaths, type EmbeddedPaths } from "../../src/db/embedded/paths.ts";
import { connectRaw } from "./postgres-server.ts";

export const isRoot = process.getuid?.() === 0;

/** After the test that is running, or after all tests of the block where none is. */
const afterwards = (action: () => void | Promise<void>) => {
  if (TestRunner.getCurrentTest() === undefined) afterAll(action);
  else onTestFinished(action);
};

/** A temporary directory that the server's user can pass through; removed after the test, or the block. */
export function makeScratchDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "mpi-embedded-")));
  chmodSync(directory, 0o711);
  afterwards(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

/** A home for an embedded server; server and files are gone after the test, or the block. */
export function makeEmbeddedHome(below?: string): EmbeddedPaths {
  const paths = resolveEmbeddedPaths({ MPI_HOME: join(makeScratchDirectory(), below ?? "home") });
  afterwards(async () => {
    await destroyEmbedded(paths);
  });
  return paths;
}

/** Runs `work` on one connection that is closed afterwards. */
export async function withConnection<Result>(
  target: ConnectionTarget,
  work: (sql: postgres.Sql) => Promise<Result>,
): Promise<Result> {
  const sql = connectRaw(target, 1);
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Runs a TypeScript program of test/support/programs as a process of its own. */
export const startProgram = (
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess =>
  spawn(
    process.execPath,
    ["--import", "tsx", fileURLToPath(new URL(`programs/${name}`, import.meta.url)), ...args],
    { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe", "pipe"] },
  );

/** What a process wrote to stdout until all of its pipes were closed, and how it ended. */
export async function outcomeOf(
  child: ChildProcess,
): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }> {
  const text = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (text.stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => {
      resolve({ exitCode, ...text });
    });
  });
}

/** Whether this process may mount file systems: not even every root may. */
export const canMount = ((): boolean => {
  if (!isRoot || process.platform !== "linux") return false;
  const directory = mkdtempSync(join(tmpdir(), "mpi-mount-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", directory]).status === 0;
  if (mounted) spawnSync("umount", [directory]);
  rmSync(directory, { recursive: true, force: true });
  return mounted;
})();
