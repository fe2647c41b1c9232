import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findProcess } from "./processes.ts";

/** The right to create, start, stop or destroy the server of one home, held until `release`. */
export interface Claim {
  release(): void;
}

const mostAttempts = 1_000;

const claimPattern = /^(?<pid>\d+)\.(?<startTime>[\w-]+)\.\d+$/;

const holderIsAlive = (name: string) => {
  const parts = claimPattern.exec(name)?.groups;
  if (parts === undefined) return false;
  return findProcess(Number(parts["pid"]))?.startTime === parts["startTime"];
};

const hasCode = (error: unknown, code: string) =>
  error instanceof Error && "code" in error && error.code === code;

/** Makes an empty file whose name says who made it; the number tells claims of one process apart. */
const makeClaimFile = (directory: string) => {
  const startTime = findProcess(process.pid)?.startTime ?? "0";
  for (let number = 1; ; number += 1) {
    const name = `${String(process.pid)}.${startTime}.${String(number)}`;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      closeSync(openSync(join(directory, name), "wx", 0o600));
      return name;
    } catch (error) {
      // ENOENT: whoever destroyed the server just now took the directory away.
      const mayPass = hasCode(error, "EEXIST") || hasCode(error, "ENOENT");
      if (!mayPass || number === mostAttempts) throw error;
    }
  }
};

/**
 * Takes the lock if it is free; never waits. Node offers no flock, so each contender first leaves a file of its
 * own and then looks: whoever finds no other living process's file holds the lock, everyone else withdraws. As
 * all leave their file before they look, two can never both find themselves alone. The files of processes that
 * were killed are recognised by process number and start time, and cleared away.
 */
export function tryLock(directory: string): Claim | undefined {
  const own = makeClaimFile(directory);
  const release = () => rmSync(join(directory, own), { force: true });
  const others = readdirSync(directory).filter((name) => name !== own);
  if (others.some(holderIsAlive)) {
    release();
    return undefined;
  }
  for (const name of others) rmSync(join(directory, name), { force: true });
  return { release };
}

/** The number of a living process that holds or wants the lock, for messages. */
export function findLockHolder(directory: string): number | undefined {
  try {
    const holder = readdirSync(directory).find(holderIsAlive);
    return holder === undefined ? undefined : Number.parseInt(holder, 10);
  } catch {
    return undefined;
  }
}
