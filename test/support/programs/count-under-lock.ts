import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { tryLock } from "../../../src/db/embedded/lock.ts";

/** Adds 1 to the number in a file so many times, each time under the lock and in two separate steps. */
const [directory, file, times] = process.argv.slice(2);
if (directory === undefined || file === undefined || times === undefined)
  throw new Error("directory file times");
for (let done = 0; done < Number(times);) {
  const claim = tryLock(directory);
  if (claim !== undefined) {
    const number = Number(readFileSync(file, "utf8"));
    await sleep(1);
    writeFileSync(file, String(number + 1));
    claim.release();
    done += 1;
  }
  await sleep(1 + (process.pid % 3));
}
