import { eq, inArray, sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";
import type {
  PatientAddressInsert,
  PatientContactInsert,
  PatientIdentifierInsert,
  PatientNameInsert,
  PatientUpdate,
} from "../rows.ts";
import { patientAddresses, patientContacts, patientIdentifiers, patientNames, patients } from "../schema.ts";

/** Rows of one list to take away, to change and to add. */
export interface RowEdits<Insert> {
  readonly remove: readonly string[];
  readonly update: readonly { readonly id: string; readonly set: Partial<Insert> }[];
  readonly insert: readonly Insert[];
}

export interface PatientEdits {
  readonly patient: PatientUpdate;
  readonly names: RowEdits<PatientNameInsert>;
  readonly identifiers: RowEdits<PatientIdentifierInsert>;
  readonly addresses: RowEdits<PatientAddressInsert>;
  readonly contacts: RowEdits<PatientContactInsert>;
}

/** Writes an edit: rows go before others take their place, and a primary name gives way before another is marked. */
export async function editPatientRows(
  tx: Transaction,
  patientId: string,
  edits: PatientEdits,
): Promise<void> {
  if (Object.keys(edits.patient).length > 0) {
    await tx.update(patients).set(edits.patient).where(eq(patients.id, patientId));
  }
  const { names, identifiers, addresses, contacts } = edits;
  if (names.remove.length > 0)
    await tx.delete(patientNames).where(inArray(patientNames.id, [...names.remove]));
  // Names that stop being primary come first: there is one primary name at any moment.
  const ordered = [...names.update].sort(
    (x, y) => Number(x.set.isPrimary ?? false) - Number(y.set.isPrimary ?? false),
  );
  for (const { id, set } of ordered) await tx.update(patientNames).set(set).where(eq(patientNames.id, id));
  if (names.insert.length > 0) await tx.insert(patientNames).values([...names.insert]);

  if (identifiers.remove.length > 0) {
    await tx.delete(patientIdentifiers).where(inArray(patientIdentifiers.id, [...identifiers.remove]));
  }
  for (const { id, set } of identifiers.update) {
    await tx.update(patientIdentifiers).set(set).where(eq(patientIdentifiers.id, id));
  }
  if (identifiers.insert.length > 0) await tx.insert(patientIdentifiers).values([...identifiers.insert]);

  if (addresses.remove.length > 0) {
    await tx.delete(patientAddresses).where(inArray(patientAddresses.id, [...addresses.remove]));
  }
  for (const { id, set } of addresses.update) {
    await tx.update(patientAddresses).set(set).where(eq(patientAddresses.id, id));
  }
  if (addresses.insert.length > 0) await tx.insert(patientAddresses).values([...addresses.insert]);

  if (contacts.remove.length > 0) {
    await tx.delete(patientContacts).where(inArray(patientContacts.id, [...contacts.remove]));
  }
  for (const { id, set } of contacts.update) {
    await tx.update(patientContacts).set(set).where(eq(patientContacts.id, id));
  }
  if (contacts.insert.length > 0) await tx.insert(patientContacts).values([...contacts.insert]);
}

/** Marks a record as deleted by whoever acts. Its identifiers give their values free. */
export async function markPatientDeleted(tx: Transaction, patientId: string): Promise<void> {
  await tx
    .update(patients)
    .set({ deletedAt: sql`now()`, deletedBy: sql`mpi_acting_user()` })
    .where(eq(patients.id, patientId));
}

/** Takes the mark away. Its identifiers take their values back, where they are free. */
export async function unmarkPatientDeleted(tx: Transaction, patientId: string): Promise<void> {
  await tx.update(patients).set({ deletedAt: null, deletedBy: null }).where(eq(patients.id, patientId));
}

/** Records that were merged into this one and lead to it. */
export async function selectMergedInto(db: Queryable, patientId: string): Promise<readonly string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select patient_id as id from patient_links
    where other_patient_id = ${patientId} and link_type = 'replaced_by' order by patient_id`);
  return rows.map((row) => row.id);
}
