import type { Database } from "../../db/client.ts";
import { insertReadAudit } from "../../db/queries/audit-read.ts";
import {
  selectPersonView,
  type LinkRow,
  type PersonMemberRow,
  type ReviewRow,
} from "../../db/queries/person-view.ts";
import { selectSurvivors } from "../../db/queries/search.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { getPatientRecord } from "./get-patient-record.ts";
import type { PatientRecord } from "./patient-record.ts";
import { resolveRecord, type RecordReference } from "./resolve-record.ts";

export interface PatientView {
  readonly record: PatientRecord;
  /** The record to use instead, where this one is retired. */
  readonly survivorId: string | null;
  /** The other records of the same person. */
  readonly members: readonly PersonMemberRow[];
  readonly links: readonly LinkRow[];
  /** Pairs of this record that wait for a person's decision. */
  readonly reviews: readonly ReviewRow[];
}

/**
 * Everything about one record: its content, the person it belongs to, its links and open reviews. The record and
 * each member shown are written to the audit trail as read.
 *
 * @throws {MpiError} `not-found`, or `usage` where the reference fits several records.
 */
export function showPatient(
  db: Database,
  audit: AuditContext,
  reference: RecordReference,
): Promise<PatientView> {
  return withTransaction(db, audit, async (tx) => {
    const id = await resolveRecord(tx, reference);
    const record = await getPatientRecord(tx, id);
    const view = await selectPersonView(tx, id, record.enterpriseId);
    const survivors = record.active ? new Map<string, string>() : await selectSurvivors(tx, [id]);
    await insertReadAudit(tx, {
      action: "READ",
      entityType: "patient",
      entityIds: [id, ...view.members.map((member) => member.id)],
    });
    return { record, survivorId: survivors.get(id) ?? null, ...view };
  });
}
