import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findLockHolder, tryLock } from "../../../src/db/embedded/lock.ts";
import { findProcess } from "../../../src/db/embedded/processes.ts";
import { makeScratchDirectory, outcomeOf, startProgram } from "../../support/postgres-home.ts";

const scratch = makeScratchDirectory();
let number = 0;
const freshDirectory = () => join(scratch, String((number += 1)));

describe("the lock of a home", () => {
  it("is given to one at a time, within one process too", () => {
    const directory = freshDirectory();
    const first = tryLock(directory);
    expect(first).toBeDefined();
    expect(tryLock(directory)).toBeUndefined();
    expect(findLockHolder(directory)).toBe(process.pid);
    first?.release();
    expect(findLockHolder(directory)).toBeUndefined();
    expect(tryLock(directory)).toBeDefined();
  });

  it("is free again when its holder was killed", async () => {
    const directory = freshDirectory();
    const counter = `${directory}.count`;
    writeFileSync(counter, "0");
    const holder = startProgram("count-under-lock.ts", [directory, counter, "1000000"]);
    const ended = outcomeOf(holder);
    await expect.poll(() => readFileSync(counter, "utf8"), { timeout: 15_000 }).toMatch(/[1-9]/);
    // Between two of its steps it may hold the lock or not: so until it is caught holding it.
    await expect.poll(() => findLockHolder(directory), { interval: 1 }).toBe(holder.pid);
    holder.kill("SIGKILL");
    await ended;
    expect(tryLock(directory)).toBeDefined();
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it("is not taken for held because another process has got the holder's number", () => {
    const directory = freshDirectory();
    tryLock(directory)?.release();
    writeFileSync(join(directory, `${String(process.pid)}.1.1`), "");
    expect(findProcess(process.pid)?.startTime).not.toBe("1");
    expect(tryLock(directory)).toBeDefined();
  });

  it("keeps processes apart that all want it at once", async () => {
    const directory = freshDirectory();
    const counter = `${directory}.count`;
    writeFileSync(counter, "0");
    const contenders = [1, 2, 3].map(() =>
      outcomeOf(startProgram("count-under-lock.ts", [directory, counter, "60"])),
    );
    for (const { exitCode, stderr } of await Promise.all(contenders))
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(readFileSync(counter, "utf8")).toBe("180");
    expect(readdirSync(directory)).toEqual([]);
  });
});
