import { describeStore, describeValues, type StoreTraits } from "../../matching/compare/store-traits.ts";
import { digestStretches, roomForDigests } from "../../matching/score/row-digests.ts";
import type { RecordStore } from "../../matching/store/record-store.ts";
import type { DigestTask } from "./digest-worker.ts";
import { shareTraits } from "./share-traits.ts";
import { startThread, threadUrl } from "./start-thread.ts";

const workerUrl = threadUrl("digest-worker", import.meta.url);

/**
 * describeStore, in memory that threads can share; where the records are many, a second thread begins with those while
 * this one does the values.
 */
export async function describeRecords(
  store: RecordStore,
  threads: number,
  signal: AbortSignal,
): Promise<StoreTraits> {
  if (threads < 2 || workerUrl === undefined) return shareTraits(describeStore(store));
  const digests = roomForDigests(store);
  const taken = new Int32Array(new SharedArrayBuffer(4));
  const task: DigestTask = { store, digests, taken };
  const { result: isDone, stop } = startThread(workerUrl, task, signal);
  try {
    const values = describeValues(store);
    digestStretches(store, digests, () => Atomics.add(taken, 0, 1));
    await isDone;
    return shareTraits({ ...values, digests });
  } finally {
    stop();
  }
}
