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
import { startThread, threadUrl } from "./start-thread.ts";
import type { SamplingTask } from "./train-worker.ts";

const workerUrl = threadUrl("train-worker", import.meta.url);

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
  const task: SamplingTask = { store, traits: shareTraits(traits), model, options: samplingOptions(options) };
  const { result: candidates, stop } = startThread<CollectedCandidates>(workerUrl, task, signal);
  try {
    const finish = beginTraining(store, model, options, traits);
    return finish(await candidates);
  } finally {
    stop();
  }
}
