import { parentPort, workerData } from "node:worker_threads";
import type { ConnectionTarget } from "../../db/client.ts";
import { withCopyConnection } from "../../db/copy.ts";
import { joinSnapshot } from "../../db/queries/match-tables.ts";
import { MpiError, type MpiErrorCode } from "../../lib/errors.ts";
import { ListBuilder } from "../../matching/store/list-builder.ts";
import type { OwnerTable } from "../../matching/store/record-ids.ts";
import { listOptions, type ListSettings } from "./list-settings.ts";
import { readLists, type ReadLists } from "./read-lists.ts";

/** What a thread is given; the owners are memory that all of them share. */
export interface LoadTask {
  readonly target: ConnectionTarget;
  /** Of the transaction in which the other thread reads. */
  readonly snapshot: string;
  readonly settings: ListSettings;
  readonly owners: OwnerTable;
  /** The next kind of lists to read. */
  readonly nextKind: Int32Array;
}

export type LoadMessage =
  | { readonly kind: "lists"; readonly lists: ReadLists }
  /** What may be told; anything else ends the thread. */
  | {
      readonly kind: "refused";
      readonly code: MpiErrorCode;
      readonly message: string;
      readonly hint?: string;
    };

// workerData is what startLoadThread passed.
const { target, snapshot, settings, owners, nextKind } = workerData as LoadTask;

const post = (message: LoadMessage) => parentPort?.postMessage(message);

try {
  const lists = await withCopyConnection(target, async (connection) => {
    await joinSnapshot(connection, snapshot);
    const builder = new ListBuilder(listOptions(settings), owners);
    return readLists(connection, "all", builder, () => Atomics.add(nextKind, 0, 1));
  });
  post({ kind: "lists", lists });
} catch (error) {
  if (!(error instanceof MpiError)) throw error;
  const { code, message, hint } = error;
  post({ kind: "refused", code, message, ...(hint === undefined ? {} : { hint }) });
}
