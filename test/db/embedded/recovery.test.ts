import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { embeddedClusterExists, inspectServer, postmasterFile } from "../../../src/db/embedded/inspect.ts";
import { findProcess } from "../../../src/db/embedded/processes.ts";
import { startEmbedded } from "../../../src/db/embedded/start.ts";
import { embeddedStatus } from "../../../src/db/embedded/status.ts";
import { stopEmbedded } from "../../../src/db/embedded/stop.ts";
import { connectRaw } from "../../support/postgres-server.ts";
import {
  isRoot,
  makeEmbeddedHome,
  outcomeOf,
  startProgram,
  withConnection,
} from "../../support/postgres-home.ts";

/** A killed process takes nothing from the system's cache with it, so fsync makes no difference here but time. */
const hastily = { create: false, settings: { fsync: "off" } };

const isGone = (pid: number) => findProcess(pid) === undefined;

/** A process that has nothing to do with PostgreSQL and runs as the server's user, for as long as the test. */
const startSleeper = (userId: number) => {
  const sleeper = spawn("sleep", ["60"], {
    cwd: "/",
    stdio: "ignore",
    ...(isRoot ? { uid: userId, gid: userId } : {}),
  });
  onTestFinished(() => {
    sleeper.kill();
  });
  return sleeper.pid ?? 0;
};

describe("a server that was killed", () => {
  const paths = makeEmbeddedHome();
  const owner = () => statSync(paths.data).uid;

  it("recovers by the next start, with all that was committed and nothing that was not", async () => {
    const { target, pid } = await startEmbedded(paths, { ...hastily, create: true });
    const sql = connectRaw(target, 2);
    await sql`create table ledger (line integer)`;
    await sql`insert into ledger select generate_series(1, 1000)`;
    const unfinished = sql.begin(async (transaction) => {
      await transaction`insert into ledger values (9999)`;
      // While a query is under way: one that is sent just then trips the driver itself (3.4.9).
      setTimeout(() => process.kill(pid, "SIGKILL"), 200);
      await transaction`select pg_sleep(30)`;
    });
    await expect(unfinished).rejects.toThrow();
    await sql.end({ timeout: 0 });
    await expect.poll(() => embeddedStatus(paths).state).toBe("crashed");

    const stages: string[] = [];
    const again = await startEmbedded(paths, { ...hastily, onStage: (stage) => stages.push(stage) });
    expect(again.outcome).toBe("started");
    expect(stages).toEqual(["recovering"]);
    const [row] = await withConnection(
      again.target,
      (client) => client`select count(*)::integer as lines, max(line) as last from ledger`,
    );
    expect(row).toEqual({ lines: 1000, last: 1000 });
  });

  it("comes back by itself when only one of its sessions was killed", async () => {
    const { target, pid } = await startEmbedded(paths, hastily);
    const sql = connectRaw(target, 1);
    const [session] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    process.kill(session!.pid, "SIGKILL");
    await expect(sql`select 1`).rejects.toThrow();
    await sql.end({ timeout: 0 });
    await expect
      .poll(async () => withConnection(target, (client) => client`select 1 as one`).catch(() => []), {
        timeout: 10_000,
      })
      .toEqual([{ one: 1 }]);
    expect(embeddedStatus(paths)).toMatchObject({ state: "running", pid });
  });

  it("is not taken for alive because its number now belongs to some other process", async () => {
    const { pid } = await startEmbedded(paths, hastily);
    process.kill(pid, "SIGKILL");
    await expect.poll(() => isGone(pid)).toBe(true);
    const other = startSleeper(owner());
    const [, ...rest] = readFileSync(postmasterFile(paths), "utf8").split("\n");
    writeFileSync(postmasterFile(paths), [String(other), ...rest].join("\n"));
    const lock = join(paths.socketDirectory, ".s.PGSQL.5432.lock");
    const [, ...lockRest] = readFileSync(lock, "utf8").split("\n");
    writeFileSync(lock, [String(other), ...lockRest].join("\n"));
    expect(inspectServer(paths)).toEqual({ state: "crashed" });
    // Stopping what is not ours would be worse than not stopping at all.
    expect(await stopEmbedded(paths)).toEqual({ outcome: "was-not-running" });
    expect(isGone(other)).toBe(false);

    const again = await startEmbedded(paths, hastily);
    const [row] = await withConnection(
      again.target,
      (client) => client`select count(*)::integer as lines from ledger`,
    );
    expect(row).toEqual({ lines: 1000 });
    expect(isGone(other)).toBe(false);
  });

  it("recovers from a pid file that is empty or holds nonsense", async () => {
    for (const content of ["", "nonsense\n", "-1\n"]) {
      const { pid } = await startEmbedded(paths, hastily);
      process.kill(pid, "SIGKILL");
      await expect.poll(() => isGone(pid)).toBe(true);
      writeFileSync(postmasterFile(paths), content);
      expect((await startEmbedded(paths, hastily)).outcome).toBe("started");
    }
  });

  it("is recovered once, by one of several processes that want it at once", async () => {
    const { pid } = await startEmbedded(paths, hastily);
    process.kill(pid, "SIGKILL");
    const starters = [1, 2, 3].map(() =>
      outcomeOf(startProgram("start-server.ts", ["hasty"], { MPI_HOME: paths.home })),
    );
    const results = await Promise.all(starters);
    const outcomes = results.map(({ stdout }) => (JSON.parse(stdout) as { outcome: string }).outcome);
    expect(outcomes.sort()).toEqual(["already-running", "already-running", "started"]);
  });

  it("is stopped in good order when its starter was killed right after starting it", async () => {
    await stopEmbedded(paths);
    const starter = startProgram("start-server.ts", ["hasty"], { MPI_HOME: paths.home });
    await expect.poll(() => existsSync(postmasterFile(paths)), { timeout: 15_000, interval: 1 }).toBe(true);
    starter.kill("SIGKILL");
    await outcomeOf(starter);
    const { outcome } = await startEmbedded(paths, hastily);
    expect(["already-running", "started"]).toContain(outcome);
    expect((await stopEmbedded(paths)).outcome).toBe("stopped");
  });
});

