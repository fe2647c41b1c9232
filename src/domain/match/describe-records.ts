import { describeStore, describeValues, type StoreTraits } from "../../matching/compare/store-traits.ts";
import type { RecordStore } from "../../matching/store/record-store.ts";
import { shareTraits } from "./share-traits.ts";
import { startThread, threadUrl } from "./start-thread.ts";

const workerUrl = threadUrl("digest-worker", import.meta.url);

/**
 * describeStore, in memory that threads can share; where the records are many, a second thread does those while this
 * one does the values.
 */
export async function describeRecords(
  store: RecordStore,
  threads: number,
  signal: AbortSignal,
): Promise<StoreTraits> {
  if (threads < 2 || workerUrl === undefined) return shareTraits(describeStore(store));
  const { result: digests, stop } = startThread<Int32Array>(workerUrl, store, signal);
  try {
    const values = describeValues(store);
    return shareTraits({ ...values, digests: await digests });
  } finally {
    stop();
  }
}
