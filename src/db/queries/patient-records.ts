import { eq, inArray, sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";
import type {
  PatientAddressInsert,
  PatientAddressRow,
  PatientContactInsert,
  PatientContactRow,
  PatientIdentifierInsert,
  PatientIdentifierRow,
  PatientInsert,
  PatientNameInsert,
  PatientNameRow,
  PatientRow,
} from "../rows.ts";
import { patientAddresses, patientContacts, patientIdentifiers, patientNames, patients } from "../schema.ts";

/** A patient's row with all its children, each list in a stable order: primary first, then by age and id. */
export interface PatientRowSet {
  readonly patient: PatientRow;
  readonly names: readonly PatientNameRow[];
  readonly identifiers: readonly PatientIdentifierRow[];
  readonly addresses: readonly PatientAddressRow[];
  readonly contacts: readonly PatientContactRow[];
}

type Children<Insert> = readonly Omit<Insert, "patientId">[];

export interface PatientInsertSet {
  readonly patient: PatientInsert;
  readonly names: Children<PatientNameInsert>;
  readonly identifiers: Children<PatientIdentifierInsert>;
  readonly addresses: Children<PatientAddressInsert>;
  readonly contacts: Children<PatientContactInsert>;
}

/** Reads whole records, deleted and retired ones included; ids that do not exist are simply not in the result. */
export async function selectPatientRowSets(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PatientRowSet>> {
  if (ids.length === 0) return new Map();
  const list = [...ids];
  const [patientRows, names, identifiers, addresses, contacts] = await Promise.all([
    db.select().from(patients).where(inArray(patients.id, list)),
    db
      .select()
      .from(patientNames)
      .where(inArray(patientNames.patientId, list))
      .orderBy(sql`${patientNames.isPrimary} desc`, patientNames.createdAt, patientNames.id),
    db
      .select()
      .from(patientIdentifiers)
      .where(inArray(patientIdentifiers.patientId, list))
      .orderBy(patientIdentifiers.type, patientIdentifiers.system, patientIdentifiers.value),
    db
      .select()
      .from(patientAddresses)
      .where(inArray(patientAddresses.patientId, list))
      .orderBy(sql`${patientAddresses.isPrimary} desc`, patientAddresses.createdAt, patientAddresses.id),
    db
      .select()
      .from(patientContacts)
      .where(inArray(patientContacts.patientId, list))
      .orderBy(sql`${patientContacts.isPrimary} desc`, patientContacts.createdAt, patientContacts.id),
  ]);
  const [nameMap, identifierMap, addressMap, contactMap] = [
    groupByPatient(names),
    groupByPatient(identifiers),
    groupByPatient(addresses),
    groupByPatient(contacts),
  ];
  return new Map(
    patientRows.map((patient) => [
      patient.id,
      {
        patient,
        names: nameMap.get(patient.id) ?? [],
        identifiers: identifierMap.get(patient.id) ?? [],
        addresses: addressMap.get(patient.id) ?? [],
        contacts: contactMap.get(patient.id) ?? [],
      },
    ]),
  );
}

function groupByPatient<Row extends { readonly patientId: string }>(
  rows: readonly Row[],
): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.patientId);
    if (group === undefined) groups.set(row.patientId, [row]);
    else group.push(row);
  }
  return groups;
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
