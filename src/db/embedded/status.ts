import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { assertOwnHome, withFileErrors } from "./home.ts";
import { inspectServer, type ServerState } from "./inspect.ts";
import type { EmbeddedPaths } from "./paths.ts";
import { findPlatformPackage } from "./platform-package.ts";

export interface EmbeddedStatus {
  readonly state: ServerState;
  readonly home: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  /** Of the npm package, for example "18.4.0-beta.17"; absent where it is not installed. */
  readonly installedVersion?: string;
  /** PostgreSQL's major version that wrote the data; absent where there are none. */
  readonly dataVersion?: number;
  /** Number of the user that owns the data and runs the server. */
  readonly userId?: number;
  readonly pid?: number;
  /** ISO 8601, UTC, whole seconds. */
  readonly startedAt?: string;
  readonly socketDirectory?: string;
}

const findInstalledVersion = () => {
  try {
    return findPlatformPackage().version;
  } catch {
    return undefined;
  }
};

/** Says what there is, without starting or changing anything. */
export function embeddedStatus(paths: EmbeddedPaths): EmbeddedStatus {
  assertOwnHome(paths);
  const { state, pid, socketDirectory, startedAt } = withFileErrors(paths.data, () => inspectServer(paths));
  const installedVersion = findInstalledVersion();
  const files =
    state === "absent"
      ? {}
      : withFileErrors(paths.data, () => ({
          dataVersion: Number(readFileSync(join(paths.data, "PG_VERSION"), "utf8")),
          userId: statSync(paths.data).uid,
        }));
  return {
    state,
    home: paths.home,
    dataDirectory: paths.data,
    logFile: paths.logFile,
    ...(installedVersion === undefined ? {} : { installedVersion }),
    ...files,
    ...(pid === undefined ? {} : { pid }),
    ...(startedAt === undefined
      ? {}
      : { startedAt: `${new Date(startedAt * 1000).toISOString().slice(0, 19)}Z` }),
    ...(socketDirectory === undefined ? {} : { socketDirectory }),
  };
}
