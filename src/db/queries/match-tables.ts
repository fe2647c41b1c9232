import { type CopiedRow } from "../binary-copy.ts";
import type { CopyConnection } from "../copy.ts";

/** What takes part in matching: neither deleted nor merged away. */
const matchable = "p.active and p.deleted_at is null";

/** Which records: all, or those of a temporary table with a column `id` on this connection. */
export type WantedRecords = "all" | { readonly idsTable: string };

type RowVisitor = (row: CopiedRow) => void;

export const patientColumns = {
  id: 0,
  sourceSystem: 1,
  gender: 2,
  birthDate: 3,
  birthDatePrecision: 4,
  multipleBirth: 5,
  birthOrder: 6,
  motherName: 7,
  motherIdentifier: 8,
  receivedOn: 9,
} as const;

/** About how many records there are, as the server has it from its last look at the table. */
export async function estimatePatients(connection: CopyConnection): Promise<number> {
  const [row] = await connection.query<{ records: number }>(
    "select greatest(0, reltuples)::float8 as records from pg_class where oid = 'patients'::regclass",
  );
  return row?.records ?? 0;
}

/** The records that take part in matching, in no particular order. */
export function copyPatients(
  connection: CopyConnection,
  wanted: WantedRecords,
  visit: RowVisitor,
): Promise<number> {
  const from = wanted === "all" ? "patients p" : `${wanted.idsTable} w join patients p on p.id = w.id`;
  const statement = `copy (
    select p.id, p.source_system, p.gender, p.birth_date, p.birth_date_precision, p.multiple_birth, p.birth_order,
      p.mother_name, p.mother_identifier, (p.received_at at time zone 'UTC')::date
    from ${from} where ${matchable}) to stdout (format binary)`;
  return connection.copyRows(statement, Object.keys(patientColumns).length, visit);
}

function copyChildren(
  connection: CopyConnection,
  wanted: WantedRecords,
  table: string,
  columns: readonly string[],
  visit: RowVisitor,
): Promise<number> {
  const from =
    wanted === "all" ? `${table} c` : `${wanted.idsTable} w join ${table} c on c.patient_id = w.id`;
  const list = columns.map((column) => `c.${column}`).join(", ");
  const statement = `copy (select c.patient_id, c.id, ${list} from ${from}) to stdout (format binary)`;
  return connection.copyRows(statement, columns.length + 2, visit);
}

export const nameColumns = { owner: 0, id: 1, family: 2, given: 3, suffix: 4, use: 5 } as const;

/** Values of any record, of those too that take no part in matching; the same holds for the other lists. */
export const copyNames = (
  connection: CopyConnection,
  wanted: WantedRecords,
  visit: RowVisitor,
): Promise<number> =>
  copyChildren(connection, wanted, "patient_names", ["family", "given", "suffix", "use_type"], visit);

export const identifierColumns = { owner: 0, id: 1, type: 2, system: 3, value: 4, use: 5 } as const;

export const copyIdentifiers = (
  connection: CopyConnection,
  wanted: WantedRecords,
  visit: RowVisitor,
): Promise<number> =>
  copyChildren(connection, wanted, "patient_identifiers", ["type", "system", "value", "use_type"], visit);

export const addressColumns = {
  owner: 0,
  id: 1,
  line1: 2,
  line2: 3,
  city: 4,
  postalCode: 5,
  use: 6,
} as const;

export const copyAddresses = (
  connection: CopyConnection,
  wanted: WantedRecords,
  visit: RowVisitor,
): Promise<number> =>
  copyChildren(
    connection,
    wanted,
    "patient_addresses",
    ["line1", "line2", "city", "postal_code", "use_type"],
    visit,
  );

export const contactColumns = { owner: 0, id: 1, system: 2, value: 3, use: 4 } as const;

/** Of all systems: the reader tells faster than the server which ones are compared. */
export const copyContacts = (
  connection: CopyConnection,
  wanted: WantedRecords,
  visit: RowVisitor,
): Promise<number> =>
  copyChildren(connection, wanted, "patient_contacts", ["system", "value", "use_type"], visit);

/** Begins the transaction in which all tables are read as they are at one moment. @returns what joinSnapshot takes. */
export async function beginSnapshot(connection: CopyConnection): Promise<string> {
  await connection.query("begin isolation level repeatable read read only");
  const [row] = await connection.query<{ snapshot: string }>("select pg_export_snapshot() as snapshot");
  return row!.snapshot;
}

/** The same moment on another connection, while the first one is in its transaction. */
export async function joinSnapshot(connection: CopyConnection, snapshot: string): Promise<void> {
  await connection.query("begin isolation level repeatable read read only");
  await connection.query(`set transaction snapshot '${snapshot.replaceAll("'", "''")}'`);
}
