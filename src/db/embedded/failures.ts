import { statfsSync } from "node:fs";
import { MpiError } from "../../lib/errors.ts";
import type { EmbeddedPaths } from "./paths.ts";

const unavailable = (message: string, hint: string) => new MpiError("unavailable", message, { hint });

const fullDisk = (path: string) =>
  unavailable(`The disk of ${path} is full.`, "Free some space, then try again; nothing committed is lost.");

const readOnlyDisk = (path: string) =>
  unavailable(
    `The disk of ${path} is read-only.`,
    "Mount it writable, or set MPI_HOME to a directory on another disk.",
  );

const noPermission = (path: string) =>
  unavailable(
    `There is no permission to write to ${path}.`,
    "Check who owns it, or set MPI_HOME to another directory.",
  );

/**
 * Turns a failed file operation into a sentence. What is no file error is returned as it is: a bug announces
 * itself.
 */
export function explainFileError(error: unknown, path: string): unknown {
  if (error instanceof MpiError || !(error instanceof Error) || !("code" in error)) return error;
  switch (error.code) {
    case "ENOSPC":
    case "EDQUOT":
      return fullDisk(path);
    case "EROFS":
      return readOnlyDisk(path);
    case "EACCES":
    case "EPERM":
      return noPermission(path);
    case "ENOTDIR":
    case "EEXIST":
      return unavailable(
        `Something on the way to ${path} is a file, not a directory.`,
        "Set MPI_HOME to a directory.",
      );
    default:
      return error;
  }
}

/** With less than this the server cannot even write its first files, nor say so in a log on the same disk. */
const leastFreeBytes = 1_000_000;

const diskIsFull = (path: string) => {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize < leastFreeBytes;
  } catch {
    return false;
  }
};

type Explanation = (paths: EmbeddedPaths) => MpiError;

/** What the server says (its messages are always English here), and what we make of it; the first match wins. */
const serverMessages: readonly (readonly [RegExp, Explanation])[] = [
  [
    /shared memory.*(?:No space left|Cannot allocate)|could not create shared memory/,
    () => unavailable("There is not enough shared memory for the embedded server.", "Enlarge /dev/shm."),
  ],
  [/No space left on device|Disk quota exceeded|Check free disk space/, (paths) => fullDisk(paths.root)],
  [/Read-only file system/, (paths) => readOnlyDisk(paths.root)],
  [
    /could not bind Unix address|Is another postmaster .* using socket file/,
    (paths) =>
      unavailable(
        `The embedded server cannot have its socket in ${paths.socketDirectory}.`,
        "See whether another server uses that directory; a few file systems know no sockets at all.",
      ),
  ],
  [
    /pre-existing shared memory block/,
    (paths) =>
      unavailable(
        `Processes of a server that was killed still work on the data in ${paths.data}.`,
        "They end by themselves within a minute; otherwise end them (they are called postgres) and try again.",
      ),
  ],
  [
    /error while loading shared libraries/,
    () =>
      unavailable(
        "The embedded server's programs do not run on this system: a shared library is missing.",
        "Install it (the log names it), or set DATABASE_URL to a server of your own.",
      ),
  ],
  [
    /could not look up effective user ID/,
    () =>
      unavailable(
        "PostgreSQL runs for users with a name only, and this system has none for the present user's number.",
        "Give it a line in /etc/passwd (containers often lack it), or set DATABASE_URL to a server of your own.",
      ),
  ],
  [
    /could not locate a valid checkpoint record|invalid checkpoint record|invalid page|incorrect checksum/,
    (paths) =>
      unavailable(
        `The embedded server's data in ${paths.data} is damaged.`,
        "Copy the directory before anything else, then restore a backup.",
      ),
  ],
  [/Permission denied/, (paths) => noPermission(paths.root)],
];

const loudest = (output: string) =>
  output
    .split("\n")
    .map((line) => /(?:FATAL|PANIC|error|^initdb|^postgres): {1,2}(?<said>.+)/.exec(line)?.groups?.["said"])
    .findLast((said) => said !== undefined);

/** Turns the words of a PostgreSQL program that failed into one sentence and the place to look for more. */
export function explainServerFailure(
  output: string,
  paths: EmbeddedPaths,
  doing: "create" | "start",
): MpiError {
  const known = serverMessages.find(([pattern]) => pattern.test(output));
  if (known !== undefined) return known[1](paths);
  if (diskIsFull(paths.root)) return fullDisk(paths.root);
  const verb = doing === "create" ? "be created" : "start";
  const said = loudest(output);
  return unavailable(
    `The embedded server could not ${verb}${said === undefined ? "." : `; PostgreSQL says: ${said}`}`,
    `The log is ${paths.logFile}.`,
  );
}
