import type { Database } from "../../db/client.ts";
import {
  selectPersonView,
  type LinkRow,
  type PersonMemberRow,
  type ReviewRow,
} from "../../db/queries/person-view.ts";
import { selectSurvivors } from "../../db/queries/search.ts";
import { withAuditedRead, type ReadContext } from "../audit/record-read.ts";
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
  context: ReadContext,
  reference: RecordReference,
): Promise<PatientView> {
  return withAuditedRead(db, context, { action: "READ" }, async (tx) => {
    const id = await resolveRecord(tx, reference);
    const record = await getPatientRecord(tx, id);
    const view = await selectPersonView(tx, id, record.enterpriseId);
    const survivors = record.active ? new Map<string, string>() : await selectSurvivors(tx, [id]);
    return {
      result: { record, survivorId: survivors.get(id) ?? null, ...view },
      ids: [id, ...view.members.map((member) => member.id)],
    };
  });
}
