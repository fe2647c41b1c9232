import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { destroyEmbedded } from "../../src/db/embedded/destroy.ts";
import { inspectServer } from "../../src/db/embedded/inspect.ts";
import { resolveEmbeddedPaths } from "../../src/db/embedded/paths.ts";
import { findProcess } from "../../src/db/embedded/processes.ts";
import { dropRunDatabases, isKeepingWanted, type TestServer } from "./postgres-server.ts";
import { chooseServerPlace, listServerPlaces } from "./server-place.ts";

const runPrefix = "mpi-test-";

/**
 * Removes what runs that were killed have left. Their watchdog has stopped the server; one that still runs was
 * kept on purpose, by MPI_TEST_KEEP.
 */
const removeAbandonedRuns = async () => {
  const found = listServerPlaces().flatMap((place) => readdirSync(place).map((name) => ({ place, name })));
  for (const { place, name } of found) {
    const owner = /^mpi-test-(?<pid>\d+)-/.exec(name)?.groups?.["pid"];
    if (owner === undefined || findProcess(Number(owner)) !== undefined) continue;
    const run = join(place, name);
    const paths = resolveEmbeddedPaths({ MPI_HOME: join(run, "home") });
    try {
      if (inspectServer(paths).state === "running") continue;
      await destroyEmbedded(paths);
      rmSync(run, { recursive: true, force: true });
    } catch {
      // Somebody else's run.
      continue;
    }
  }
};

/** Ends the server and removes its files as soon as this process is gone, however it went. */
const startWatchdog = (run: string) => {
  const script = [
    "read answer",
    'if [ "$answer" = keep ]; then exit; fi',
    'pid=$(head -n 1 "$1/home/postgres/cluster/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"',
    "sleep 0.2",
    'rm -rf "$1"',
  ].join("\n");
  const watchdog = spawn("sh", ["-c", script, "sh", run], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watchdog.unref();
  // A pipe to a child is a socket, and would keep this process alive.
  if (watchdog.stdin instanceof Socket) watchdog.stdin.unref();
  return {
    dismiss: () => {
      watchdog.stdin.end("keep\n");
    },
  };
};

/**
 * Decides once per run where tests find PostgreSQL: on the server that MPI_TEST_DATABASE_URL names (a superuser's
 * URL), else on an embedded one of this run's own, which the first test that wants a database starts. All temporary
 * files of the run lie in one directory, TMPDIR for tests and their programs, and go with it.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const runId = `${new Date().toISOString().slice(0, 10).replaceAll("-", "")}_${randomBytes(3).toString("hex")}`;
  await removeAbandonedRuns();
  const run = mkdtempSync(join(chooseServerPlace(), `${runPrefix}${String(process.pid)}-`));
  // For root: servers run as another user, who must be able to pass through.
  chmodSync(run, 0o711);
  process.env["TMPDIR"] = run;
  const watchdog = startWatchdog(run);
  const finish = () => {
    rmSync(run, { recursive: true, force: true, maxRetries: 5 });
    watchdog.dismiss();
  };

  const url = process.env["MPI_TEST_DATABASE_URL"] ?? "";
  if (url !== "") {
    const server: TestServer = { kind: "external", url, runId };
    project.provide("testServer", server);
    return async () => {
      await dropRunDatabases(server);
      finish();
    };
  }

  const home = join(run, "home");
  const server: TestServer = { kind: "embedded", home, runId };
  project.provide("testServer", server);
  return async () => {
    const paths = resolveEmbeddedPaths({ MPI_HOME: home });
    const isRunning = inspectServer(paths).state === "running";
    if (isKeepingWanted() && isRunning && (await dropRunDatabases(server)) > 0) {
      process.stderr.write(`Kept for you; remove it with: MPI_HOME=${home} mpi db destroy; rm -r ${run}\n`);
      watchdog.dismiss();
      return;
    }
    await destroyEmbedded(paths);
    finish();
  };
}
