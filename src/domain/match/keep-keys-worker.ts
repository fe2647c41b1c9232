import { workerData } from "node:worker_threads";
import type { ConnectionTarget } from "../../db/client.ts";
import type { KeyPages } from "../../matching/blocking/key-pages.ts";
import { storeKeyPages } from "./keep-keys.ts";
import { answerWith } from "./thread-answer.ts";

/** What the thread is given; the entries of the pages are its own. */
export interface KeepKeysTask {
  readonly target: ConnectionTarget;
  readonly pages: readonly KeyPages[];
}

// workerData is what keepKeys passed.
const { target, pages } = workerData as KeepKeysTask;
await answerWith(() => storeKeyPages(target, pages));
