import { setTimeout as sleep } from "node:timers/promises";
import { MpiError } from "../../lib/errors.ts";
import { withFileErrors } from "./home.ts";
import { findLockHolder, tryLock } from "./lock.ts";
import type { EmbeddedPaths } from "./paths.ts";

/** How long to wait for a server or for another process; `deadline` is in `performance.now()`'s milliseconds. */
export interface Waiting {
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

export const waitAtMost = (seconds: number, signal: AbortSignal | undefined): Waiting => ({
  deadline: performance.now() + seconds * 1000,
  signal,
});

export const isOver = (waiting: Waiting): boolean => performance.now() > waiting.deadline;

/** One round of polling. */
export async function pause(waiting: Waiting, milliseconds = 15): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal: waiting.signal });
  } catch {
    throw new MpiError("cancelled", "Stopped while waiting for the embedded server.");
  }
}

/**
 * Does something that only one process may do at a time. While others are at it, `shortcut` is asked again and
 * again whether their work has already brought the result.
 *
 * @throws {MpiError} `unavailable` when the time is over; `cancelled`.
 */
export async function underLock<Result>(
  paths: EmbeddedPaths,
  waiting: Waiting,
  steps: { readonly shortcut: () => Result | undefined; readonly action: () => Promise<Result> },
): Promise<Result> {
  for (;;) {
    const result = steps.shortcut();
    if (result !== undefined) return result;
    const claim = withFileErrors(paths.root, () => tryLock(paths.lockDirectory));
    if (claim !== undefined) {
      try {
        return await steps.action();
      } finally {
        claim.release();
      }
    }
    if (isOver(waiting)) {
      const holder = String(findLockHolder(paths.lockDirectory) ?? "unknown");
      throw new MpiError(
        "unavailable",
        `Another mpi (process ${holder}) is busy starting or stopping the embedded server.`,
        { hint: 'Try again later; "mpi db status" shows its state.' },
      );
    }
    // Contenders that meet all withdraw; different pauses keep them from meeting again.
    await pause(waiting, 20 + (process.pid % 17));
  }
}
