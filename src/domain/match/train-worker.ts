import { parentPort, workerData } from "node:worker_threads";
import type { StoreTraits } from "../../matching/compare/store-traits.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import type { RecordStore } from "../../matching/store/record-store.ts";
import { collectCandidates, type SamplingOptions } from "../../matching/training/sample-candidates.ts";

/** What the thread is given; the store and the traits are memory that both share. */
export interface SamplingTask {
  readonly store: RecordStore;
  readonly traits: StoreTraits;
  readonly model: MatchModel;
  readonly options: SamplingOptions;
}

// workerData is what trainRecords passed.
const { store, traits, model, options } = workerData as SamplingTask;

parentPort?.postMessage(collectCandidates(store, traits, model, options));
