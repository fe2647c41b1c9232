import { existsSync, readFileSync, statfsSync } from "node:fs";
import { freemem, tmpdir } from "node:os";

/** The memory file system that Linux has; elsewhere nothing is there. */
const memoryPlace = "/dev/shm";

const neededBytes = 3 * 1024 ** 3;

const isUsable = (place: string): boolean => {
  if (process.platform !== "linux" || !existsSync(place)) return false;
  const options = /^\S+ \/dev\/shm tmpfs (?<options>\S+)/m.exec(readFileSync("/proc/mounts", "utf8"))
    ?.groups?.["options"];
  // For root, copies of the server's programs may lie there too.
  if (options === undefined || options.split(",").some((option) => option === "noexec" || option === "ro"))
    return false;
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize >= neededBytes && freemem() >= neededBytes;
};

/**
 * Where a run keeps its server and its files: in memory where there is room. Every test has a database of its own, some six hundred
 * files that come and go, and ext4 does not use the inode of a deleted file again for a minute: it steps over each of
 * them, so that after some dozens of tests a database takes 300 to 800 ms to make there, in memory 30 ms.
 */
export const chooseServerPlace = (): string => (isUsable(memoryPlace) ? memoryPlace : tmpdir());

/** Where runs may have left something. */
export const listServerPlaces = (): readonly string[] =>
  [memoryPlace, tmpdir()].filter((place) => existsSync(place));
