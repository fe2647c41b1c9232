import type { ConnectionTarget } from "../../db/client.ts";
import { withCopyConnection } from "../../db/copy.ts";
import { clearOldKeys, copyKeyPages } from "../../db/queries/match-keys.ts";
import type { KeyPages } from "../../matching/blocking/key-pages.ts";
import type { KeepKeysTask } from "./keep-keys-worker.ts";
import { startThread, threadUrl } from "./start-thread.ts";
import { readAnswer, type ThreadAnswer } from "./thread-answer.ts";

const workerUrl = threadUrl("keep-keys-worker", import.meta.url);

/**
 * Stores the keys of all records anew, on a connection of its own; with several threads in one of its own too, since
 * links are decided meanwhile. Nobody reads the pages before the run that they belong to has succeeded: what a killed run
 * leaves, the next one clears away.
 *
 * @param pages given away where there are several threads.
 * @returns the number of the build.
 */
export async function keepKeys(
  target: ConnectionTarget,
  pages: readonly KeyPages[],
  threads: number,
  signal: AbortSignal,
): Promise<number> {
  if (threads < 2 || workerUrl === undefined) return storeKeyPages(target, pages);
  const task: KeepKeysTask = { target, pages };
  const transferred = pages.map(({ entries }) => entries.buffer as ArrayBuffer);
  const thread = startThread<number, ThreadAnswer<number>>(workerUrl, task, signal, {
    onMessage: readAnswer,
    transferred,
  });
  try {
    return await thread.result;
  } finally {
    thread.stop();
  }
}

/** The same, in the thread it is called in. */
export const storeKeyPages = (target: ConnectionTarget, pages: readonly KeyPages[]): Promise<number> =>
  withCopyConnection(target, async (connection) => {
    const build = await clearOldKeys(connection);
    await copyKeyPages(connection, build, pages);
    return build;
  });
