import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { MpiError } from "../../lib/errors.ts";

/** Where everything of one embedded server lives. All paths are absolute. */
export interface EmbeddedPaths {
  /** MPI_HOME. Only `root` below belongs to the embedded server. */
  readonly home: string;
  /** `<home>/postgres`; all that follows lies in it, the short socket directory excepted. */
  readonly root: string;
  /** Appears complete, by one rename, or not at all: the data directory and the password that opens it. */
  readonly cluster: string;
  /** PostgreSQL's data directory, the only part that the server's own user can write besides the socket. */
  readonly data: string;
  /** A libpq password file, readable by its owner only. */
  readonly passwordFile: string;
  readonly configFile: string;
  readonly accessFile: string;
  readonly logFile: string;
  readonly lockDirectory: string;
  /** Copies of the server's programs, made where the installed ones cannot be used in place. */
  readonly serverCopies: string;
  /** Where the next start puts its socket; a running server's own word (postmaster.pid) counts for more. */
  readonly socketDirectory: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The port is only a part of the socket's name: nothing listens on a network address. */
export const embeddedPort = 5432;

/** Longest path of a Unix socket, in bytes: `sun_path` less its final NUL. */
const longestSocketPath = process.platform === "darwin" ? 103 : 107;

const isRoot = (userId: number | undefined) => userId === 0;

const isDirectory = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** PostgreSQL reads the directory from a comma-separated list, and from a line of postmaster.pid. */
const socketDirectoryIsUsable = (directory: string) =>
  Buffer.byteLength(join(directory, `.s.PGSQL.${String(embeddedPort)}`)) <= longestSocketPath &&
  !/[,"\\\p{Cc}]/u.test(directory);

const shortSocketDirectory = (root: string, userId: number | undefined) => {
  const digest = createHash("sha256").update(root).digest("hex").slice(0, 12);
  // Not $TMPDIR or $XDG_RUNTIME_DIR: a cron job and a login shell must arrive at the same place.
  const parent = isRoot(userId) && isDirectory("/run") ? "/run" : "/tmp";
  return join(parent, `mpi-${digest}`);
};

const defaultHome = (env: Environment, userId: number | undefined) => {
  if (isRoot(userId)) return "/var/lib/mpi";
  const dataHome = env["XDG_DATA_HOME"] ?? "";
  // The XDG specification has relative values ignored.
  if (isAbsolute(dataHome)) return join(dataHome, "mpi");
  const userHome = env["HOME"] ?? "";
  return join(isAbsolute(userHome) ? userHome : homedir(), ".local", "share", "mpi");
};

/**
 * Works out where the embedded server of this environment lives: below MPI_HOME, else below the XDG data
 * directory, or in /var/lib/mpi for root. Touches nothing.
 *
 * @throws {MpiError} `usage` when MPI_HOME is relative.
 */
export function resolveEmbeddedPaths(env: Environment, userId = process.getuid?.()): EmbeddedPaths {
  const chosen = env["MPI_HOME"] ?? "";
  if (chosen !== "" && !isAbsolute(chosen)) {
    throw new MpiError("usage", `MPI_HOME must be an absolute path, and is "${chosen}".`, {
      hint: "A relative one would mean another database in every working directory.",
    });
  }
  const home = chosen === "" ? defaultHome(env, userId) : resolve(chosen);
  const root = join(home, "postgres");
  const cluster = join(root, "cluster");
  const naturalSocketDirectory = join(root, "run");
  return {
    home,
    root,
    cluster,
    data: join(cluster, "data"),
    passwordFile: join(cluster, "pgpass"),
    configFile: join(root, "postgresql.conf"),
    accessFile: join(root, "pg_hba.conf"),
    logFile: join(root, "postgresql.log"),
    lockDirectory: join(root, "lock"),
    serverCopies: join(root, "server"),
    socketDirectory: socketDirectoryIsUsable(naturalSocketDirectory)
      ? naturalSocketDirectory
      : shortSocketDirectory(root, userId),
  };
}
