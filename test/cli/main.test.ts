import { spawn } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";

const program = path.resolve(import.meta.dirname, "../support/programs/cli-process.ts");

/** A real process with real pipes. */
function start(...argv: readonly string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", program, "try", ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], HOME: "/nonexistent" },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<{ exitCode: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  const says = (pattern: RegExp) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (pattern.test(stderr)) resolve();
      };
      child.stderr.on("data", look);
      look();
    });
  return { child, ended, says };
}

describe("the process", () => {
  it("delivers all of a large output into a pipe", async () => {
    const { exitCode, stdout, stderr } = await start("rows", "--output", "ndjson").ended;
    expect(exitCode).toBe(0);
    expect(stdout.split("\n")).toHaveLength(200_001);
    expect(stderr).toBe("all rows written\n");
  });

  it("ends quietly and at once where the reader goes away", async () => {
    const { child, ended } = start("rows", "--output", "ndjson");
    child.stdout.once("data", () => child.stdout.destroy());
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(0);
    expect(stderr).toBe("");
  });

  it.each(["SIGINT", "SIGTERM"] as const)("stops cleanly on %s and exits 130", async (signal) => {
    const { child, ended, says } = start("wait");
    await says(/waiting/);
    child.kill(signal);
    expect(await ended).toEqual({ exitCode: 130, stdout: "tidied up\n", stderr: "waiting\nmpi: Stopped.\n" });
  });

  it("stops at once on a second SIGINT, whatever the work does", async () => {
    const { child, ended, says } = start("hang");
    await says(/waiting/);
    child.kill("SIGINT");
    await says(/Stopping after the current step/);
    child.kill("SIGINT");
    expect((await ended).exitCode).toBe(130);
  });

  it("reports what is thrown outside of any command as a bug, without its message", async () => {
    const { exitCode, stderr } = await start("stumble").ended;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^mpi: Unexpected failure: Error\. This is a bug in mpi\./);
    expect(stderr).not.toContain("Quackenbush");
  });
});
