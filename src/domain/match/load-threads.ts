import type { LoadTask } from "./load-worker.ts";
import type { ReadLists } from "./read-lists.ts";
import { startThread, threadUrl, type StartedThread } from "./start-thread.ts";
import { readAnswer, type ThreadAnswer } from "./thread-answer.ts";

const workerUrl = threadUrl("load-worker", import.meta.url);

export const canLoadInThreads = workerUrl !== undefined;

/** A thread that reads lists on a connection of its own; its result is the kinds of lists that it took. */
export const startLoadThread = (task: LoadTask, signal: AbortSignal): StartedThread<ReadLists> =>
  startThread<ReadLists, ThreadAnswer<ReadLists>>(workerUrl!, task, signal, { onMessage: readAnswer });
