import type { Database, Transaction } from "../../db/client.ts";
import {
  selectAuditHistory,
  type AuditFilter,
  type AuditHistoryRow,
  type HistoryCursor,
} from "../../db/queries/audit-history.ts";
import { selectHistoryWindows, type HistoryWindow } from "../../db/queries/history-windows.ts";
import { MpiError } from "../../lib/errors.ts";
import { resolveOrganization } from "../organization/resolve-organization.ts";
import { resolveRecord, type RecordReference } from "../patient/resolve-record.ts";
import { listFieldChanges, type FieldChange } from "./field-changes.ts";
import { recordRead, withAuditedRead, type ReadContext } from "./record-read.ts";
import { normaliseTerm } from "./search-terms.ts";

/** One row of the audit trail, with what it changed. */
export interface AuditEntry extends Omit<AuditHistoryRow, "id" | "oldValues" | "newValues"> {
  readonly id: number;
  /** What differs, field by field; for a read what was asked for. */
  readonly changes: readonly FieldChange[];
}

export interface AuditHistoryRequest extends Omit<AuditFilter, "windows" | "before" | "term"> {
  /** One patient's history, and with it that of the records merged into it and of those it was merged into. */
  readonly patient?: RecordReference;
  /** The patient's alone, without merged records. */
  readonly isAlone?: boolean;
  /** One organization's history: an id or a prefix of one. */
  readonly organization?: string;
  /** Who searched for this? */
  readonly searchedFor?: { readonly field: string; readonly term: string };
  /** The last page's `nextBefore`. */
  readonly before?: string;
  readonly limit: number;
  /** Identifiers in full also where the request is not about one patient. */
  readonly reveal: boolean;
}

export interface AuditHistory {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** Give it as `before` for the next page; null on the last one. */
  readonly nextBefore: string | null;
}

/**
 * What happened, newest first. Reading it is itself a read: one row for each patient and organization of which
 * anything is shown.
 *
 * @throws {MpiError} `not-found` for a record that is not there, `usage` for a cursor that is none, or where a search
 *   term is asked for and there is no key to hash it with.
 */
export function readAuditHistory(
  db: Database,
  context: ReadContext,
  request: AuditHistoryRequest,
): Promise<AuditHistory> {
  const { patient, isAlone, organization, searchedFor, before, limit, reveal, ...filter } = request;
  const cursor = before === undefined ? {} : { before: parseCursor(before) };
  const term = searchedFor === undefined ? {} : { term: hashTerm(context, searchedFor) };
  const details = {
    filters: Object.keys(request)
      .filter((key) => key !== "limit" && key !== "reveal")
      .sort(),
  };
  return withAuditedRead(db, context, { action: "READ", details }, async (tx) => {
    const windows = await findWindows(tx, patient, isAlone === true, organization);
    const rows = await selectAuditHistory(
      tx,
      { ...filter, ...cursor, ...term, ...(windows === undefined ? {} : { windows }) },
      limit + 1,
    );
    const page = rows.slice(0, limit);
    const identifiers = patient !== undefined || organization !== undefined || reveal ? "in full" : "masked";
    const idsOf = (type: string) =>
      page.flatMap((row) => (row.entityType === type && row.entityId !== null ? [row.entityId] : []));
    const organizations = [...new Set(idsOf("organization"))];
    if (organizations.length > 0) {
      await recordRead(tx, context, { action: "READ", entityType: "organization", details }, organizations);
    }
    const last = page.at(-1);
    return {
      result: {
        entries: page.map((row) => toEntry(row, identifiers)),
        nextBefore: rows.length > limit && last !== undefined ? formatCursor(last) : null,
      },
      ids: [
        ...(patient === undefined ? [] : (windows ?? []).map(({ entityId }) => entityId)),
        ...idsOf("patient"),
      ],
    };
  });
}

async function findWindows(
  tx: Transaction,
  patient: RecordReference | undefined,
  isAlone: boolean,
  organization: string | undefined,
): Promise<readonly HistoryWindow[] | undefined> {
  if (organization !== undefined) {
    return [{ entityId: await resolveOrganization(tx, organization), from: null, until: null }];
  }
  if (patient === undefined) return undefined;
  const id = await resolveRecord(tx, patient);
  return isAlone ? [{ entityId: id, from: null, until: null }] : await selectHistoryWindows(tx, id);
}

function toEntry(row: AuditHistoryRow, identifiers: "in full" | "masked"): AuditEntry {
  const changes = listFieldChanges(row, identifiers);
  const { id, timestamp, userId, databaseUser, operation, action, entityType, entityId } = row;
  const { tableName, rowId, transactionId, reason, ipAddress, userAgent } = row;
  const what = { action, entityType, entityId, tableName, rowId, changes, reason };
  return {
    id: Number(id),
    timestamp,
    transactionId,
    userId,
    databaseUser,
    operation,
    ...what,
    ipAddress,
    userAgent,
  };
}

function hashTerm(context: ReadContext, searched: { readonly field: string; readonly term: string }) {
  if (context.termKey === undefined) {
    throw new MpiError("usage", "Search terms are kept as keyed hashes, and no key is configured.", {
      hint: "Set MPI_AUDIT_KEY or audit.keyFile to the key that the searches were recorded with.",
    });
  }
  const { field, term } = searched;
  return { field, hash: context.termKey.hash(field, normaliseTerm(field, term)) };
}

const formatCursor = ({ timestamp, id }: HistoryCursor): string => `${timestamp}/${id}`;

function parseCursor(text: string): HistoryCursor {
  const [, timestamp, id] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)\/(\d{1,18})$/.exec(text) ?? [];
  if (timestamp === undefined || id === undefined) {
    throw new MpiError(
      "usage",
      "--before takes what the page before printed, such as 2026-11-01T08:30:00.000000Z/4711.",
    );
  }
  return { timestamp, id };
}
