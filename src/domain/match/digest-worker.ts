import { parentPort, workerData } from "node:worker_threads";
import { digestRows } from "../../matching/score/row-digests.ts";
import type { RecordStore } from "../../matching/store/record-store.ts";

// workerData is what describeRecords passed; what is posted is memory that threads share.
parentPort?.postMessage(digestRows(workerData as RecordStore));
