import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { MpiError } from "../../lib/errors.ts";
import { explainFileError } from "./failures.ts";
import { embeddedPort, type EmbeddedPaths } from "./paths.ts";
import { isPostgresProcess } from "./processes.ts";
import type { ServerUser } from "./server-user.ts";

/** Does something to the files at `path` and turns the file system's refusals into sentences. */
export function withFileErrors<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw explainFileError(error, path);
  }
}

/**
 * Nobody works in somebody else's home, root included: what root leaves there its owner could no longer use, and
 * what the owner leaves there could mislead root.
 *
 * @throws {MpiError} `unavailable`
 */
export function assertOwnHome(paths: EmbeddedPaths): void {
  for (const directory of [paths.home, paths.root]) {
    const stat = withFileErrors(directory, () => statSync(directory, { throwIfNoEntry: false }));
    if (stat === undefined || stat.uid === process.getuid?.()) continue;
    throw new MpiError(
      "unavailable",
      `The directory ${directory} belongs to another user (number ${String(stat.uid)}).`,
      { hint: "Run mpi as that user, or set MPI_HOME to a directory of your own." },
    );
  }
}

/** Root's server runs as another user, who must be able to pass through (but not to list). */
const passageMode = () => (process.getuid?.() === 0 ? 0o711 : 0o700);

/** As mkdir's `recursive`, which calls a read-only disk a directory that does not exist. */
const makeDirectory = (path: string): void => {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process was quicker.
    if (!existsSync(path)) throw error;
  }
};

/** Makes the home and our part of it where they are missing, and checks that they are ours. */
export function prepareHome(paths: EmbeddedPaths): void {
  assertOwnHome(paths);
  withFileErrors(paths.home, () => {
    const isNew = !existsSync(paths.home);
    makeDirectory(paths.root);
    if (isNew) chmodSync(paths.home, passageMode());
    chmodSync(paths.root, passageMode());
  });
  assertOwnHome(paths);
}

/** Of Linux's statfs(2): NFS, CIFS, SMB2, SMB. */
const networkFileSystems: ReadonlySet<number> = new Set([0x6969, 0xff534d42, 0xfe534d42, 0x517b]);

/**
 * On a network file system a second machine could start a second server on the same data, and nothing would
 * stop it: PostgreSQL's own interlock sees the processes of one machine only.
 *
 * @throws {MpiError} `unavailable`
 */
export function assertLocalDisk(paths: EmbeddedPaths): void {
  if (process.platform !== "linux" || !networkFileSystems.has(statfsSync(paths.root).type >>> 0)) return;
  throw new MpiError(
    "unavailable",
    `${paths.home} is on a network file system, where the embedded server cannot keep its data safely.`,
    { hint: "Set MPI_HOME to a directory on a local disk, or DATABASE_URL to a server of your own." },
  );
}

/**
 * Makes the directory of the socket, open to the server's user only, and removes the socket of a server that was
 * killed. To be called under the lock, while no server of ours runs.
 *
 * @throws {MpiError} `unavailable` where somebody else has the directory, or another server uses the socket.
 */
export function prepareSocketDirectory(paths: EmbeddedPaths, user: ServerUser | undefined): void {
  const directory = paths.socketDirectory;
  withFileErrors(directory, () => {
    const ownerId = user?.uid ?? process.getuid?.();
    // Without following a link: in /tmp anybody could have left one.
    if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) {
      mkdirSync(directory, { mode: 0o700 });
      if (user !== undefined) chownSync(directory, user.uid, user.gid);
    }
    const stat = lstatSync(directory);
    if (!stat.isDirectory() || stat.uid !== ownerId || (stat.mode & 0o077) !== 0) {
      throw new MpiError(
        "unavailable",
        `The directory ${directory}, where the embedded server has its socket, is not its own alone.`,
        { hint: "Remove it, or set MPI_HOME to another directory." },
      );
    }
    removeDeadSocket(directory);
  });
}

const socketIn = (directory: string) => join(directory, `.s.PGSQL.${String(embeddedPort)}`);

/** Removes the socket and its lock file, if they are there. */
export function removeSocket(directory: string): void {
  rmSync(socketIn(directory), { force: true });
  rmSync(`${socketIn(directory)}.lock`, { force: true });
}

const removeDeadSocket = (directory: string) => {
  const lock = `${socketIn(directory)}.lock`;
  const holder = lstatSync(lock, { throwIfNoEntry: false }) === undefined ? "" : readFileSync(lock, "utf8");
  const pid = Number.parseInt(holder, 10);
  if (isPostgresProcess(pid)) {
    throw new MpiError(
      "unavailable",
      `Another PostgreSQL server (process ${String(pid)}) uses the socket in ${directory}.`,
      { hint: "Stop that server, or set MPI_HOME to another directory." },
    );
  }
  removeSocket(directory);
};
