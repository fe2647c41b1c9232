import type { Transaction } from "../../db/client.ts";
import { lockPatients } from "../../db/queries/patient-records.ts";
import { selectSurvivors } from "../../db/queries/search.ts";
import { MpiError } from "../../lib/errors.ts";
import { listPatientRecords } from "./get-patient-record.ts";
import type { PatientRecord } from "./patient-record.ts";

/**
 * Locks records for a change and reads them, in the order asked for.
 *
 * @throws {MpiError} `not-found`, or `conflict` for one that is deleted or was merged, naming the one in charge.
 */
export async function lockUsableRecords(
  tx: Transaction,
  ids: readonly string[],
): Promise<readonly PatientRecord[]> {
  const rows = new Map((await lockPatients(tx, ids)).map((row) => [row.id, row]));
  for (const id of ids) {
    const row = rows.get(id);
    if (row === undefined) throw new MpiError("not-found", `There is no patient record ${id}.`);
    if (row.deletedAt !== null) {
      throw new MpiError("conflict", `Record ${id} is deleted.`, {
        hint: "mpi patient restore brings it back.",
        details: { reason: "deleted", record: id },
      });
    }
    if (!row.active) {
      const inCharge = (await selectSurvivors(tx, [id])).get(id);
      throw new MpiError("conflict", `Record ${id} is retired: it was merged.`, {
        ...(inCharge === undefined ? {} : { hint: `Use ${inCharge}, which is in charge of it.` }),
        details: { reason: "retired", record: id },
      });
    }
  }
  return listPatientRecords(tx, ids);
}
