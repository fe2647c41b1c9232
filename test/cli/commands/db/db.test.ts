import { existsSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { run } from "../../../../src/cli/run.ts";
import { CapturedStream, runCli, type CliOptions } from "../../../support/cli.ts";
import { makeEmbeddedHome, makeScratchDirectory } from "../../../support/postgres-home.ts";

const paths = makeEmbeddedHome();

const db = (argv: readonly string[], options: CliOptions = {}) =>
  runCli(["db", ...argv], { ...options, env: { MPI_HOME: paths.home, ...options.env } });

/** Like the real stderr, it cannot be ended by a prompt that has done. */
class Terminal extends CapturedStream {
  override end(): this {
    return this;
  }
}

/** Types an answer as soon as the question is there. */
const answerOnTerminal = async (argv: readonly string[], question: RegExp, answer: string) => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const [stdout, stderr] = [new Terminal({ tty: true }), new Terminal({ tty: true })];
  const running = run({
    argv,
    streams: { stdin, stdout, stderr },
    env: { HOME: "/nonexistent", MPI_HOME: paths.home, MPI_USER: "tester" },
    signal: new AbortController().signal,
    cwd: "/",
  });
  await expect.poll(() => stderr.text, { timeout: 10_000 }).toMatch(question);
  stdin.write(answer);
  return { exitCode: await running, stdout: stdout.text };
};

const json = async (...argv: readonly string[]) => {
  const { exitCode, stdout } = await db([...argv, "--output", "json"]);
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
};

describe("mpi db, where there is no embedded database,", () => {
  it("says so, and makes none by asking or by a dry run", async () => {
    expect(await json("status")).toMatchObject({ state: "absent", home: paths.home, pid: null });
    expect(await json("stop")).toMatchObject({ outcome: "absent" });
    expect(await json("start", "--dry-run")).toEqual({
      dryRun: true,
      state: "absent",
      home: paths.home,
      wouldCreate: true,
      wouldStart: true,
    });
    expect(await json("destroy", "--yes")).toMatchObject({ outcome: "absent", bytes: 0 });
    expect(existsSync(paths.home)).toBe(false);
  });

  it("exits 6 where a URL or a start without making one is wanted", async () => {
    for (const argv of [["url"], ["start", "--no-create"]]) {
      expect(await db(argv)).toMatchObject({
        exitCode: 6,
        stdout: "",
        stderr: expect.stringContaining(`mpi: There is no embedded database in ${paths.home}.`) as string,
      });
    }
  });

  it("exits 7 for a check", async () => {
    expect(await db(["status", "--check"])).toMatchObject({
      exitCode: 7,
      stderr: expect.stringContaining("The embedded server does not run.") as string,
    });
  });
});

describe("mpi db", () => {
  it("makes and starts the server, as a script would see it", async () => {
    const { exitCode, stdout, stderr } = await db(["start"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: `Making an embedded database in ${paths.home} …\nStarting the embedded server …\n`,
    });
    expect(stdout).toMatch(/^Server\s+created and started$/m);
    expect(await json("start")).toMatchObject({
      outcome: "already-running",
      home: paths.home,
      database: "mpi",
    });
    expect((await db(["status", "--check"])).exitCode).toBe(0);
  });

  it("shows where it is on a terminal, and never the password anywhere", async () => {
    const shown = await Promise.all([
      db(["status"], { tty: true }),
      db(["status", "--output", "json"]),
      db(["url"]),
      db(["url", "--output", "json"]),
      db(["start", "--output", "csv"]),
    ]);
    const { embeddedTarget } = await import("../../../../src/db/embedded/password-file.ts");
    const { password } = embeddedTarget(paths);
    for (const { exitCode, stdout, stderr } of shown) {
      expect(exitCode).toBe(0);
      expect(stdout + stderr).not.toContain(password);
    }
    expect(shown[0].stdout).toContain("running");
    expect(shown[2].stdout).toMatch(/^postgresql:\/\/\/mpi\?host=\S+&passfile=\S+pgpass\n$/);
    expect(JSON.parse(shown[3].stdout)).toMatchObject({ user: "mpi", passwordFile: paths.passwordFile });
  });

  it("gives a URL that mpi itself understands", async () => {
    const { stdout } = await db(["url"]);
    const { exitCode, stderr } = await runCli(["migrate", "status"], {
      env: { DATABASE_URL: stdout.trim() },
    });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: expect.stringContaining("Database: mpi") as string,
    });
  });

  it("warns where an external server is configured, which it never touches", async () => {
    const env = { DATABASE_URL: "postgres://nobody@nowhere.invalid/none" };
    const { exitCode, stdout, stderr } = await db(["status"], { env });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(paths.home);
    expect(stderr).toContain("Warning: DATABASE_URL names another server");
  });

  it("stops it, and says when there was nothing to stop", async () => {
    expect(await json("stop", "--dry-run")).toMatchObject({ dryRun: true, state: "running" });
    expect(await json("stop")).toMatchObject({ outcome: "stopped" });
    expect(await json("stop")).toMatchObject({ outcome: "was-not-running", pid: null });
    expect(await json("start", "--dry-run")).toMatchObject({ wouldCreate: false, wouldStart: true });
  });

  it("destroys it only after a yes", async () => {
    const refused = await db(["destroy"]);
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toContain("--yes is needed");
    const declined = await answerOnTerminal(["db", "destroy"], /to go on:/, "y\r");
    expect(declined).toEqual({ exitCode: 130, stdout: "" });

    const plan = await json("destroy", "--dry-run");
    expect(plan).toMatchObject({
      dryRun: true,
      outcome: "would-destroy",
      directory: paths.root,
      state: "stopped",
    });
    expect(plan["bytes"]).toBeGreaterThan(30_000_000);
    expect(existsSync(paths.data)).toBe(true);

    expect(await json("destroy", "--yes")).toMatchObject({ dryRun: false, outcome: "destroyed" });
    expect(existsSync(paths.root)).toBe(false);
  });

  it.each([
    ["a verb that there is not", ["restart"]],
    ["an argument too many", ["stop", "now"]],
    ["a time that is no number", ["start", "--timeout", "soon"]],
    ["no time at all", ["stop", "--timeout", "0"]],
  ])("exits 2 for %s", async (_, argv) => {
    expect((await db(argv)).exitCode).toBe(2);
  });

  it("exits 2 for a home that depends on where one stands", async () => {
    const { exitCode, stderr } = await db(["status"], { env: { MPI_HOME: "data" } });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("MPI_HOME must be an absolute path");
  });

  it("exits 130 when it is told to stop while it makes the database, and leaves none", async () => {
    const home = join(makeScratchDirectory(), "home");
    const { exitCode } = await db(["start"], { env: { MPI_HOME: home }, signal: AbortSignal.timeout(250) });
    expect(exitCode).toBe(130);
    expect(existsSync(join(home, "postgres", "cluster"))).toBe(false);
  });
});
