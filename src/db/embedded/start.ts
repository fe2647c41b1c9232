import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MpiError } from "../../lib/errors.ts";
import type { ConnectionTarget } from "../client.ts";
import { createCluster, removeStagedClusters } from "./create-cluster.ts";
import { explainServerFailure } from "./failures.ts";
import {
  assertLocalDisk,
  assertOwnHome,
  prepareHome,
  prepareSocketDirectory,
  withFileErrors,
} from "./home.ts";
import { embeddedClusterExists, inspectServer, type ServerInspection } from "./inspect.ts";
import { disownStaleProcessNumber, launchServer, notReadyYet, writeServerConfig } from "./launch.ts";
import { embeddedTarget } from "./password-file.ts";
import type { EmbeddedPaths } from "./paths.ts";
import { findPlatformPackage, type PlatformPackage } from "./platform-package.ts";
import { prepareServerPrograms, type ServerPrograms } from "./programs.ts";
import { assertReachable, chooseServerUser, type ServerUser } from "./server-user.ts";
import { isOver, pause, underLock, waitAtMost, type Waiting } from "./under-lock.ts";

export interface StartOptions {
  /** Whether a new cluster may be made where there is none. */
  readonly create: boolean;
  /** PostgreSQL settings that override ours, such as `{ fsync: "off" }` for throw-away servers. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How long to wait until the server takes connections; default 300, as a recovery takes its time. */
  readonly timeoutSeconds?: number;
  /** Stops the waiting. */
  readonly signal?: AbortSignal | undefined;
  /** For progress messages: what comes next. */
  readonly onStage?: (stage: StartStage) => void;
  /** Where PostgreSQL's programs are installed; default: the npm package of this platform. */
  readonly platformPackage?: PlatformPackage;
}

export type StartStage = "creating" | "starting" | "recovering";

export interface StartedServer {
  readonly outcome: "already-running" | "started" | "created";
  readonly target: ConnectionTarget;
  readonly pid: number;
}

const noCluster = (paths: EmbeddedPaths) =>
  new MpiError("unavailable", `There is no embedded database in ${paths.home}.`, {
    hint: '"mpi db start" makes one; DATABASE_URL names another server.',
    details: { reason: "no-cluster", home: paths.home },
  });

const findRunning = (paths: EmbeddedPaths, found = inspectServer(paths)): StartedServer | undefined =>
  found.state === "running" && found.pid !== undefined
    ? { outcome: "already-running", target: embeddedTarget(paths), pid: found.pid }
    : undefined;

const assertSameMajor = (paths: EmbeddedPaths, installed: PlatformPackage) => {
  const version = withFileErrors(paths.data, () =>
    readFileSync(join(paths.data, "PG_VERSION"), "utf8").trim(),
  );
  if (Number(version) === installed.major) return;
  throw new MpiError(
    "unavailable",
    `The embedded data in ${paths.data} are PostgreSQL ${version}'s, and this mpi brings PostgreSQL ${String(installed.major)}.`,
    {
      hint: 'Use the mpi that wrote them, or move them over: "Embedded server" in docs/operations.md tells how.',
    },
  );
};

/**
 * Makes sure that the embedded server runs, and tells how to connect. Any number of processes may call this at
 * once; one of them starts the server and all get it. A server that was killed is recovered.
 *
 * @throws {MpiError} `unavailable`, with the reason in a sentence; `details.reason` is "no-cluster" where there is
 *   none and none may be made. `cancelled` when `signal` stopped it.
 */
export async function startEmbedded(paths: EmbeddedPaths, options: StartOptions): Promise<StartedServer> {
  assertOwnHome(paths);
  const running = findRunning(paths);
  if (running !== undefined) return running;
  if (!options.create && !embeddedClusterExists(paths)) throw noCluster(paths);
  prepareHome(paths);
  const waiting = waitAtMost(options.timeoutSeconds ?? 300, options.signal);
  return underLock(paths, waiting, {
    shortcut: () => findRunning(paths),
    action: () => startUnderLock(paths, options, waiting),
  });
}

const startUnderLock = async (
  paths: EmbeddedPaths,
  options: StartOptions,
  waiting: Waiting,
): Promise<StartedServer> => {
  const found = await settle(paths, waiting);
  const running = findRunning(paths, found);
  if (running !== undefined) return running;

  const isNew = found.state === "absent";
  if (isNew && !options.create) throw noCluster(paths);
  const installed = options.platformPackage ?? findPlatformPackage();
  if (!isNew) assertSameMajor(paths, installed);
  assertLocalDisk(paths);
  const user = chooseServerUser(paths.data);
  assertReachable(user, paths.root);
  const programs = withFileErrors(paths.root, () => {
    removeStagedClusters(paths);
    return prepareServerPrograms(installed, user, paths);
  });
  if (isNew) {
    options.onStage?.("creating");
    await createCluster(paths, programs, user, {
      durability: options.settings?.["fsync"] === "off" ? "none" : "full",
      signal: options.signal,
    });
  }
  prepareSocketDirectory(paths, user);
  writeServerConfig(paths, options.settings ?? {});
  if (found.state === "crashed") disownStaleProcessNumber(paths, user);
  options.onStage?.(found.state === "crashed" ? "recovering" : "starting");
  const started = await launch(paths, programs, user, waiting);
  return isNew ? { ...started, outcome: "created" } : started;
};

const launch = async (
  paths: EmbeddedPaths,
  programs: ServerPrograms,
  user: ServerUser | undefined,
  waiting: Waiting,
): Promise<StartedServer> => {
  for (;;) {
    const launched = await launchServer(paths, programs, user, waiting);
    if (launched.outcome === "ready") {
      return { outcome: "started", target: embeddedTarget(paths), pid: launched.pid };
    }
    // Somebody may have started it by hand, with pg_ctl, which knows nothing of our lock.
    const other = findRunning(paths, await settle(paths, waiting));
    if (other !== undefined) return other;
    // Processes of a server that was killed notice it within moments, and end.
    const isLingering = launched.output.includes("pre-existing shared memory block");
    if (!isLingering || isOver(waiting)) throw explainServerFailure(launched.output, paths, "start");
    await pause(waiting, 200);
  }
};

/** Waits while a server is on its way up or down: one whose starter was killed, or that was stopped by hand. */
const settle = async (paths: EmbeddedPaths, waiting: Waiting): Promise<ServerInspection> => {
  for (;;) {
    const found = inspectServer(paths);
    if (found.state !== "starting" && found.state !== "stopping") return found;
    if (isOver(waiting)) throw notReadyYet(paths);
    await pause(waiting);
  }
};
