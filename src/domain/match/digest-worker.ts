import { parentPort, workerData } from "node:worker_threads";
import { digestStretches } from "../../matching/score/row-digests.ts";
import type { RecordStore } from "../../matching/store/record-store.ts";

/** What the thread is given: memory that both share. */
export interface DigestTask {
  readonly store: RecordStore;
  readonly digests: Int32Array;
  /** How many stretches of records have been taken. */
  readonly taken: Int32Array;
}

// workerData is what describeRecords passed.
const { store, digests, taken } = workerData as DigestTask;
digestStretches(store, digests, () => Atomics.add(taken, 0, 1));
parentPort?.postMessage("done");