describe("a creation that was killed", () => {
  const stagedClusters = (root: string) =>
    existsSync(root) ? readdirSync(root).filter((name) => name.startsWith("new-cluster-")) : [];

  it("leaves no cluster behind, and the next one succeeds and clears up", async () => {
    const paths = makeEmbeddedHome();
    const creator = startProgram("start-server.ts", ["hasty"], { MPI_HOME: paths.home });
    await expect.poll(() => stagedClusters(paths.root).length, { timeout: 15_000, interval: 1 }).toBe(1);
    const [staged] = stagedClusters(paths.root);
    await expect
      .poll(() => existsSync(join(paths.root, staged!, "data", "PG_VERSION")), {
        timeout: 15_000,
        interval: 1,
      })
      .toBe(true);
    creator.kill("SIGKILL");
    await outcomeOf(creator);
    expect(embeddedClusterExists(paths)).toBe(false);
    await expect(startEmbedded(paths, hastily)).rejects.toMatchObject({
      details: { reason: "no-cluster" },
    });

    const { outcome, target } = await startEmbedded(paths, { ...hastily, create: true });
    expect(outcome).toBe("created");
    expect(await withConnection(target, (client) => client`select 1 as one`)).toEqual([{ one: 1 }]);
    await stopEmbedded(paths);
    await startEmbedded(paths, hastily);
    expect(stagedClusters(paths.root)).toEqual([]);
  });

  it("reports an initdb that was killed, and leaves no cluster", async () => {
    const paths = makeEmbeddedHome();
    const creation = startEmbedded(paths, { ...hastily, create: true });
    const outcome = creation.then(
      () => "created",
      (error: unknown) => error,
    );
    const findInitdb = () =>
      readdirSync("/proc")
        .map(Number)
        .find(
          (pid) => pid > 0 && findProcess(pid)?.name === "initdb" && commandLine(pid).includes(paths.root),
        );
    const commandLine = (pid: number) => readFileSync(`/proc/${String(pid)}/cmdline`, "utf8");
    await expect.poll(findInitdb, { timeout: 10_000, interval: 2 }).toBeDefined();
    process.kill(findInitdb()!, "SIGKILL");
    expect(await outcome).toMatchObject({
      code: "unavailable",
      message: "The embedded server could not be created.",
    });
    expect(embeddedClusterExists(paths)).toBe(false);
    expect(stagedClusters(paths.root)).toEqual([]);
  });

  it("can be cancelled, and leaves nothing behind", async () => {
    const paths = makeEmbeddedHome();
    const stop = new AbortController();
    const creation = startEmbedded(paths, {
      ...hastily,
      create: true,
      signal: stop.signal,
      onStage: () => setTimeout(() => stop.abort(), 100),
    });
    await expect(creation).rejects.toMatchObject({ code: "cancelled" });
    expect(embeddedClusterExists(paths)).toBe(false);
    expect(stagedClusters(paths.root)).toEqual([]);
  });
});
