import type { Database, Transaction } from "../../db/client.ts";
import {
  markPatientDeleted,
  selectMergedInto,
  unmarkPatientDeleted,
} from "../../db/queries/patient-edits.ts";
import { lockPatients } from "../../db/queries/patient-records.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { getPatientRecord } from "./get-patient-record.ts";
import { asConflict } from "./insert-patient.ts";
import { lockUsableRecords } from "./lock-usable.ts";
import type { PatientRecord } from "./patient-record.ts";
import { resolveRecord, type RecordReference } from "./resolve-record.ts";

interface Options {
  readonly dryRun: boolean;
}

/**
 * Deletes a record softly: it is found and matched no more, its identifiers are free, and nothing of it is lost.
 *
 * @throws {MpiError} `not-found`; `conflict` where it is deleted or retired already, or other records lead to it.
 */
export function deletePatient(
  db: Database,
  audit: AuditContext,
  reference: RecordReference,
  { dryRun }: Options,
): Promise<PatientRecord> {
  return withTransaction(
    db,
    audit,
    async (tx) => {
      const id = await resolveRecord(tx, reference);
      await deleteRecord(tx, id);
      return getPatientRecord(tx, id);
    },
    { dryRun },
  );
}

/** Within a transaction of the caller. @throws {MpiError} as deletePatient. */
export async function deleteRecord(tx: Transaction, id: string): Promise<void> {
  await lockUsableRecords(tx, [id]);
  const merged = await selectMergedInto(tx, id);
  if (merged.length > 0) {
    throw new MpiError(
      "conflict",
      `Record ${id} stands for ${merged.join(", ")}, which would lead to nobody.`,
      {
        hint: "mpi patient unmerge brings them back first.",
        details: { reason: "survivor", record: id, merged },
      },
    );
  }
  await markPatientDeleted(tx, id);
}

/**
 * Brings a deleted record back as it was.
 *
 * @throws {MpiError} `not-found`; `conflict` where it is not deleted, or another record carries an identifier of its
 *   now, in a domain that allows one.
 */
export function restorePatient(
  db: Database,
  audit: AuditContext,
  reference: RecordReference,
  { dryRun }: Options,
): Promise<PatientRecord> {
  return withTransaction(
    db,
    audit,
    async (tx) => {
      const id = await resolveRecord(tx, reference);
      const [row] = await lockPatients(tx, [id]);
      if (row?.deletedAt === null) {
        throw new MpiError("conflict", `Record ${id} is not deleted.`, {
          details: { reason: "not-deleted", record: id },
        });
      }
      try {
        await unmarkPatientDeleted(tx, id);
      } catch (error) {
        throw asConflict(error) ?? error;
      }
      return getPatientRecord(tx, id);
    },
    { dryRun },
  );
}
