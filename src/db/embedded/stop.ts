import { assertOwnHome } from "./home.ts";
import { inspectServer } from "./inspect.ts";
import { notReadyYet } from "./launch.ts";
import type { EmbeddedPaths } from "./paths.ts";
import { findProcess, isServerOf } from "./processes.ts";
import { isOver, pause, underLock, waitAtMost, type Waiting } from "./under-lock.ts";

export interface StopOptions {
  /** How long to wait for the last checkpoint; default 120. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface StoppedServer {
  readonly outcome: "stopped" | "was-not-running" | "absent";
  /** The process that was stopped. */
  readonly pid?: number;
}

const signalServer = (paths: EmbeddedPaths, pid: number) => {
  if (!isServerOf(pid, paths.data)) return;
  try {
    // PostgreSQL's fast shutdown: sessions are ended, their transactions rolled back, all is written out.
    process.kill(pid, "SIGINT");
  } catch (error) {
    const isGone = error instanceof Error && "code" in error && error.code === "ESRCH";
    if (!isGone) throw error;
  }
};

/** Stops the server if there is one, and returns when its process is gone. To be called under the lock. */
export async function stopUnderLock(paths: EmbeddedPaths, waiting: Waiting): Promise<StoppedServer> {
  const { state, pid } = inspectServer(paths);
  if (state === "absent") return { outcome: "absent" };
  const facts = pid === undefined ? undefined : findProcess(pid);
  if (pid === undefined || facts === undefined) return { outcome: "was-not-running" };
  signalServer(paths, pid);
  while (findProcess(pid)?.startTime === facts.startTime) {
    if (isOver(waiting)) throw notReadyYet(paths);
    await pause(waiting);
  }
  return { outcome: "stopped", pid };
}

/**
 * Stops the embedded server in good order, whoever uses it. The data stay.
 *
 * @throws {MpiError} `unavailable` when it does not end within the time; `cancelled`.
 */
export async function stopEmbedded(paths: EmbeddedPaths, options: StopOptions = {}): Promise<StoppedServer> {
  assertOwnHome(paths);
  if (inspectServer(paths).state === "absent") return { outcome: "absent" };
  const waiting = waitAtMost(options.timeoutSeconds ?? 120, options.signal);
  return underLock<StoppedServer>(paths, waiting, {
    shortcut: () => undefined,
    action: () => stopUnderLock(paths, waiting),
  });
}
