import {
  readBinaryCopy,
  readBoolean,
  readDays,
  readSmallint,
  readText,
  readTexts,
  type CopiedRow,
} from "../binary-copy.ts";
import type { CopyConnection } from "../copy.ts";

/** What takes part in matching: neither deleted nor merged away. */
const matchable = "p.active and p.deleted_at is null";

/** Former values can agree, never conflict. */
const isCurrent = "coalesce(use_type not in ('old', 'maiden', 'temp'), true)";

/** Where the sixteen bytes of an id lie. */
export interface IdBytes {
  readonly bytes: Buffer;
  readonly at: number;
}

export interface PatientColumns {
  readonly id: IdBytes;
  readonly sourceSystem: string | null;
  readonly gender: string | null;
  /** Days since 2000-01-01. */
  readonly birthDate: number | null;
  readonly birthDatePrecision: string | null;
  readonly multipleBirth: boolean | null;
  readonly birthOrder: number | null;
  readonly motherName: string | null;
  readonly motherIdentifier: string | null;
  readonly receivedOn: number | null;
}

const idOf = ({ bytes, starts }: CopiedRow, column: number): IdBytes => ({ bytes, at: starts[column]! });

/** Which records: all, or those of a temporary table with a column `id` on this connection. */
export type WantedRecords = "all" | { readonly idsTable: string };

/** The records that take part in matching, in no particular order. */
export function copyPatients(
  connection: CopyConnection,
  wanted: WantedRecords,
  visit: (patient: PatientColumns) => void,
): Promise<number> {
  const from = wanted === "all" ? "patients p" : `${wanted.idsTable} w join patients p on p.id = w.id`;
  const statement = `copy (
    select p.id, p.source_system, p.gender, p.birth_date, p.birth_date_precision, p.multiple_birth, p.birth_order,
      p.mother_name, p.mother_identifier, (p.received_at at time zone 'UTC')::date
    from ${from} where ${matchable}) to stdout (format binary)`;
  return readBinaryCopy(connection.copyOut(statement), 10, (row) =>
    visit({
      id: idOf(row, 0),
      sourceSystem: readText(row, 1),
      gender: readText(row, 2),
      birthDate: readDays(row, 3),
      birthDatePrecision: readText(row, 4),
      multipleBirth: row.ends[5]! < 0 ? null : readBoolean(row, 5),
      birthOrder: readSmallint(row, 6),
      motherName: readText(row, 7),
      motherIdentifier: readText(row, 8),
      receivedOn: readDays(row, 9),
    }),
  );
}

/** A child row: `find` gives the row number of its record, or -1 where that takes no part. */
export interface ChildVisitor<Columns> {
  readonly find: (bytes: Buffer, at: number) => number;
  readonly visit: (row: number, id: IdBytes, columns: Columns) => void;
}

function copyChildren<Columns>(
  connection: CopyConnection,
  wanted: WantedRecords,
  table: string,
  columns: readonly string[],
  read: (row: CopiedRow) => Columns,
  visitor: ChildVisitor<Columns>,
  where = "true",
): Promise<number> {
  const from =
    wanted === "all" ? `${table} c` : `${wanted.idsTable} w join ${table} c on c.patient_id = w.id`;
  const list = columns.map((column) => (column === isCurrent ? column : `c.${column}`)).join(", ");
  const statement = `copy (select c.patient_id, c.id, ${list} from ${from} where ${where}) to stdout (format binary)`;
  return readBinaryCopy(connection.copyOut(statement), columns.length + 2, (row) => {
    const owner = visitor.find(row.bytes, row.starts[0]!);
    if (owner >= 0) visitor.visit(owner, idOf(row, 1), read(row));
  });
}

export interface NameTexts {
  readonly family: string | null;
  readonly given: readonly string[];
  readonly suffix: readonly string[];
  readonly current: boolean;
}

export const copyNames = (
  connection: CopyConnection,
  wanted: WantedRecords,
  visitor: ChildVisitor<NameTexts>,
): Promise<number> =>
  copyChildren(
    connection,
    wanted,
    "patient_names",
    ["family", "given", "suffix", isCurrent],
    (row) => ({
      family: readText(row, 2),
      given: readTexts(row, 3),
      suffix: readTexts(row, 4),
      current: readBoolean(row, 5),
    }),
    visitor,
  );

export interface IdentifierTexts {
  readonly type: string;
  readonly system: string;
  readonly value: string;
  readonly current: boolean;
}

export const copyIdentifiers = (
  connection: CopyConnection,
  wanted: WantedRecords,
  visitor: ChildVisitor<IdentifierTexts>,
): Promise<number> =>
  copyChildren(
    connection,
    wanted,
    "patient_identifiers",
    ["type", "system", "value", isCurrent],
    (row) => ({
      type: readText(row, 2)!,
      system: readText(row, 3)!,
      value: readText(row, 4)!,
      current: readBoolean(row, 5),
    }),
    visitor,
  );

export interface AddressTexts {
  readonly line1: string | null;
  readonly line2: string | null;
  readonly city: string | null;
  readonly postalCode: string | null;
  readonly current: boolean;
}

export const copyAddresses = (
  connection: CopyConnection,
  wanted: WantedRecords,
  visitor: ChildVisitor<AddressTexts>,
): Promise<number> =>
  copyChildren(
    connection,
    wanted,
    "patient_addresses",
    ["line1", "line2", "city", "postal_code", isCurrent],
    (row) => ({
      line1: readText(row, 2),
      line2: readText(row, 3),
      city: readText(row, 4),
      postalCode: readText(row, 5),
      current: readBoolean(row, 6),
    }),
    visitor,
  );

export interface ContactTexts {
  readonly system: string;
  readonly value: string;
  readonly current: boolean;
}

export const copyContacts = (
  connection: CopyConnection,
  wanted: WantedRecords,
  visitor: ChildVisitor<ContactTexts>,
): Promise<number> =>
  copyChildren(
    connection,
    wanted,
    "patient_contacts",
    ["system", "value", isCurrent],
    (row) => ({ system: readText(row, 2)!, value: readText(row, 3)!, current: readBoolean(row, 4) }),
    visitor,
    "system in ('phone', 'sms', 'email')",
  );
