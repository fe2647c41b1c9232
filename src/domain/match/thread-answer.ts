import { parentPort } from "node:worker_threads";
import { MpiError, type MpiErrorCode } from "../../lib/errors.ts";

/** What a thread tells that works on a connection of its own: its result, or a failure that may be told. */
export type ThreadAnswer<T> =
  | { readonly kind: "done"; readonly value: T }
  | {
      readonly kind: "refused";
      readonly code: MpiErrorCode;
      readonly message: string;
      readonly hint?: string;
    };

/** In the thread: does the work and tells how it went. Any other failure ends the thread. */
export async function answerWith<T>(work: () => Promise<T>): Promise<void> {
  const post = (answer: ThreadAnswer<T>) => parentPort?.postMessage(answer);
  try {
    post({ kind: "done", value: await work() });
  } catch (error) {
    if (!(error instanceof MpiError)) throw error;
    const { code, message, hint } = error;
    post({ kind: "refused", code, message, ...(hint === undefined ? {} : { hint }) });
  }
}

/** @throws {MpiError} the failure that the thread told. */
export function readAnswer<T>(answer: ThreadAnswer<T>): T {
  if (answer.kind === "done") return answer.value;
  const { code, message, hint } = answer;
  throw new MpiError(code, message, hint === undefined ? {} : { hint });
}
