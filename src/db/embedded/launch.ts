import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { MpiError } from "../../lib/errors.ts";
import { withFileErrors } from "./home.ts";
import { inspectServer, postmasterFile } from "./inspect.ts";
import { embeddedPort, type EmbeddedPaths } from "./paths.ts";
import { findProcess, findProcessOnData } from "./processes.ts";
import type { ServerPrograms } from "./programs.ts";
import { cannotRun, programEnvironment } from "./run-program.ts";
import { runAs, type ServerUser } from "./server-user.ts";
import { isOver, pause, type Waiting } from "./under-lock.ts";
import { accessRules, fixedSettings, formatServerConfig, measureMachine } from "./settings.ts";

const mostLogBytes = 1_000_000;

export type LaunchResult =
  | { readonly outcome: "ready"; readonly pid: number }
  /** The server ended by itself; `output` is what it said. */
  | { readonly outcome: "ended"; readonly output: string };

/** Writes the files that a start writes anew each time; no secret is in them, and the server's user reads them. */
export function writeServerConfig(paths: EmbeddedPaths, overrides: Readonly<Record<string, string>>): void {
  const files = [
    [paths.configFile, formatServerConfig(paths, measureMachine(paths.root), overrides)],
    [paths.accessFile, accessRules],
  ] as const;
  withFileErrors(paths.root, () => {
    for (const [path, text] of files) {
      const fresh = `${path}.new`;
      rmSync(fresh, { force: true });
      writeFileSync(fresh, text, { flag: "wx" });
      chmodSync(fresh, 0o644);
      renameSync(fresh, path);
    }
  });
}

const numberIsInUse = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

/**
 * After a crash the process number in postmaster.pid may belong to some other process by now, or to a zombie that
 * nobody collects, and PostgreSQL would take it for a running server. The file must not be removed, as its
 * line about the shared memory is how PostgreSQL notices surviving processes of the old server. So only the number
 * is replaced, by ours: PostgreSQL knows that its own parent is no server. A file that a power failure has left
 * empty stops PostgreSQL for good; with nothing in it to lose it goes, once no process works on the data.
 */
export function disownStaleProcessNumber(paths: EmbeddedPaths, user: ServerUser | undefined): void {
  const path = postmasterFile(paths);
  const [first, ...rest] = readFileSync(path, "utf8").split("\n");
  const pid = Number.parseInt(first ?? "", 10);
  withFileErrors(path, () => {
    if (!(pid > 0)) {
      if (findProcessOnData(paths.data) === undefined) rmSync(path, { force: true });
      return;
    }
    if (!numberIsInUse(pid)) return;
    const fresh = `${path}.mpi`;
    rmSync(fresh, { force: true });
    writeFileSync(fresh, [String(process.pid), ...rest].join("\n"), { flag: "wx", mode: 0o600 });
    if (user !== undefined) chownSync(fresh, user.uid, user.gid);
    renameSync(fresh, path);
  });
}

/** The sentence for a server that needs longer than one wants to wait. */
export const notReadyYet = (paths: EmbeddedPaths): MpiError =>
  new MpiError(
    "unavailable",
    "The embedded server is not ready yet; it goes on starting or stopping by itself.",
    {
      hint: `Try again later; "mpi db status" and the log ${paths.logFile} show how far it is.`,
    },
  );

const openLog = (paths: EmbeddedPaths) =>
  withFileErrors(paths.logFile, () => {
    if ((statSync(paths.logFile, { throwIfNoEntry: false })?.size ?? 0) > mostLogBytes) {
      renameSync(paths.logFile, `${paths.logFile}.1`);
    }
    return openSync(paths.logFile, "a", 0o600);
  });

/**
 * Starts the server, detached: it outlives this process, its terminal and its session. Returns when it takes
 * connections, or has ended.
 *
 * @throws {MpiError} `unavailable` when neither happens within the time; `cancelled` when `signal` stops the
 *   waiting. Either way the server goes on starting.
 */
export async function launchServer(
  paths: EmbeddedPaths,
  programs: ServerPrograms,
  user: ServerUser | undefined,
  waiting: Waiting,
): Promise<LaunchResult> {
  const log = openLog(paths);
  const logStart = fstatSync(log).size;
  const child = spawn(
    programs.postgres,
    [
      "-D",
      paths.data,
      "-p",
      String(embeddedPort),
      "-c",
      `config_file=${paths.configFile}`,
      ...fixedSettings(paths.socketDirectory),
    ],
    { ...runAs(user), cwd: "/", env: programEnvironment(), detached: true, stdio: ["ignore", log, log] },
  );
  closeSync(log);
  let failure: Error | undefined;
  child.once("error", (error) => {
    failure = error;
  });
  child.unref();
  for (;;) {
    await pause(waiting);
    if (failure !== undefined) throw cannotRun(programs.postgres, failure);
    const { state, pid } = inspectServer(paths);
    if (state === "running" && pid !== undefined && pid === child.pid) return { outcome: "ready", pid };
    if (
      child.pid === undefined ||
      child.exitCode !== null ||
      child.signalCode !== null ||
      findProcess(child.pid) === undefined
    ) {
      return { outcome: "ended", output: readFileSync(paths.logFile, "utf8").slice(logStart) };
    }
    if (isOver(waiting)) throw notReadyYet(paths);
  }
}
