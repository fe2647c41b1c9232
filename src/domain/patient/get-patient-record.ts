import type { Queryable } from "../../db/client.ts";
import { selectPatientRowSets } from "../../db/queries/patient-row-sets.ts";
import { MpiError } from "../../lib/errors.ts";
import { toPatientRecord, type PatientRecord } from "./patient-record.ts";

/** Whole records in the order of `ids`, deleted and retired ones included; unknown ids are left out. */
export async function listPatientRecords(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly PatientRecord[]> {
  const sets = await selectPatientRowSets(db, ids);
  return ids.flatMap((id) => {
    const set = sets.get(id);
    return set === undefined ? [] : [toPatientRecord(set)];
  });
}

/** @throws {MpiError} `not-found` */
export async function getPatientRecord(db: Queryable, id: string): Promise<PatientRecord> {
  const [record] = await listPatientRecords(db, [id]);
  if (record === undefined) throw new MpiError("not-found", `There is no patient record ${id}.`);
  return record;
}
