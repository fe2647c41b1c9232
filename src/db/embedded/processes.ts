import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";

/** What tells one process from a later one with the same number. */
export interface ProcessFacts {
  readonly name: string;
  /** Opaque: equal for the same process, different after the number was given out anew. */
  readonly startTime: string;
}

const readLinuxProcess = (pid: number): ProcessFacts | undefined => {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The name stands in brackets and may itself contain brackets and spaces.
  const open = stat.indexOf("(");
  const close = stat.lastIndexOf(")");
  const fields = stat.slice(close + 2).split(" ");
  const state = fields[0];
  const startTime = fields[19];
  if (state === "Z" || state === "X" || startTime === undefined) return undefined;
  return { name: stat.slice(open + 1, close), startTime };
};

const askPs = (pid: number, columns: string) => {
  const answer = spawnSync("ps", ["-o", columns, "-p", String(pid)], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  return answer.status === 0 ? answer.stdout.trim() : "";
};

const readOtherProcess = (pid: number): ProcessFacts | undefined => {
  const state = askPs(pid, "stat=");
  if (state === "" || state.startsWith("Z")) return undefined;
  const path = askPs(pid, "comm=");
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    startTime: askPs(pid, "lstart=").replace(/\W+/g, "-"),
  };
};

/** The live process with this number; a zombie does not count, as it can do nothing any more. */
export function findProcess(pid: number): ProcessFacts | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return process.platform === "linux" ? readLinuxProcess(pid) : readOtherProcess(pid);
}

/** True where this process is a PostgreSQL server, whatever its data. */
export const isPostgresProcess = (pid: number): boolean => findProcess(pid)?.name === "postgres";

/** True where this process is the PostgreSQL server of this data directory: it works inside of it. */
export function isServerOf(pid: number, dataDirectory: string): boolean {
  if (!isPostgresProcess(pid)) return false;
  if (process.platform !== "linux") return askPs(pid, "command=").includes(dataDirectory);
  try {
    return readlinkSync(`/proc/${String(pid)}/cwd`) === realpathSync(dataDirectory);
  } catch {
    return false;
  }
}

/**
 * Any process of a PostgreSQL server that works on these data, be it one that its killed server has left behind.
 * Other systems than Linux do not tell where those work; there it finds none.
 */
export function findProcessOnData(dataDirectory: string): number | undefined {
  if (process.platform !== "linux") return undefined;
  return readdirSync("/proc")
    .map(Number)
    .find((pid) => pid > 0 && isServerOf(pid, dataDirectory));
}
