import type { FeedRow } from "../../db/queries/events.ts";

export const eventKinds = [
  "created",
  "updated",
  "deleted",
  "restored",
  "linked",
  "unlinked",
  "merged",
  "unmerged",
  "enterpriseIdChanged",
] as const;
export type EventKind = (typeof eventKinds)[number];

interface Happened {
  readonly at: string;
  readonly by: string;
  readonly operation: string | null;
  readonly transactionId: string;
  readonly patientId: string;
}

/** One thing that happened to a record or between two; ids and names of fields, never a patient's values. */
export type ChangeEvent = Happened &
  (
    | { readonly event: "created"; readonly enterpriseId: string }
    | { readonly event: "updated"; readonly changed: readonly string[] }
    | { readonly event: "deleted" | "restored" }
    | {
        readonly event: "linked" | "unlinked";
        readonly otherPatientId: string;
        readonly linkType: "seealso" | "refer";
      }
    | { readonly event: "merged" | "unmerged"; readonly survivorId: string; readonly mergeId: string }
    | { readonly event: "enterpriseIdChanged"; readonly before: string; readonly after: string }
  );

/** The casts are safe: the query gives these kinds with these columns, and CHECK constraints keep the link types. */
export function toEvent(row: FeedRow): ChangeEvent {
  const { timestamp: at, userId: by, operation, transactionId, patientId } = row;
  const happened = { at, by, operation, transactionId, patientId };
  const event = row.kind as EventKind;
  switch (event) {
    case "created":
      return { event, ...happened, enterpriseId: row.enterpriseId! };
    case "updated":
      return { event, ...happened, changed: [...new Set((row.changed ?? []).map(nameField))].sort() };
    case "deleted":
    case "restored":
      return { event, ...happened };
    case "linked":
    case "unlinked":
      return {
        event,
        ...happened,
        otherPatientId: row.otherId!,
        linkType: row.linkType as "seealso" | "refer",
      };
    case "merged":
    case "unmerged":
      return { event, ...happened, survivorId: row.otherId!, mergeId: row.rowId! };
    case "enterpriseIdChanged":
      return { event, ...happened, before: row.formerEnterpriseId!, after: row.enterpriseId! };
  }
}

const nameField = (column: string): string =>
  column.startsWith("birth_date")
    ? "birthDate"
    : column === "deceased_datetime"
      ? "deceasedAt"
      : column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
