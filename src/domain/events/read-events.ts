import { setTimeout as sleep } from "node:timers/promises";
import type { Database, Transaction } from "../../db/client.ts";
import {
  findArchivedUntil,
  findFirstIdSince,
  selectFeedHorizon,
  selectFeedRows,
  selectOldEpochEnd,
  type FeedHorizon,
  type FeedRow,
} from "../../db/queries/events.ts";
import { withTransaction } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { recordRead, type ReadContext } from "../audit/record-read.ts";
import {
  closeWindow,
  everyTransaction,
  formatCursor,
  openWindow,
  requireSameEpoch,
  startAt,
  type EventCursor,
} from "./event-cursor.ts";
import { toEvent, type ChangeEvent } from "./change-event.ts";

/** Where to begin: a cursor, the first event that is left, now, or a moment (ISO 8601). */
export type EventStart =
  | { readonly kind: "cursor"; readonly cursor: EventCursor }
  | { readonly kind: "beginning" }
  | { readonly kind: "now" }
  | { readonly kind: "time"; readonly time: string };

/** An event, and the cursor behind it. */
export interface FeedItem {
  readonly event: ChangeEvent;
  readonly cursor: string;
}

export interface EventFeed {
  /** In order; each is given out once. */
  readonly items: AsyncIterable<FeedItem>;
  /** The cursor behind all that was given out; behind everything once `items` is at its end. */
  cursor(): string;
  /** Months have left the audit trail, and with them events that would have come first. */
  readonly isCut: boolean;
}

/** Ids in one step: what is read at once is bounded by it. */
const blockSize = 65_536;

/**
 * Opens the change feed. Events of one record come in the order in which they happened; an event comes when its transaction
 * and all that began before are over, so that a follower that gives back the last cursor misses nothing and gets nothing
 * twice. That it was read is written down; events have ids only, so that they show nobody.
 *
 * @throws {MpiError} `conflict` where the cursor is another database's, or events behind it have been archived.
 */
export async function openEventFeed(
  db: Database,
  context: ReadContext,
  start: EventStart,
): Promise<EventFeed> {
  const mark = start.kind === "now" ? await awaitDecision(db, context) : undefined;
  const { first, horizon, isCut } = await atOneMoment(db, context, async (tx) => {
    const horizon = await selectFeedHorizon(tx);
    const archivedUntil = await findArchivedUntil(tx);
    const first = await findStart(tx, start, horizon, mark);
    if (start.kind === "cursor" && archivedUntil !== undefined && first.lowerAt < archivedUntil) {
      throw archived();
    }
    return { first, horizon, isCut: archivedUntil !== undefined && start.kind === "beginning" };
  });
  await withTransaction(db, context, (tx) =>
    recordRead(
      tx,
      context,
      { action: "EXPORT", entityType: "audit", details: { feed: "events", from: start.kind } },
      [],
    ),
  );
  let cursor = first;
  const items = async function* (): AsyncGenerator<FeedItem> {
    for (;;) {
      if (cursor.lower === cursor.upper) {
        const next = openWindow(cursor, horizon);
        if (BigInt(next.upper) <= BigInt(next.lower)) return;
        cursor = next;
      }
      for (let block = firstBlock(cursor); block * blockSize < cursor.top; block += 1) {
        const rows = await withTransaction(db, context, (tx) => selectFeedRows(tx, stretchOf(cursor, block)));
        for (const { row, within } of behind(cursor, rows)) {
          cursor = { ...cursor, id: row.id, within };
          yield { event: toEvent(row), cursor: formatCursor(cursor) };
        }
      }
      cursor = closeWindow(cursor);
    }
  };
  return { items: items(), cursor: () => formatCursor(cursor), isCut };
}

const atOneMoment = <T>(db: Database, context: ReadContext, work: (tx: Transaction) => Promise<T>) =>
  withTransaction(db, context, work, { isolationLevel: "repeatable read" });

const longestWait = 50;

/**
 * A moment such that all that was open then is over: what comes from now on has ids beyond its highest. Without it the
 * first read would have to look through the whole trail; undefined where somebody keeps a transaction open.
 */
async function awaitDecision(db: Database, context: ReadContext): Promise<FeedHorizon | undefined> {
  const mark = await atOneMoment(db, context, selectFeedHorizon);
  if (mark.nextXid === null) return undefined;
  for (let round = 0; round < longestWait; round += 1) {
    const { xmin } = await atOneMoment(db, context, selectFeedHorizon);
    if (BigInt(xmin) >= BigInt(mark.nextXid)) return mark;
    await sleep(100);
  }
  return undefined;
}

async function findStart(
  tx: Transaction,
  start: EventStart,
  horizon: FeedHorizon,
  mark: FeedHorizon | undefined,
): Promise<EventCursor> {
  if (start.kind === "cursor") {
    requireSameEpoch(start.cursor, horizon);
    return start.cursor;
  }
  const oldEnd = await selectOldEpochEnd(tx, horizon.xmax);
  if (start.kind === "now") return startAt(horizon, horizon.xmin, Math.max(oldEnd, mark?.topId ?? 0));
  const floor =
    start.kind === "beginning" ? 0 : ((await findFirstIdSince(tx, start.time)) ?? horizon.topId + 1) - 1;
  const fresh = startAt(horizon, "0", Math.max(floor, oldEnd));
  // What a restore brought along is decided, whatever its transaction ids say.
  return floor >= oldEnd ? fresh : { ...fresh, floor, top: oldEnd, upper: everyTransaction };
}

const firstBlock = (cursor: EventCursor) => Math.floor(Math.max(cursor.floor, cursor.id - 1) / blockSize);

const stretchOf = ({ lower, upper, floor, top }: EventCursor, block: number) => ({
  afterId: Math.max(floor, block * blockSize),
  lastId: Math.min(top, (block + 1) * blockSize),
  lower,
  upper,
});

/** The rows that are not done yet, each with its place among those of the same id. */
function* behind(
  cursor: EventCursor,
  rows: readonly FeedRow[],
): Generator<{ readonly row: FeedRow; readonly within: number }> {
  let [id, within] = [0, 0];
  for (const row of rows) {
    [id, within] = row.id === id ? [id, within + 1] : [row.id, 1];
    if (id > cursor.id || (id === cursor.id && within > cursor.within)) yield { row, within };
  }
}

const archived = () =>
  new MpiError(
    "conflict",
    "Events behind that cursor have left the audit trail with a month that was archived.",
    {
      hint: "Bring the follower up to date with a full export, then go on from --since now.",
      details: { reason: "archived" },
    },
  );
