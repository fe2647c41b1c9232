import { Worker } from "node:worker_threads";
import { packKeyPages, pageBitsFor, type KeyPages } from "../../matching/blocking/key-pages.ts";
import {
  joinScores,
  scoreRules,
  type PartialScores,
  type StoreScores,
} from "../../matching/bulk/score-store.ts";
import type { StoreTraits } from "../../matching/compare/store-traits.ts";
import type { CompiledModel } from "../../matching/model/compile-model.ts";
import type { LoadedRecords } from "./load-store.ts";
import type { ScoreMessage, ScoreTask } from "./score-worker.ts";
import { shareTraits } from "./share-traits.ts";
import { threadUrl } from "./start-thread.ts";

export interface ScoreOptions {
  /** describeStore of the store. */
  readonly traits: StoreTraits;
  /** Probability from which pairs are kept; those above the review line always are. */
  readonly keepFrom: number;
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Takes the blocking keys of all records, rule by rule; absent: they are not wanted. */
  readonly onKeys?: ((pages: KeyPages) => void) | undefined;
}

/** Scores every candidate pair once. The result does not depend on the number of threads. */
export async function scoreRecords(
  { ids, store }: LoadedRecords,
  compiled: CompiledModel,
  options: ScoreOptions,
): Promise<StoreScores> {
  const { traits, keepFrom, onKeys } = options;
  const pageBits = pageBitsFor(store.size);
  const prefixes = onKeys === undefined ? new Int32Array(0) : ids.copyPrefixes();
  if (options.threads <= 1 || workerUrl === undefined) {
    const taken = { rules: 0 };
    const scores = scoreRules(
      { store, traits, compiled, keepFrom },
      () => taken.rules++,
      onKeys === undefined
        ? undefined
        : (rule, keys, rows, count) => onKeys(packKeyPages(rule, keys, rows, count, pageBits, prefixes)),
    );
    return joinScores([scores], store.size);
  }
  const task: ScoreTask = {
    store,
    traits: shareTraits(traits),
    model: compiled.model,
    calibration: compiled.calibration,
    keepFrom,
    taken: new Int32Array(new SharedArrayBuffer(4)),
    keys: onKeys === undefined ? null : { prefixes, pageBits },
  };
  const parts = await Promise.all(
    Array.from({ length: options.threads }, () => runThread(task, options.signal, onKeys)),
  );
  return joinScores(parts, store.size);
}

const workerUrl = threadUrl("score-worker", import.meta.url);

function runThread(
  task: ScoreTask,
  signal: AbortSignal,
  onKeys: ((pages: KeyPages) => void) | undefined,
): Promise<PartialScores> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl!, {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: 4096 },
    });
    const stop = () => void worker.terminate();
    signal.addEventListener("abort", stop, { once: true });
    worker.on("message", (message: ScoreMessage) => {
      if (message.kind === "pages") onKeys?.(message.pages);
      else resolve(message.scores);
    });
    worker.on("error", reject);
    worker.on("exit", (code) => {
      signal.removeEventListener("abort", stop);
      // After a result this changes nothing.
      reject(
        signal.aborted ? (signal.reason as Error) : new Error(`A scoring thread ended with ${String(code)}.`),
      );
    });
  });
}
