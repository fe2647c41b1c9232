/** How much room the tables take, and what that comes to at ten million patients. */
import { withCopyConnection } from "../src/db/copy.ts";
import type { ConnectionTarget } from "../src/db/client.ts";
import { formatTable } from "./measure.ts";

/** GB for ten million patients, as estimated when the schema was asked for; data alone. */
const asked: Readonly<Record<string, number>> = {
  patients: 5,
  patient_names: 4.5,
  patient_identifiers: 6,
  patient_addresses: 5,
  patient_contacts: 6,
};
const askedWithIndexes = 40;

interface Size {
  readonly name: string;
  readonly data: number;
  readonly indexes: number;
}

const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(2);

/** The table that stands beside the asked-for estimates. */
export async function formatSizes(target: ConnectionTarget): Promise<string> {
  const patients = await withCopyConnection(target, async (connection) => {
    const rows = await connection.query<{ n: string }>("select count(*)::text as n from patients");
    return Number(rows[0]!.n);
  });
  const sizes = await withCopyConnection(target, (connection) =>
    connection.query<Size>(
      `select c.relname as name, pg_table_size(c.oid)::float8 as data, pg_indexes_size(c.oid)::float8 as indexes
        from pg_class c where c.relname in (${Object.keys(asked)
          .map((name) => `'${name}'`)
          .join(
            ", ",
          )}, 'name_dictionary') order by array_position(array['patients', 'patient_names', 'patient_identifiers',
          'patient_addresses', 'patient_contacts', 'name_dictionary'], c.relname::text)`,
    ),
  );
  const atTenMillion = (bytes: number) => (bytes * 10_000_000) / patients;
  const sum = (part: (size: Size) => number) => sizes.reduce((total, size) => total + part(size), 0);
  const data = sum((size) => size.data);
  const all = sum((size) => size.data + size.indexes);
  const row = (name: string, own: number, indexes: number, estimate: string) => [
    name,
    (own / patients).toFixed(0),
    (indexes / patients).toFixed(0),
    gigabytes(atTenMillion(own)),
    gigabytes(atTenMillion(own + indexes)),
    estimate,
  ];
  return formatTable(
    ["table", "bytes/patient", "its indexes", "10 M: GB data", "10 M: GB with indexes", "asked for"],
    [
      ...sizes.map((size) =>
        row(
          size.name,
          size.data,
          size.indexes,
          asked[size.name] === undefined ? "" : `${String(asked[size.name])} GB`,
        ),
      ),
      row("all", data, all - data, `27 GB, ${String(askedWithIndexes)} GB with indexes`),
    ],
  );
}

/** Bytes on disk of the audit trail, indexes included. */
export async function auditBytes(target: ConnectionTarget): Promise<number> {
  return withCopyConnection(target, async (connection) => {
    const rows = await connection.query<{ bytes: number }>(
      `select coalesce(sum(pg_total_relation_size(relid)), 0)::float8 as bytes from pg_partition_tree('audit_log') where isleaf`,
    );
    return rows[0]!.bytes;
  });
}
