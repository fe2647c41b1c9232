import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EmbeddedPaths } from "./paths.ts";
import { isServerOf } from "./processes.ts";

/**
 * - `absent`: no cluster has been created.
 * - `stopped`: shut down in good order.
 * - `crashed`: killed, or the machine went down; the next start recovers.
 * - `starting`, `running`, `stopping`: a server process is there.
 */
export type ServerState = "absent" | "stopped" | "crashed" | "starting" | "running" | "stopping";

export interface ServerInspection {
  readonly state: ServerState;
  /** Where a server process is there. */
  readonly pid?: number;
  /** As the server itself says. */
  readonly socketDirectory?: string;
  /** Seconds since 1970. */
  readonly startedAt?: number;
}

export const postmasterFile = (paths: EmbeddedPaths): string => join(paths.data, "postmaster.pid");

/** The cluster appears by one rename, so its being there means that it is complete. */
export const embeddedClusterExists = (paths: EmbeddedPaths): boolean => existsSync(paths.cluster);

const readPostmasterFile = (paths: EmbeddedPaths): readonly string[] | undefined => {
  try {
    return readFileSync(postmasterFile(paths), "utf8").split("\n");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
};

const liveStates: Readonly<Record<string, ServerState>> = {
  ready: "running",
  standby: "running",
  stopping: "stopping",
};

/**
 * Looks at the files and processes, without connecting and without changing anything; takes well under a
 * millisecond.
 */
export function inspectServer(paths: EmbeddedPaths): ServerInspection {
  if (!embeddedClusterExists(paths)) return { state: "absent" };
  const lines = readPostmasterFile(paths);
  if (lines === undefined) return { state: "stopped" };
  // pid, data directory, start time, port, socket directory, listen address, shared memory, status
  const pid = Number.parseInt(lines[0] ?? "", 10);
  if (!isServerOf(pid, paths.data)) return { state: "crashed" };
  const startedAt = Number.parseInt(lines[2] ?? "", 10);
  const socketDirectory = lines[4] ?? "";
  return {
    state: liveStates[(lines[7] ?? "").trim()] ?? "starting",
    pid,
    ...(socketDirectory === "" ? {} : { socketDirectory }),
    ...(Number.isNaN(startedAt) ? {} : { startedAt }),
  };
}
