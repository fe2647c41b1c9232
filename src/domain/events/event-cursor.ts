import type { FeedHorizon } from "../../db/queries/events.ts";
import { MpiError } from "../../lib/errors.ts";

/**
 * A place in the change feed. The feed goes in windows: each covers the transactions from `lower` up to below `upper`,
 * all of which were over when it was opened, in order of the audit trail's ids. A transaction that is late is not
 * passed by: the window that follows begins where this one ends, whatever ids its rows have.
 */
export interface EventCursor {
  readonly epoch: string;
  readonly lower: string;
  readonly upper: string;
  /** No row of a transaction from `lower` on has an id up to this one. */
  readonly floor: number;
  /** The highest id that the window can have. */
  readonly top: number;
  /** Events up to this id are done; and of those at the id itself, so many. */
  readonly id: number;
  readonly within: number;
  /** Transactions from `pendingXid` on have no id up to `pendingId`; "0" where nothing is known. */
  readonly pendingXid: string;
  readonly pendingId: number;
  /** When `lower` and `upper` were fixed, in seconds since 1970. */
  readonly lowerAt: number;
  readonly upperAt: number;
}

/** Beyond every transaction: the window of an epoch that is over. */
export const everyTransaction = "18446744073709551615";

const version = "e1";
const pack = (value: string | number) => BigInt(value).toString(36);
const unpack = (text: string) => {
  let value = 0n;
  for (const digit of text) value = value * 36n + BigInt(parseInt(digit, 36));
  return value;
};

/** As text that users keep and give back; what is in it is nobody's business but ours. */
export const formatCursor = (cursor: EventCursor): string =>
  [
    version,
    ...[cursor.epoch, cursor.lower, cursor.upper, cursor.floor, cursor.top, cursor.id, cursor.within].map(
      pack,
    ),
    ...[cursor.pendingXid, cursor.pendingId, cursor.lowerAt, cursor.upperAt].map(pack),
  ].join("-");

/** Undefined where the text is no cursor. */
export function parseCursor(text: string): EventCursor | undefined {
  if (!/^e1(?:-[0-9a-z]{1,13}){11}$/.test(text)) return undefined;
  const parts = text.split("-").slice(1).map(unpack);
  const [epoch, lower, upper, floor, top, id, within, pendingXid, pendingId, lowerAt, upperAt] =
    parts.map(String);
  return {
    epoch: epoch!,
    lower: lower!,
    upper: upper!,
    floor: Number(floor),
    top: Number(top),
    id: Number(id),
    within: Number(within),
    pendingXid: pendingXid!,
    pendingId: Number(pendingId),
    lowerAt: Number(lowerAt),
    upperAt: Number(upperAt),
  };
}

const isAtLeast = (a: string, b: string) => BigInt(a) >= BigInt(b);

/** The cursor at the end of its window: everything of it is done. */
export const closeWindow = (cursor: EventCursor): EventCursor =>
  cursor.upper === everyTransaction
    ? { ...cursor, lower: "0", upper: "0", floor: cursor.top, id: 0, within: 0 }
    : {
        ...cursor,
        lower: cursor.upper,
        lowerAt: cursor.upperAt,
        id: 0,
        within: 0,
        ...raiseFloor(cursor, cursor.upper),
      };

const raiseFloor = (cursor: EventCursor, lower: string) =>
  cursor.pendingXid !== "0" && isAtLeast(lower, cursor.pendingXid)
    ? { floor: Math.max(cursor.floor, cursor.pendingId), pendingXid: "0", pendingId: 0 }
    : {};

/** Opens the window behind a closed one: up to all that is decided now. */
export function openWindow(closed: EventCursor, horizon: FeedHorizon): EventCursor {
  const mark =
    closed.pendingXid !== "0" || horizon.nextXid === null
      ? {}
      : { pendingXid: horizon.nextXid, pendingId: horizon.topId };
  return { ...closed, ...mark, upper: horizon.xmin, upperAt: horizon.at, top: horizon.topId };
}

/** A cursor from which everything is ahead that comes from here on; `floor`: see EventCursor. */
export const startAt = (horizon: FeedHorizon, lower: string, floor: number): EventCursor => ({
  epoch: horizon.epoch,
  lower,
  upper: lower,
  floor,
  top: 0,
  id: 0,
  within: 0,
  pendingXid: "0",
  pendingId: 0,
  lowerAt: horizon.at,
  upperAt: horizon.at,
});

/** @throws {MpiError} `conflict` where the cursor is another database's, or from the future of this one. */
export function requireSameEpoch(cursor: EventCursor, horizon: FeedHorizon): void {
  if (
    cursor.epoch === horizon.epoch &&
    (cursor.upper === everyTransaction || isAtLeast(horizon.xmax, cursor.upper))
  )
    return;
  throw new MpiError(
    "conflict",
    "That cursor is not of this database as it is now: it is another one, or was restored since.",
    {
      hint: "Bring the follower up to date with a full export, then go on from --since now.",
      details: { reason: "other-epoch" },
    },
  );
}
