import { InvalidArgumentError, type Command } from "commander";
import { eventKinds, type EventKind } from "../../domain/events/change-event.ts";
import { MpiError } from "../../lib/errors.ts";
import type { EventFeed, FeedItem } from "../../domain/events/read-events.ts";
import { describeCommand, integer, type Act, type RegisterNoun } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { readContext } from "../read-context.ts";
import { readEventStart } from "./event-start.ts";

interface EventsFlags {
  readonly since?: string;
  readonly event?: readonly EventKind[];
  readonly limit?: number;
}

/** Registers `mpi events`. */
export const registerEvents: RegisterNoun = (events: Command, act: Act) => {
  describeCommand(events, {
    summary: "what has changed since a cursor, for followers",
    description:
      "The change feed: records created, updated, deleted, restored, merged, un-merged, linked, unlinked, and enterprise ids " +
      "that changed, in order. Give back the last cursor and nothing is missed and nothing comes twice, also under " +
      "concurrent writers: what is not decided yet waits. With --output ndjson the last line is a checkpoint with the cursor " +
      "to go on from, also when nothing happened. Events carry ids, never a patient's values.",
    examples: [
      { command: "mpi events --since now", does: "a cursor to begin with, after a full export" },
      { command: 'mpi events --since "$(cat feed.cursor)" --output ndjson', does: "what happened since" },
      {
        command: "mpi events --since 2026-11-01 --event merged --event unmerged",
        does: "merges of a time",
      },
    ],
  })
    .option("--since <cursor>", "where to begin: a cursor, beginning, now, or a day or time (UTC)")
    .option("--event <kind>", `only such; may be repeated: ${eventKinds.join(", ")}`, collectKind)
    .option("--limit <n>", "stop after so many events", integer({ min: 1 }))
    .action(act<EventsFlags>(showEvents));
};

function collectKind(text: string, earlier: readonly EventKind[] = []): readonly EventKind[] {
  const kind = eventKinds.find((each) => each === text);
  if (kind === undefined) throw new InvalidArgumentError(`It must be one of ${eventKinds.join(", ")}.`);
  return [...earlier, kind];
}

interface Line {
  readonly cursor: string;
  /** Absent: a checkpoint. */
  readonly item?: FeedItem;
}

async function showEvents(context: CommandContext, flags: EventsFlags): Promise<void> {
  const { openEventFeed } = await import("../../domain/events/read-events.ts");
  if (flags.since === undefined) {
    throw new MpiError(
      "usage",
      "Where does it begin? --since takes a cursor, beginning, now, or a day or time (UTC).",
      {
        hint: '"mpi events --since now" gives a cursor to go on from.',
      },
    );
  }
  const start = readEventStart(flags.since);
  const feed = await openEventFeed(await context.database(), await readContext(context, "EVENTS"), start);
  if (feed.isCut)
    context.warn("The feed does not go back to the first day: earlier months have been archived.");
  const position = { cursor: feed.cursor() };
  await context.output.list({
    columns,
    rows: listLines(feed, flags, position, context),
    json: ({ item, cursor }) =>
      item === undefined ? { event: "checkpoint", cursor } : { ...item.event, cursor },
    meta: () => ({ nextCursor: position.cursor }),
    empty: "Nothing has happened since.",
  });
  if (context.output.format !== "json") context.info(`Go on with --since ${position.cursor}`);
}

async function* listLines(
  feed: EventFeed,
  flags: EventsFlags,
  position: { cursor: string },
  context: CommandContext,
): AsyncGenerator<Line> {
  let left = flags.limit ?? Infinity;
  for await (const item of feed.items) {
    context.signal.throwIfAborted();
    position.cursor = item.cursor;
    if (flags.event !== undefined && !flags.event.includes(item.event.event)) continue;
    yield { cursor: item.cursor, item };
    left -= 1;
    if (left === 0) break;
  }
  if (left > 0) position.cursor = feed.cursor();
  if (context.output.format === "ndjson") yield { cursor: position.cursor };
}

const columns = [
  { key: "at", header: "When", value: ({ item }: Line) => item?.event.at },
  { key: "event", header: "Event", value: ({ item }: Line) => item?.event.event },
  { key: "patientId", header: "Record", value: ({ item }: Line) => item?.event.patientId },
  {
    key: "details",
    header: "Details",
    value: ({ item }: Line) => (item === undefined ? null : detailsOf(item)),
  },
  { key: "by", header: "By", value: ({ item }: Line) => item?.event.by },
  { key: "operation", header: "Operation", value: ({ item }: Line) => item?.event.operation },
  {
    key: "transactionId",
    header: "Transaction",
    value: ({ item }: Line) => item?.event.transactionId,
    machineOnly: true,
  },
  { key: "cursor", header: "Cursor", value: ({ cursor }: Line) => cursor, machineOnly: true },
];

function detailsOf({ event }: FeedItem): string {
  switch (event.event) {
    case "updated":
      return event.changed.join(", ");
    case "linked":
    case "unlinked":
      return `${event.linkType} ${event.otherPatientId}`;
    case "merged":
    case "unmerged":
      return `${event.event === "merged" ? "into" : "from"} ${event.survivorId}`;
    case "enterpriseIdChanged":
      return `${event.before} to ${event.after}`;
    case "created":
      return event.enterpriseId;
    default:
      return "";
  }
}
