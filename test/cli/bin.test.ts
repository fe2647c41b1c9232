import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const runFile = promisify(execFile);

/** A whole process: what a shell would see. */
const mpi = async (file: string, ...argv: readonly string[]) => {
  try {
    return { exitCode: 0, ...(await runFile(process.execPath, [file, ...argv])) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exitCode: code, stdout, stderr };
  }
};

beforeAll(async () => {
  await runFile(process.execPath, [path.join(root, "bin/build.js")]);
}, 120_000);

describe("bin/mpi.js", () => {
  const binary = path.join(root, "bin/mpi.js");

  it("runs the built program", async () => {
    expect(await mpi(binary, "--version")).toEqual({ exitCode: 0, stdout: "0.1.0\n", stderr: "" });
  });

  it("is quiet where head has read enough", async () => {
    const command = `set -o pipefail; "${process.execPath}" "${binary}" help --markdown | head -n 1`;
    expect(await runFile("bash", ["-c", command])).toEqual({ stdout: "# The command line\n", stderr: "" });
  });

  it("ends with the exit code of the command", async () => {
    expect((await mpi(binary, "patient", "fnd")).exitCode).toBe(2);
  });

  it("says in a sentence that it is not built yet", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "mpi-bin-"));
    try {
      cpSync(path.join(root, "bin"), path.join(folder, "bin"), { recursive: true });
      cpSync(path.join(root, "package.json"), path.join(folder, "package.json"));
      const result = await mpi(path.join(folder, "bin/mpi.js"), "--version");
      expect(result.exitCode).toBe(1);
      expect(result.stderr).toMatch(/^mpi: not built yet\. Run "node bin\/build\.js"[^\n]*\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is bundled with what its packages' licences ask for", () => {
    const licences = readFileSync(path.join(root, "dist/bundle/third-party-licenses.txt"), "utf8");
    for (const name of ["commander", "drizzle-orm", "postgres", "inquirer", "cli-table3"]) {
      expect(licences).toMatch(new RegExp(`^${name} \\d`, "m"));
    }
  });
});
