import { eq, inArray } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";
import type {
  PatientAddressInsert,
  PatientContactInsert,
  PatientIdentifierInsert,
  PatientInsert,
  PatientNameInsert,
  PatientRow,
} from "../rows.ts";
import { patientAddresses, patientContacts, patientIdentifiers, patientNames, patients } from "../schema.ts";

type Children<Insert> = readonly Omit<Insert, "patientId">[];

export interface PatientInsertSet {
  readonly patient: PatientInsert;
  readonly names: Children<PatientNameInsert>;
  readonly identifiers: Children<PatientIdentifierInsert>;
  readonly addresses: Children<PatientAddressInsert>;
  readonly contacts: Children<PatientContactInsert>;
}

/** Writes one record with all its children and returns its id. */
export async function insertPatientRowSet(tx: Transaction, set: PatientInsertSet): Promise<string> {
  const [row] = await tx.insert(patients).values(set.patient).returning({ id: patients.id });
  const patientId = row!.id;
  const owned = <Row>(rows: readonly Row[]) => rows.map((each) => ({ ...each, patientId }));
  if (set.names.length > 0) await tx.insert(patientNames).values(owned(set.names));
  if (set.identifiers.length > 0) await tx.insert(patientIdentifiers).values(owned(set.identifiers));
  if (set.addresses.length > 0) await tx.insert(patientAddresses).values(owned(set.addresses));
  if (set.contacts.length > 0) await tx.insert(patientContacts).values(owned(set.contacts));
  return patientId;
}

/** Locks records in order of id, so that two sessions never wait for each other in a circle. */
export async function lockPatients(tx: Transaction, ids: readonly string[]): Promise<readonly PatientRow[]> {
  if (ids.length === 0) return [];
  return tx
    .select()
    .from(patients)
    .where(inArray(patients.id, [...ids]))
    .orderBy(patients.id)
    .for("update");
}

export async function findPatientRow(db: Queryable, id: string): Promise<PatientRow | undefined> {
  const [row] = await db.select().from(patients).where(eq(patients.id, id));
  return row;
}
