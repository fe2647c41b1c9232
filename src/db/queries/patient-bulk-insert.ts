import { sql } from "drizzle-orm";
import type { Transaction } from "../client.ts";
import { clusteredIds } from "../clustered-ids.ts";
import type { PatientInsertSet } from "./patient-records.ts";

type Value = string | number | boolean | readonly string[] | null | undefined;

interface BulkColumn<Row> {
  readonly name: string;
  /** PostgreSQL's type of one value. */
  readonly type: string;
  /** What stands where there is no value: the column's own default. */
  readonly fallback?: string;
  readonly value: (row: Row) => Value;
}

const special = /["\\]/;
const specials = /["\\]/g;

/** A text array as one text value: unnest() would flatten arrays of arrays. */
function arrayLiteral(values: readonly (string | null)[]): string {
  let literal = "{";
  for (const value of values) {
    if (literal.length > 1) literal += ",";
    if (value === null) literal += "NULL";
    else literal += `"${special.test(value) ? value.replaceAll(specials, String.raw`\$&`) : value}"`;
  }
  return `${literal}}`;
}

const asText = (value: Value): string | null => {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return null;
  if (typeof value === "object") return value.length === 0 ? "{}" : arrayLiteral(value);
  return String(value);
};

/** Ids, one a row, under one or more columns. */
interface IdColumn {
  readonly names: readonly string[];
  readonly ids: readonly string[];
}

/**
 * One statement for any number of rows: one array a column. A column that says the same for every row is sent once:
 * half of them do, and an array of a thousand equal values costs both sides as much as any other.
 */
async function insertRows<Row>(
  tx: Transaction,
  table: string,
  idColumns: readonly IdColumn[],
  columns: readonly BulkColumn<Row>[],
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return;
  const names = idColumns.flatMap((column) => column.names);
  const values = idColumns.flatMap((column) => column.names.map(() => sql.raw(column.names[0]!)));
  const given = idColumns.map((column) => column.names[0]!);
  // Ids need no quotes.
  const arrays = idColumns.map(({ ids }) => sql`${`{${ids.join(",")}}`}::uuid[]`);
  for (const { name, type, fallback, value } of columns) {
    const texts = rows.map((row) => asText(value(row)));
    const [first] = texts;
    const isConstant = texts.every((text) => text === first);
    const source = isConstant ? sql`${first}::text::${sql.raw(type)}` : sql.raw(`${name}::${type}`);
    if (!isConstant) {
      given.push(name);
      arrays.push(sql`${arrayLiteral(texts)}::text[]`);
    }
    names.push(name);
    values.push(fallback === undefined ? source : sql`coalesce(${source}, ${sql.raw(fallback)})`);
  }
  // Their defaults would be asked for each row.
  names.push("created_by", "updated_by");
  values.push(sql.raw("(select mpi_acting_user())"), sql.raw("(select mpi_acting_user())"));
  await tx.execute(
    sql`insert into ${sql.raw(table)} (${sql.raw(names.join(", "))}) select ${sql.join(values, sql`, `)} from unnest(${sql.join(arrays, sql`, `)}) as given (${sql.raw(given.join(", "))})`,
  );
}

/** A new record, with the id it is to have where it brings one along. */
export interface BulkPatient extends PatientInsertSet {
  readonly id?: string | undefined;
}

type Patient = PatientInsertSet["patient"];
const patient = (name: string, type: string, value: (row: Patient) => Value): BulkColumn<BulkPatient> => ({
  name,
  type,
  value: (row) => value(row.patient),
});

const patientColumns: readonly BulkColumn<BulkPatient>[] = [
  patient("gender", "text", (row) => row.gender),
  patient("birth_date", "date", (row) => row.birthDate),
  patient("birth_date_precision", "text", (row) => row.birthDatePrecision ?? "day"),
  patient("deceased", "boolean", (row) => row.deceased ?? false),
  patient("deceased_datetime", "timestamptz", (row) => row.deceasedDatetime),
  patient("marital_status", "text", (row) => row.maritalStatus),
  patient("multiple_birth", "boolean", (row) => row.multipleBirth),
  patient("birth_order", "smallint", (row) => row.birthOrder),
  patient("mother_name", "text", (row) => row.motherName),
  patient("mother_identifier", "text", (row) => row.motherIdentifier),
  patient("managing_organization_id", "uuid", (row) => row.managingOrganizationId),
  patient("source_system", "text", (row) => row.sourceSystem),
  patient("source_id", "text", (row) => row.sourceId),
  { ...patient("received_at", "timestamptz", (row) => row.receivedAt), fallback: "now()" },
  patient("active", "boolean", (row) => row.active ?? true),
  { ...patient("enterprise_since", "timestamptz", (row) => row.enterpriseSince), fallback: "now()" },
];

type Names = PatientInsertSet["names"][number];
const nameColumns: readonly BulkColumn<Names>[] = [
  { name: "family", type: "text", value: (row) => row.family },
  { name: "given", type: "text[]", value: (row) => row.given ?? [] },
  { name: "prefix", type: "text[]", value: (row) => row.prefix ?? [] },
  { name: "suffix", type: "text[]", value: (row) => row.suffix ?? [] },
  { name: "use_type", type: "text", value: (row) => row.useType },
  { name: "is_primary", type: "boolean", value: (row) => row.isPrimary ?? false },
];

type Identifiers = PatientInsertSet["identifiers"][number];
const identifierColumns: readonly BulkColumn<Identifiers>[] = [
  { name: "type", type: "text", value: (row) => row.type },
  { name: "system", type: "text", value: (row) => row.system },
  { name: "value", type: "text", value: (row) => row.value },
  { name: "assigner", type: "text", value: (row) => row.assigner },
  { name: "use_type", type: "text", value: (row) => row.useType },
];

type Addresses = PatientInsertSet["addresses"][number];
const addressColumns: readonly BulkColumn<Addresses>[] = [
  { name: "line1", type: "text", value: (row) => row.line1 },
  { name: "line2", type: "text", value: (row) => row.line2 },
  { name: "city", type: "text", value: (row) => row.city },
  { name: "state", type: "text", value: (row) => row.state },
  { name: "postal_code", type: "text", value: (row) => row.postalCode },
  { name: "country", type: "text", value: (row) => row.country },
  { name: "use_type", type: "text", value: (row) => row.useType },
  { name: "is_primary", type: "boolean", value: (row) => row.isPrimary ?? false },
];

type Contacts = PatientInsertSet["contacts"][number];
const contactColumns: readonly BulkColumn<Contacts>[] = [
  { name: "system", type: "text", value: (row) => row.system },
  { name: "value", type: "text", value: (row) => row.value },
  { name: "use_type", type: "text", value: (row) => row.useType },
  { name: "is_primary", type: "boolean", value: (row) => row.isPrimary ?? false },
];

/**
 * Writes many new records with all their children, one statement a table; every trigger fires. In the order of the
 * ids, so that indexes are gone through once; names come last, because a new name in the dictionary is held until the
 * transaction ends, and another batch with the same name waits for it.
 */
export async function insertPatientsBulk(tx: Transaction, sets: readonly BulkPatient[]): Promise<void> {
  const nextId = clusteredIds();
  const ordered = sets.map((set) => ({ id: set.id ?? nextId(), set })).sort((a, b) => (a.id < b.id ? -1 : 1));
  await insertRows(
    tx,
    "patients",
    [
      { names: ["id"], ids: ordered.map(({ id }) => id) },
      // As the trigger mpi_begin_person() has it, which then has nothing to do.
      {
        names: ["enterprise_id", "initial_enterprise_id"],
        ids: ordered.map(({ set }) => set.patient.enterpriseId ?? nextId()),
      },
    ],
    patientColumns,
    ordered.map(({ set }) => set),
  );
  const insertChildren = async <Child extends object>(
    table: string,
    columns: readonly BulkColumn<Child>[],
    list: (set: BulkPatient) => readonly Child[],
  ) => {
    const ids: string[] = [];
    const owners: string[] = [];
    const rows: Child[] = [];
    for (const { id, set } of ordered) {
      for (const child of list(set)) {
        ids.push(nextId());
        owners.push(id);
        rows.push(child);
      }
    }
    const idColumns = [
      { names: ["id"], ids },
      { names: ["patient_id"], ids: owners },
    ];
    await insertRows(tx, table, idColumns, columns, rows);
  };
  await insertChildren("patient_identifiers", identifierColumns, (set) => set.identifiers);
  await insertChildren("patient_addresses", addressColumns, (set) => set.addresses);
  await insertChildren("patient_contacts", contactColumns, (set) => set.contacts);
  await insertChildren("patient_names", nameColumns, (set) => set.names);
}
