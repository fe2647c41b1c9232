import { Worker } from "node:worker_threads";
import { describeStore, type StoreTraits } from "../../matching/compare/store-traits.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import type { RecordStore } from "../../matching/store/record-store.ts";
import type { CollectedCandidates } from "../../matching/training/sample-candidates.ts";
import {
  beginTraining,
  samplingOptions,
  trainModel,
  type TrainingOptions,
  type TrainingResult,
} from "../../matching/training/train.ts";
import { chooseThreads } from "./choose-threads.ts";
import { shareTraits } from "./share-traits.ts";
import type { SamplingTask } from "./train-worker.ts";

/** Node runs the compiled file alone: from the sources there is one thread. */
const workerUrl = import.meta.url.endsWith(".ts") ? undefined : new URL("./train-worker.js", import.meta.url);

/**
 * trainModel, whose candidate pairs a second thread collects where the records are many. The result does not depend on it.
 *
 * @param threads absent: as many as are worth it.
 * @param traits describeStore of the store.
 */
export async function trainRecords(
  store: RecordStore,
  model: MatchModel,
  options: TrainingOptions,
  signal: AbortSignal,
  threads = chooseThreads(store.size),
  traits: StoreTraits = describeStore(store),
): Promise<TrainingResult> {
  if (threads < 2 || workerUrl === undefined) return trainModel(store, model, options, traits);
  const task = { store, traits: shareTraits(traits), model, options: samplingOptions(options) };
  const { candidates, stop } = collectInThread(workerUrl, task, signal);
  try {
    const finish = beginTraining(store, model, options, traits);
    return finish(await candidates);
  } finally {
    stop();
  }
}

function collectInThread(
  url: URL,
  task: SamplingTask,
  signal: AbortSignal,
): { readonly candidates: Promise<CollectedCandidates>; readonly stop: () => void } {
  const worker = new Worker(url, { workerData: task });
  const stop = () => void worker.terminate();
  signal.addEventListener("abort", stop, { once: true });
  const candidates = new Promise<CollectedCandidates>((resolve, reject) => {
    worker.on("message", resolve);
    worker.on("error", reject);
    worker.on("exit", (code) => {
      signal.removeEventListener("abort", stop);
      // After a result this changes nothing.
      reject(
        signal.aborted
          ? (signal.reason as Error)
          : new Error(`A training thread ended with ${String(code)}.`),
      );
    });
  });
  // Whoever stops it does not wait for them.
  candidates.catch(() => undefined);
  return { candidates, stop };
}
