import type { Database } from "../../../db/client.ts";
import { selectRecordNames, type RecordNames } from "../../../db/queries/record-names.ts";
import { withAuditedRead, type ReadContext } from "../../audit/record-read.ts";
import type { ChangeEvent } from "../../events/change-event.ts";
import type { EventFeed } from "../../events/read-events.ts";
import { exportedTypes, writeMessage, type LinkMessage, type Sender } from "./write-message.ts";

/** What joins or parts two records. */
type LinkEvent = Extract<ChangeEvent, { readonly event: "merged" | "unmerged" | "linked" | "unlinked" }>;

export interface ExportedMessage {
  readonly event: LinkMessage["event"];
  readonly text: string;
}

const isLinkEvent = (event: ChangeEvent): event is LinkEvent =>
  event.event === "merged" ||
  event.event === "unmerged" ||
  event.event === "linked" ||
  event.event === "unlinked";

/** Events that are gathered before messages are made of them. */
const batchSize = 2000;
/** A transaction that has an event among so many last ones may have more to come. */
const heldBack = 500;

/**
 * Merges and links of the change feed as ADT messages: A40 for a merge, A24 for a link, A37 for a link or merge that was
 * taken back. Every record that a message names is written to the audit trail before it is given out.
 *
 * What belongs to one transaction comes in the order in which it can be repeated: first what is taken back, then
 * links, then merges. A link that a merge took the place of is not taken back first: that would say that the two are different.
 */
export async function* exportLinks(
  db: Database,
  context: ReadContext,
  feed: EventFeed,
  sender: Sender,
): AsyncGenerator<ExportedMessage> {
  let gathered: LinkEvent[] = [];
  for await (const { event } of feed.items) {
    if (isLinkEvent(event)) gathered.push(event);
    if (gathered.length < batchSize) continue;
    const open = new Set(gathered.slice(-heldBack).map(({ transactionId }) => transactionId));
    yield* writeAll(
      db,
      context,
      gathered.filter(({ transactionId }) => !open.has(transactionId)),
      sender,
    );
    gathered = gathered.filter(({ transactionId }) => open.has(transactionId));
    // One transaction alone fills it: a run that links very many, which merges nothing.
    if (gathered.length < batchSize) continue;
    yield* writeAll(db, context, gathered, sender);
    gathered = [];
  }
  yield* writeAll(db, context, gathered, sender);
}

async function* writeAll(
  db: Database,
  context: ReadContext,
  events: readonly LinkEvent[],
  sender: Sender,
): AsyncGenerator<ExportedMessage> {
  if (events.length === 0) return;
  const wanted = [...new Set(events.flatMap((event) => [event.patientId, otherOf(event)]))];
  const names = await withAuditedRead(
    db,
    context,
    { action: "EXPORT", details: { format: "hl7" } },
    async (tx) => {
      const result = await selectRecordNames(tx, wanted, exportedTypes);
      return { result, ids: [...result.keys()] };
    },
  );
  for (const event of orderForRepetition(events)) {
    const message = toMessage(event, names);
    if (message !== undefined) yield { event: message.event, text: writeMessage(message, sender) };
  }
}

const otherOf = (event: LinkEvent) => ("survivorId" in event ? event.survivorId : event.otherPatientId);

const ranks = { unmerged: 0, unlinked: 1, linked: 2, merged: 3 } as const;

function orderForRepetition(events: readonly LinkEvent[]): readonly LinkEvent[] {
  // A transaction stands where its last event does.
  const transactions = new Map<string, LinkEvent[]>();
  for (const event of events) {
    const own = transactions.get(event.transactionId) ?? [];
    transactions.delete(event.transactionId);
    transactions.set(event.transactionId, [...own, event]);
  }
  return [...transactions.values()].flatMap((own) => {
    const merged = new Set(own.filter(({ event }) => event === "merged").map(pairKey));
    return own
      .filter((event) => event.event !== "unlinked" || !merged.has(pairKey(event)))
      .sort((a, b) => ranks[a.event] - ranks[b.event]);
  });
}

const pairKey = (event: LinkEvent) => [event.patientId, otherOf(event)].sort().join();

function toMessage(event: LinkEvent, names: ReadonlyMap<string, RecordNames>): LinkMessage | undefined {
  const [record, other] = [names.get(event.patientId), names.get(otherOf(event))];
  // Nothing deletes records for good; a row that is gone all the same cannot be named.
  if (record === undefined || other === undefined) return undefined;
  const { at } = event;
  switch (event.event) {
    case "merged":
      return { event: "A40", first: other, second: record, at, controlId: `M${shortId(event.mergeId)}` };
    case "unmerged":
      return { event: "A37", first: record, second: other, at, controlId: `U${shortId(event.mergeId)}` };
    case "linked":
    case "unlinked":
      return {
        event: event.event === "linked" ? "A24" : "A37",
        first: record,
        second: other,
        at,
        controlId: `${event.event === "linked" ? "L" : "S"}${event.transactionId}-${shortId(event.patientId).slice(0, 4)}${shortId(event.otherPatientId).slice(0, 4)}`,
      };
  }
}

/** MSH-10 has room for 20 characters in older receivers. */
const shortId = (id: string) => id.replaceAll("-", "").slice(0, 19);
