import { Worker } from "node:worker_threads";
import { MpiError } from "../../lib/errors.ts";
import type { LoadMessage, LoadTask } from "./load-worker.ts";
import type { ReadLists } from "./read-lists.ts";
import { threadUrl } from "./start-thread.ts";

const workerUrl = threadUrl("load-worker", import.meta.url);

export const canLoadInThreads = workerUrl !== undefined;

export interface LoadThread {
  /** The kinds of lists that it took. */
  readonly lists: Promise<ReadLists>;
  stop(): void;
}

/** A thread that reads lists on a connection of its own. */
export function startLoadThread(task: LoadTask, signal: AbortSignal): LoadThread {
  const worker = new Worker(workerUrl!, { workerData: task });
  const stop = () => void worker.terminate();
  signal.addEventListener("abort", stop, { once: true });
  const lists = new Promise<ReadLists>((resolve, reject) => {
    worker.on("message", (message: LoadMessage) => {
      if (message.kind === "lists") resolve(message.lists);
      else
        reject(
          new MpiError(
            message.code,
            message.message,
            message.hint === undefined ? {} : { hint: message.hint },
          ),
        );
    });
    worker.on("error", reject);
    worker.on("exit", (code) => {
      signal.removeEventListener("abort", stop);
      // After a result this changes nothing.
      reject(
        signal.aborted ? (signal.reason as Error) : new Error(`A loading thread ended with ${String(code)}.`),
      );
    });
  });
  // Whoever stops it does not wait for them.
  lists.catch(() => undefined);
  return { lists, stop };
}
