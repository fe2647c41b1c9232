import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { MpiError } from "../../lib/errors.ts";

/** The user that the server's processes run as, where that is not the one who runs `mpi`. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const askId = (args: readonly string[]) => {
  const answer = spawnSync("id", args, { encoding: "utf8" });
  return answer.status === 0 ? answer.stdout.trim() : undefined;
};

const findUser = (nameOrNumber: string): ServerUser | undefined => {
  const uid = askId(["-u", nameOrNumber]);
  const gid = askId(["-g", nameOrNumber]);
  if (uid === undefined || gid === undefined) return undefined;
  return { name: askId(["-un", nameOrNumber]) ?? nameOrNumber, uid: Number(uid), gid: Number(gid) };
};

const ownerOf = (dataDirectory: string): ServerUser | undefined => {
  const stat = statSync(dataDirectory, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (stat.uid === 0) {
    throw new MpiError(
      "unavailable",
      `The embedded server's data in ${dataDirectory} belongs to root, and PostgreSQL refuses to run as root.`,
      { hint: `Give it to the user it belonged to: chown -R postgres ${dataDirectory}` },
    );
  }
  return findUser(String(stat.uid)) ?? { name: `user ${String(stat.uid)}`, uid: stat.uid, gid: stat.gid };
};

/**
 * PostgreSQL refuses to run as root. So for root it is the owner of the data directory, and for a new one
 * `postgres` if there is such a user, else `nobody`. For everyone else it is oneself: `undefined`.
 *
 * @throws {MpiError} `unavailable` where there is no such user, or where the data belongs to root.
 */
export function chooseServerUser(dataDirectory: string): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = ownerOf(dataDirectory) ?? findUser("postgres") ?? findUser("nobody");
  if (user === undefined || user.uid === 0) {
    throw new MpiError(
      "unavailable",
      "PostgreSQL refuses to run as root, and this system has neither a user postgres nor nobody to run it as.",
      { hint: "Run mpi as an ordinary user, or set DATABASE_URL to a server of your own." },
    );
  }
  return user;
}

/** The options that make `spawn` run something as that user, with none of root's groups. */
export const runAs = (user: ServerUser | undefined): { uid?: number; gid?: number } =>
  user === undefined ? {} : { uid: user.uid, gid: user.gid };

/** Asks the system itself, as that user, since modes are not the whole truth (ACLs, read-only mounts). */
export function canAccess(
  user: ServerUser | undefined,
  mode: "read" | "enter",
  paths: readonly string[],
): boolean {
  const flag = mode === "read" ? "-r" : "-x";
  const script = `for path; do test ${flag} "$path" || exit 1; done`;
  const answer = spawnSync("sh", ["-c", script, "sh", ...paths], {
    ...runAs(user),
    cwd: "/",
    stdio: "ignore",
  });
  return answer.status === 0;
}

/**
 * @throws {MpiError} `unavailable`, naming the first directory on the way that is closed to the server's user.
 */
export function assertReachable(user: ServerUser | undefined, directory: string): void {
  if (user === undefined || canAccess(user, "enter", [directory])) return;
  const way = [directory];
  for (let path = directory; path !== dirname(path); path = dirname(path)) way.unshift(dirname(path));
  const closed = way.find((path) => !canAccess(user, "enter", [path])) ?? directory;
  throw new MpiError(
    "unavailable",
    `The embedded server runs as ${user.name} and cannot reach ${directory}, as ${closed} is closed to it.`,
    { hint: "Set MPI_HOME to a directory that other users can pass through, such as /var/lib/mpi." },
  );
}
