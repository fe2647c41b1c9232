import type { Database } from "../../db/client.ts";
import { insertReadAudit } from "../../db/queries/audit-read.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { getPatientRecord } from "../patient/get-patient-record.ts";
import type { PatientRecord } from "../patient/patient-record.ts";
import { resolveRecord, type RecordReference } from "../patient/resolve-record.ts";

/** The identifiers of one record, deleted and retired ones' too. That they were read is written down. */
export function listIdentifiers(
  db: Database,
  audit: AuditContext,
  reference: RecordReference,
): Promise<PatientRecord["identifiers"]> {
  return withTransaction(db, audit, async (tx) => {
    const id = await resolveRecord(tx, reference);
    const { identifiers } = await getPatientRecord(tx, id);
    await insertReadAudit(tx, { action: "READ", entityType: "patient", entityIds: [id] });
    return identifiers;
  });
}
