import { existsSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { assertOwnHome, removeSocket, withFileErrors } from "./home.ts";
import { inspectServer, type ServerState } from "./inspect.ts";
import type { EmbeddedPaths } from "./paths.ts";
import { stopUnderLock, type StopOptions } from "./stop.ts";
import { underLock, waitAtMost } from "./under-lock.ts";

export interface DestroyedServer {
  readonly outcome: "destroyed" | "absent";
  /** The directory whose content is gone. */
  readonly directory: string;
}

/** What destroying would take away. */
export interface DestructionPlan {
  readonly state: ServerState;
  readonly directory: string;
  /** On disk: data, write-ahead log, copies of the programs, logs. */
  readonly bytes: number;
}

const bytesBelow = (directory: string): number =>
  readdirSync(directory, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return sum + bytesBelow(path);
    // A running server removes files while we count.
    return sum + (entry.isFile() ? (statSync(path, { throwIfNoEntry: false })?.size ?? 0) : 0);
  }, 0);

/** Says what there is to destroy, and changes nothing. */
export function planDestruction(paths: EmbeddedPaths): DestructionPlan {
  assertOwnHome(paths);
  return withFileErrors(paths.root, () => ({
    state: inspectServer(paths).state,
    directory: paths.root,
    bytes: existsSync(paths.root) ? bytesBelow(paths.root) : 0,
  }));
}

/** Nobody minds if it is not empty, or already gone. */
const removeIfEmpty = (directory: string) => {
  try {
    rmdirSync(directory);
  } catch {
    return;
  }
};

/**
 * Stops the embedded server and removes it with all its data, copies and logs, for good. What else lies in
 * MPI_HOME stays. Asking whether that is meant is the caller's business.
 *
 * @throws {MpiError} `unavailable`; `cancelled`.
 */
export async function destroyEmbedded(
  paths: EmbeddedPaths,
  options: StopOptions = {},
): Promise<DestroyedServer> {
  assertOwnHome(paths);
  if (!existsSync(paths.root)) return { outcome: "absent", directory: paths.root };
  const waiting = waitAtMost(options.timeoutSeconds ?? 120, options.signal);
  const destroyed = await underLock<DestroyedServer>(paths, waiting, {
    shortcut: () => undefined,
    action: async () => {
      const stopped = await stopUnderLock(paths, waiting);
      withFileErrors(paths.root, () => removeFiles(paths));
      return { outcome: stopped.outcome === "absent" ? "absent" : "destroyed", directory: paths.root };
    },
  });
  for (const directory of [paths.lockDirectory, paths.root, paths.home]) removeIfEmpty(directory);
  return destroyed;
}

const removeFiles = (paths: EmbeddedPaths) => {
  // First out of the way by one rename: half a cluster must never be taken for one.
  if (existsSync(paths.cluster))
    renameSync(paths.cluster, join(paths.root, `new-cluster-gone-${String(process.pid)}`));
  for (const name of readdirSync(paths.root)) {
    if (name === basename(paths.lockDirectory)) continue;
    rmSync(join(paths.root, name), { recursive: true, force: true, maxRetries: 5 });
  }
  // The short directory lies outside, where others may write: only what is ours goes.
  removeSocket(paths.socketDirectory);
  removeIfEmpty(paths.socketDirectory);
};
