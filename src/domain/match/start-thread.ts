import { Worker } from "node:worker_threads";

export interface StartedThread<T> {
  /** What the thread posts first. */
  readonly result: Promise<T>;
  readonly stop: () => void;
}

/** Where a thread's module is: Node runs the compiled file alone, so from the sources there is one thread. */
export const threadUrl = (name: string, from: string): URL | undefined =>
  from.endsWith(".ts") ? undefined : new URL(`./${name}.js`, from);

/** Starts a thread that works on its own and posts one result. */
export function startThread<T>(url: URL, workerData: unknown, signal: AbortSignal): StartedThread<T> {
  const worker = new Worker(url, { workerData });
  const stop = () => void worker.terminate();
  signal.addEventListener("abort", stop, { once: true });
  const result = new Promise<T>((resolve, reject) => {
    worker.on("message", resolve);
    worker.on("error", reject);
    worker.on("exit", (code) => {
      signal.removeEventListener("abort", stop);
      // After a result this changes nothing.
      reject(signal.aborted ? (signal.reason as Error) : new Error(`A thread ended with ${String(code)}.`));
    });
  });
  // Whoever stops it does not wait for the result.
  result.catch(() => undefined);
  return { result, stop };
}
