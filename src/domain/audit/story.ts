import type { AuditEntry } from "./audit-history.ts";
import type { FieldChange } from "./field-changes.ts";

/** One thing that happened within an operation, told once however many rows of the trail tell it. */
export interface StoryEvent {
  readonly kind: "added" | "changed" | "removed" | "moved" | "read" | "searched" | "exported" | "told";
  /** The table without its family's name: `name`, `identifier`, `link`; `record` for the patient itself. */
  readonly what: string;
  /** The records it is about; of a move, from where and to where. */
  readonly of: readonly string[];
  readonly changes: readonly FieldChange[];
}

/** All that one transaction did, in the order in which it did it. */
export interface Story {
  readonly transactionId: string;
  readonly timestamp: string;
  readonly userId: string;
  readonly databaseUser: string;
  readonly operation: string | null;
  readonly reason: string | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly events: readonly StoryEvent[];
}

/**
 * Turns entries, newest first, into stories, newest first: the rows of one transaction together; a row that is written
 * into the history of two records told once; and a row that left one record and came to another as a move.
 */
export function tellStories(entries: readonly AuditEntry[]): readonly Story[] {
  const groups: AuditEntry[][] = [];
  for (const entry of entries) {
    const group = groups.at(-1);
    if (group?.[0]?.transactionId === entry.transactionId && isSameTeller(group[0], entry)) group.push(entry);
    else groups.push([entry]);
  }
  return groups.map((group) => {
    const inOrder = [...group].reverse();
    const { transactionId, timestamp, userId, databaseUser, operation, reason, ipAddress, userAgent } =
      inOrder[0]!;
    const events = listEvents(inOrder);
    return {
      transactionId,
      timestamp,
      userId,
      databaseUser,
      operation,
      reason,
      ipAddress,
      userAgent,
      events,
    };
  });
}

const isSameTeller = (a: AuditEntry, b: AuditEntry) => a.userId === b.userId && a.operation === b.operation;

function listEvents(entries: readonly AuditEntry[]): readonly StoryEvent[] {
  const rows = new Map<string, AuditEntry[]>();
  for (const entry of entries) {
    const key = entry.rowId === null ? String(entry.id) : `${entry.tableName ?? ""} ${entry.rowId}`;
    const known = rows.get(key);
    if (known === undefined) rows.set(key, [entry]);
    else known.push(entry);
  }
  const events = [...rows.values()].flatMap(tellRow);
  return mergeReads(events);
}

/** What happened to one row: usually one thing, written down once or for each of two records. */
function tellRow(entries: readonly AuditEntry[]): readonly StoryEvent[] {
  const removal = entries.find(({ action }) => action === "DELETE");
  const arrival = entries.find(({ action }) => action === "INSERT");
  if (
    removal !== undefined &&
    arrival !== undefined &&
    removal.entityId !== arrival.entityId &&
    entries.length === 2
  ) {
    return [
      {
        kind: "moved",
        what: nameTable(arrival),
        of: [removal.entityId ?? "", arrival.entityId ?? ""],
        changes: arrival.changes,
      },
    ];
  }
  const events: StoryEvent[] = [];
  for (const entry of entries) {
    const event: StoryEvent = {
      kind: kinds[entry.action] ?? "told",
      what: nameTable(entry),
      of: entry.entityId === null ? [] : [entry.entityId],
      changes: entry.changes,
    };
    const twin = events.findIndex((known) => isSameEvent(known, event));
    if (twin < 0) events.push(event);
    else events[twin] = { ...event, of: [...new Set([...events[twin]!.of, ...event.of])] };
  }
  return events;
}

const isSameEvent = (a: StoryEvent, b: StoryEvent) =>
  a.kind === b.kind && a.what === b.what && JSON.stringify(a.changes) === JSON.stringify(b.changes);

const kinds: Readonly<Record<string, StoryEvent["kind"]>> = {
  INSERT: "added",
  UPDATE: "changed",
  DELETE: "removed",
  READ: "read",
  SEARCH: "searched",
  EXPORT: "exported",
};

/** Reads of many records by one command are one event. */
function mergeReads(events: readonly StoryEvent[]): readonly StoryEvent[] {
  const merged: StoryEvent[] = [];
  for (const event of events) {
    const last = merged.at(-1);
    const isRead = event.kind === "read" || event.kind === "searched" || event.kind === "exported";
    if (isRead && last !== undefined && isSameEvent(last, event)) {
      merged[merged.length - 1] = { ...last, of: [...last.of, ...event.of] };
    } else merged.push(event);
  }
  return merged;
}

const names: Readonly<Record<string, string>> = {
  patients: "record",
  organizations: "organization",
  patient_addresses: "address",
  organization_addresses: "address",
  patient_match_scores: "pair",
  patient_quarantine: "quarantined update",
};

function nameTable({ tableName, entityType }: AuditEntry): string {
  if (tableName === null) return entityType === "patient" ? "record" : entityType.replaceAll("_", " ");
  return (
    names[tableName] ??
    tableName
      .replace(/^(?:patient|organization)_/, "")
      .replace(/s$/, "")
      .replaceAll("_", " ")
  );
}
