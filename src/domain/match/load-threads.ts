import { MpiError } from "../../lib/errors.ts";
import type { LoadMessage, LoadTask } from "./load-worker.ts";
import type { ReadLists } from "./read-lists.ts";
import { startThread, threadUrl, type StartedThread } from "./start-thread.ts";

const workerUrl = threadUrl("load-worker", import.meta.url);

export const canLoadInThreads = workerUrl !== undefined;

/** A thread that reads lists on a connection of its own; its result is the kinds of lists that it took. */
export const startLoadThread = (task: LoadTask, signal: AbortSignal): StartedThread<ReadLists> =>
  startThread<ReadLists, LoadMessage>(workerUrl!, task, signal, {
    onMessage: (message) => {
      if (message.kind === "lists") return message.lists;
      const { code, message: text, hint } = message;
      throw new MpiError(code, text, hint === undefined ? {} : { hint });
    },
  });
