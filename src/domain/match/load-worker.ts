import { workerData } from "node:worker_threads";
import type { ConnectionTarget } from "../../db/client.ts";
import { withCopyConnection } from "../../db/copy.ts";
import { joinSnapshot } from "../../db/queries/match-tables.ts";
import { ListBuilder } from "../../matching/store/list-builder.ts";
import type { OwnerTable } from "../../matching/store/record-ids.ts";
import { listOptions, type ListSettings } from "./list-settings.ts";
import { readLists } from "./read-lists.ts";
import { answerWith } from "./thread-answer.ts";

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

// workerData is what startLoadThread passed.
const { target, snapshot, settings, owners, nextKind } = workerData as LoadTask;

await answerWith(() =>
  withCopyConnection(target, async (connection) => {
    await joinSnapshot(connection, snapshot);
    const builder = new ListBuilder(listOptions(settings), owners);
    return readLists(connection, "all", builder, () => Atomics.add(nextKind, 0, 1));
  }),
);
