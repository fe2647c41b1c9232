import { eq, sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";
import type { PatientIdentifierInsert, PatientIdentifierUpdate } from "../rows.ts";
import { patientIdentifiers } from "../schema.ts";

/** Identifiers of one record with this value, compared without separators and case; in any system, or the one named. */
export async function selectIdentifierIds(
  db: Queryable,
  patientId: string,
  value: string,
  system: string | null,
): Promise<readonly string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select id from patient_identifiers
    where patient_id = ${patientId} and value_normalized = mpi_normalize_identifier(${value})
      and (${system}::text is null or system = ${system}) order by id`);
  return rows.map((row) => row.id);
}

export async function insertIdentifier(tx: Transaction, values: PatientIdentifierInsert): Promise<void> {
  await tx.insert(patientIdentifiers).values(values);
}

export async function updateIdentifier(
  tx: Transaction,
  id: string,
  values: PatientIdentifierUpdate,
): Promise<void> {
  await tx.update(patientIdentifiers).set(values).where(eq(patientIdentifiers.id, id));
}

/** Moves an identifier to another record: deleted and inserted under the same id, never changed in its key. */
export async function moveIdentifierRow(tx: Transaction, id: string, toPatientId: string): Promise<void> {
  const [row] = await tx.delete(patientIdentifiers).where(eq(patientIdentifiers.id, id)).returning();
  await tx
    .insert(patientIdentifiers)
    .values({ ...row!, patientId: toPatientId, originPatientId: null, mergeId: null });
}
