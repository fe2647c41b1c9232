import type { Database } from "../../db/client.ts";
import {
  selectAuditHistory,
  selectMergeFamily,
  type AuditFilter,
  type AuditHistoryRow,
} from "../../db/queries/audit-history.ts";
import { resolveRecord, type RecordReference } from "../patient/resolve-record.ts";
import { withAuditedRead, type ReadContext } from "./record-read.ts";

/** One field that an entry changed; `old` is absent for a new row, `new` for one that is gone. */
export interface FieldChange {
  readonly field: string;
  readonly old?: unknown;
  readonly new?: unknown;
}

export interface AuditEntry extends Omit<AuditHistoryRow, "oldValues" | "newValues" | "id"> {
  readonly id: number;
  /** What differs, field by field; for a read what was asked for. */
  readonly changes: readonly FieldChange[];
}

export interface AuditHistoryRequest extends Omit<AuditFilter, "entityIds"> {
  /** A patient: its own history and that of every record merged into or away from it. */
  readonly patient?: RecordReference;
  readonly limit: number;
  /** Numbers of identifiers in full also where the request is not about one patient. */
  readonly reveal: boolean;
}

export interface AuditHistory {
  readonly entries: readonly AuditEntry[];
  /** Give it as `before` for the next page; null on the last one. */
  readonly nextBefore: number | null;
}

/** Bookkeeping that tells a reader nothing. */
const unremarkable: ReadonlySet<string> = new Set([
  "created_at",
  "updated_at",
  "created_by",
  "updated_by",
  "version",
  "id",
  "patient_id",
  "enterprise_since",
]);

/**
 * What happened, newest first. Reading it is itself a read: one row for each patient whose data is shown.
 *
 * @throws {MpiError} `not-found` for a patient that is not there.
 */
export function readAuditHistory(
  db: Database,
  context: ReadContext,
  request: AuditHistoryRequest,
): Promise<AuditHistory> {
  const { patient, limit, reveal, ...filter } = request;
  return withAuditedRead(db, context, { action: "READ" }, async (tx) => {
    const entityIds =
      patient === undefined ? undefined : await selectMergeFamily(tx, await resolveRecord(tx, patient));
    const rows = await selectAuditHistory(
      tx,
      { ...filter, ...(entityIds === undefined ? {} : { entityIds }) },
      limit + 1,
    );
    const page = rows.slice(0, limit);
    const masks = entityIds === undefined && !reveal;
    const entries = page.map((row) => toEntry(row, masks));
    const shown = page.flatMap((row) =>
      row.entityType === "patient" && row.entityId !== null ? [row.entityId] : [],
    );
    const last = entries.at(-1);
    return {
      result: { entries, nextBefore: rows.length > limit && last !== undefined ? last.id : null },
      ids: [...new Set([...(entityIds ?? []), ...shown])],
    };
  });
}

function toEntry({ oldValues, newValues, id, ...row }: AuditHistoryRow, masks: boolean): AuditEntry {
  const fields = [...new Set([...Object.keys(oldValues ?? {}), ...Object.keys(newValues ?? {})])];
  const shown = (field: string, value: unknown) =>
    masks && row.tableName === "patient_identifiers" && field === "value" ? maskTail(value) : value;
  const changes = fields
    .filter(
      (field) =>
        !unremarkable.has(field) && JSON.stringify(oldValues?.[field]) !== JSON.stringify(newValues?.[field]),
    )
    .map((field) => ({
      field,
      ...(oldValues?.[field] === undefined ? {} : { old: shown(field, oldValues[field]) }),
      ...(newValues?.[field] === undefined ? {} : { new: shown(field, newValues[field]) }),
    }));
  return { ...row, id: Number(id), changes };
}

/** The last four characters, as lists show identifiers. */
const maskTail = (value: unknown): string => {
  const text = Array.from(typeof value === "string" ? value : "");
  return text.length <= 4 ? "****" : `****${text.slice(-4).join("")}`;
};
