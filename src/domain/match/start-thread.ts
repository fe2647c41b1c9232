import { Worker, type ResourceLimits } from "node:worker_threads";

export interface StartedThread<T> {
  readonly result: Promise<T>;
  readonly post: (message: unknown) => void;
  readonly stop: () => void;
}

export interface ThreadOptions<T, Message> {
  /** Takes each message, and gives the result once it is there; what it throws is what the result rejects with. */
  readonly onMessage?: (message: Message) => T | undefined;
  readonly resourceLimits?: ResourceLimits;
  /** Memory of workerData that is given away. */
  readonly transferred?: readonly ArrayBuffer[];
}

/** Where a thread's module is: Node runs the compiled file alone, so from the sources there is one thread. */
export const threadUrl = (name: string, from: string): URL | undefined =>
  from.endsWith(".ts") ? undefined : new URL(`./${name}.js`, from);

/** Starts a thread. Its result is the first message that it posts, or what `onMessage` makes of its messages. */
export function startThread<T, Message = T>(
  url: URL,
  workerData: unknown,
  signal: AbortSignal,
  { onMessage, resourceLimits = {}, transferred = [] }: ThreadOptions<T, Message> = {},
): StartedThread<T> {
  const worker = new Worker(url, { workerData, resourceLimits, transferList: [...transferred] });
  const stop = () => void worker.terminate();
  signal.addEventListener("abort", stop, { once: true });
  const result = new Promise<T>((resolve, reject) => {
    worker.on("message", (message: Message) => {
      try {
        const value = onMessage === undefined ? (message as unknown as T) : onMessage(message);
        if (value !== undefined) resolve(value);
      } catch (error) {
        reject(error instanceof Error ? error : new Error("A message could not be taken."));
      }
    });
    worker.on("error", reject);
    worker.on("exit", (code) => {
      signal.removeEventListener("abort", stop);
      // After a result this changes nothing.
      reject(signal.aborted ? (signal.reason as Error) : new Error(`A thread ended with ${String(code)}.`));
    });
  });
  // Whoever stops it does not wait for the result.
  result.catch(() => undefined);
  return { result, post: (message) => worker.postMessage(message), stop };
}
