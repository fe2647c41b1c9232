import type { Database } from "../../db/client.ts";
import {
  countQueue,
  selectEntryIdsByPrefix,
  selectQueue,
  type QueueFilter,
  type QueueOrder,
  type QueueRow,
} from "../../db/queries/review-queue.ts";
import { withTransaction } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { withAuditedRead, type ReadContext } from "../audit/record-read.ts";

export type { QueueFilter, QueueKind, QueueOrder, QueueRow } from "../../db/queries/review-queue.ts";

export interface QueuePage {
  readonly entries: readonly QueueRow[];
  readonly total: number;
  /** False where there are more than were counted. */
  readonly totalIsExact: boolean;
}

export interface QueueRequest {
  readonly filter: QueueFilter;
  readonly order: QueueOrder;
  readonly limit: number;
  readonly offset: number;
}

/** Counting stops here; nobody reads further. */
export const countedAtMost = 1000;

/** A page of what waits for decisions. That these records were shown is written down. */
export function listQueue(db: Database, context: ReadContext, request: QueueRequest): Promise<QueuePage> {
  const details = { list: "review" };
  return withAuditedRead(db, context, { action: "READ", details }, async (tx) => {
    const entries = await selectQueue(tx, request.filter, request);
    const counted = await countQueue(tx, request.filter, countedAtMost + 1);
    const ids = entries.flatMap((entry) => [entry.aId, ...(entry.bId === null ? [] : [entry.bId])]);
    return {
      result: { entries, total: Math.min(counted, countedAtMost), totalIsExact: counted <= countedAtMost },
      ids,
    };
  });
}

/** What an id, or the beginning of one, names in the queue. */
export interface EntryName {
  readonly id: string;
  readonly isQuarantine: boolean;
}

const shortestPrefix = 4;

/** @throws {MpiError} `usage`, `not-found` */
export async function findEntry(db: Database, context: ReadContext, text: string): Promise<EntryName> {
  const digits = text.trim().replaceAll("-", "").toLowerCase();
  if (!/^[0-9a-f]{4,32}$/.test(digits)) {
    throw new MpiError(
      "usage",
      `An entry is named by its id or the first ${shortestPrefix} characters or more of it.`,
      {
        hint: "mpi review list shows the ids.",
      },
    );
  }
  const found = await withTransaction(db, context, (tx) => selectEntryIdsByPrefix(tx, digits, 2));
  if (found.length > 1) {
    throw new MpiError(
      "usage",
      `That names more than one entry: ${found.map((each) => each.id).join(", ")}.`,
    );
  }
  const [entry] = found;
  if (entry === undefined) throw new MpiError("not-found", "No entry has an id that begins like this.");
  return entry;
}
