import { inArray, sql, type SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Queryable, Transaction } from "../client.ts";
import type { PatientAddressRow, PatientContactRow, PatientIdentifierRow, PatientNameRow } from "../rows.ts";
import { patientAddresses, patientContacts, patientIdentifiers, patientNames } from "../schema.ts";

/** The rows of each child table. */
export interface ChildRows {
  readonly names: readonly PatientNameRow[];
  readonly identifiers: readonly PatientIdentifierRow[];
  readonly addresses: readonly PatientAddressRow[];
  readonly contacts: readonly PatientContactRow[];
}

export const childTables = ["names", "identifiers", "addresses", "contacts"] as const;
export type ChildTable = (typeof childTables)[number];
export type ChildRow = ChildRows[ChildTable][number];

export const noRows: ChildRows = { names: [], identifiers: [], addresses: [], contacts: [] };

interface OwnedTable {
  readonly id: PgColumn;
  readonly patientId: PgColumn;
  readonly originPatientId: PgColumn;
}

async function selectWhere(
  db: Queryable,
  condition: (table: OwnedTable) => SQL | undefined,
): Promise<ChildRows> {
  const [names, identifiers, addresses, contacts] = await Promise.all([
    db
      .select()
      .from(patientNames)
      .where(condition(patientNames))
      .orderBy(sql`${patientNames.isPrimary} desc`, patientNames.createdAt, patientNames.id),
    db
      .select()
      .from(patientIdentifiers)
      .where(condition(patientIdentifiers))
      .orderBy(patientIdentifiers.createdAt, patientIdentifiers.id),
    db
      .select()
      .from(patientAddresses)
      .where(condition(patientAddresses))
      .orderBy(sql`${patientAddresses.isPrimary} desc`, patientAddresses.createdAt, patientAddresses.id),
    db
      .select()
      .from(patientContacts)
      .where(condition(patientContacts))
      .orderBy(sql`${patientContacts.isPrimary} desc`, patientContacts.createdAt, patientContacts.id),
  ]);
  return { names, identifiers, addresses, contacts };
}

const isAnyOf = (column: PgColumn, ids: readonly string[]) =>
  sql`${column} = any(${sql.param([...ids])}::uuid[])`;

/** The rows that stand on these records, primary first, then by age and id. */
export const selectChildRows = (db: Queryable, patientIds: readonly string[]): Promise<ChildRows> =>
  selectWhere(db, (table) => isAnyOf(table.patientId, patientIds));

/** The rows that stand on `holders` and belong to `origins`. */
export const selectVisitingRows = (
  db: Queryable,
  holders: readonly string[],
  origins: readonly string[],
): Promise<ChildRows> =>
  selectWhere(
    db,
    (table) => sql`${isAnyOf(table.patientId, holders)} and ${isAnyOf(table.originPatientId, origins)}`,
  );

/** Rows by id, wherever they stand. */
export const selectChildRowsById = (db: Queryable, ids: readonly string[]): Promise<ChildRows> =>
  selectWhere(db, (table) => isAnyOf(table.id, ids));

/** Deletes rows by id; each id in its own table. */
export async function deleteChildRows(tx: Transaction, rows: ChildRows): Promise<void> {
  const ids = (list: readonly { readonly id: string }[]) => list.map((row) => row.id);
  if (rows.names.length > 0) await tx.delete(patientNames).where(inArray(patientNames.id, ids(rows.names)));
  if (rows.identifiers.length > 0)
    await tx.delete(patientIdentifiers).where(inArray(patientIdentifiers.id, ids(rows.identifiers)));
  if (rows.addresses.length > 0)
    await tx.delete(patientAddresses).where(inArray(patientAddresses.id, ids(rows.addresses)));
  if (rows.contacts.length > 0)
    await tx.delete(patientContacts).where(inArray(patientContacts.id, ids(rows.contacts)));
}

/** Inserts rows as they are, ids, stamps and origins included. Drizzle leaves generated columns out. */
export async function insertChildRows(tx: Transaction, rows: ChildRows): Promise<void> {
  if (rows.names.length > 0) await tx.insert(patientNames).values([...rows.names]);
  if (rows.identifiers.length > 0) await tx.insert(patientIdentifiers).values([...rows.identifiers]);
  if (rows.addresses.length > 0) await tx.insert(patientAddresses).values([...rows.addresses]);
  if (rows.contacts.length > 0) await tx.insert(patientContacts).values([...rows.contacts]);
}

/**
 * Identifiers among `candidates`, taken as rows of one record in use, whose value another record in use holds in a
 * domain that allows one.
 */
export async function selectTakenIdentifiers(
  db: Queryable,
  candidates: readonly { readonly id: string; readonly system: string; readonly value: string }[],
  leaving: readonly string[],
): Promise<ReadonlySet<string>> {
  if (candidates.length === 0) return new Set();
  const rows = await db.execute<{ id: string }>(sql`
    select c.id
    from unnest(
      ${sql.param(candidates.map((row) => row.id))}::uuid[],
      ${sql.param(candidates.map((row) => row.system))}::text[],
      ${sql.param(candidates.map((row) => row.value))}::text[]) c (id, system, value)
      join identifier_domains d on d.system = c.system and d.is_unique
      join patient_identifiers i on i.unique_key = c.system || '|' || mpi_normalize_identifier(c.value)
    where i.id <> all(${sql.param([...leaving])}::uuid[])`);
  return new Set(rows.map((row) => row.id));
}
