import { eq, inArray, sql } from "drizzle-orm";
import type { Transaction } from "../client.ts";
import type {
  PatientAddressInsert,
  PatientAddressUpdate,
  PatientContactInsert,
  PatientContactUpdate,
  PatientIdentifierInsert,
  PatientIdentifierUpdate,
  PatientNameInsert,
  PatientNameUpdate,
  PatientUpdate,
} from "../rows.ts";
import { patientAddresses, patientContacts, patientIdentifiers, patientNames, patients } from "../schema.ts";

/** Changes of one child list, as rows. */
export interface ChildChanges<Insert, Update> {
  readonly insert: readonly Insert[];
  readonly retire: readonly string[];
  readonly update: readonly { readonly id: string; readonly set: Update }[];
}

export interface PatientChanges {
  readonly patient: PatientUpdate;
  readonly names: ChildChanges<PatientNameInsert, PatientNameUpdate>;
  readonly identifiers: ChildChanges<PatientIdentifierInsert, PatientIdentifierUpdate>;
  readonly addresses: ChildChanges<PatientAddressInsert, PatientAddressUpdate>;
  readonly contacts: ChildChanges<PatientContactInsert, PatientContactUpdate>;
}

/** Applies changes to one record and its children. Retired rows become `old` and lose the primary mark first. */
export async function updatePatientRowSet(
  tx: Transaction,
  patientId: string,
  changes: PatientChanges,
): Promise<void> {
  if (Object.keys(changes.patient).length > 0) {
    await tx.update(patients).set(changes.patient).where(eq(patients.id, patientId));
  }
  const { names, identifiers, addresses, contacts } = changes;
  if (names.retire.length > 0) {
    await tx
      .update(patientNames)
      .set({ useType: "old", isPrimary: false })
      .where(inArray(patientNames.id, [...names.retire]));
  }
  if (
    names.insert.some((name) => name.isPrimary === true) ||
    names.update.some(({ set }) => set.isPrimary === true)
  ) {
    await tx
      .update(patientNames)
      .set({ isPrimary: false })
      .where(sql`${patientNames.patientId} = ${patientId} and ${patientNames.isPrimary}`);
  }
  for (const { id, set } of names.update)
    await tx.update(patientNames).set(set).where(eq(patientNames.id, id));
  if (names.insert.length > 0) await tx.insert(patientNames).values([...names.insert]);
  if (names.retire.length > 0) await choosePrimaryName(tx, patientId);

  if (identifiers.retire.length > 0) {
    await tx
      .update(patientIdentifiers)
      .set({ useType: "old" })
      .where(inArray(patientIdentifiers.id, [...identifiers.retire]));
  }
  for (const { id, set } of identifiers.update) {
    await tx.update(patientIdentifiers).set(set).where(eq(patientIdentifiers.id, id));
  }
  if (identifiers.insert.length > 0) await tx.insert(patientIdentifiers).values([...identifiers.insert]);

  if (addresses.retire.length > 0) {
    await tx
      .update(patientAddresses)
      .set({ useType: "old", isPrimary: false })
      .where(inArray(patientAddresses.id, [...addresses.retire]));
  }
  for (const { id, set } of addresses.update) {
    await tx.update(patientAddresses).set(set).where(eq(patientAddresses.id, id));
  }
  if (addresses.insert.length > 0) await tx.insert(patientAddresses).values([...addresses.insert]);

  if (contacts.retire.length > 0) {
    await tx
      .update(patientContacts)
      .set({ useType: "old", isPrimary: false })
      .where(inArray(patientContacts.id, [...contacts.retire]));
  }
  for (const { id, set } of contacts.update)
    await tx.update(patientContacts).set(set).where(eq(patientContacts.id, id));
  if (contacts.insert.length > 0) await tx.insert(patientContacts).values([...contacts.insert]);
}

/** Where the primary name was retired and no other took its place, the newest current name does. */
async function choosePrimaryName(tx: Transaction, patientId: string): Promise<void> {
  await tx.execute(sql`
    update patient_names set is_primary = true
    where id = (
      select id from patient_names
      where patient_id = ${patientId}
        and not exists (select from patient_names where patient_id = ${patientId} and is_primary)
      order by use_type is not null and use_type in ('old', 'maiden'), created_at desc, id limit 1)`);
}
