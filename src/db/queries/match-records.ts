import type { CopyConnection } from "../copy.ts";

/** Separators inside an aggregated column: they stand for nothing in a name, and are blanked where they occur. */
const between = { rows: "\x1e", fields: "\x1f", parts: "\x1d" } as const;

/** One record as COPY gives it: columns of text, lists packed with the separators. */
export interface PackedRecord {
  readonly id: string;
  /** `bigint`-safe text of the version and the columns of the record itself, null where absent. */
  readonly columns: readonly (string | null)[];
  readonly names: readonly (readonly string[])[];
  readonly identifiers: readonly (readonly string[])[];
  readonly addresses: readonly (readonly string[])[];
  readonly contacts: readonly (readonly string[])[];
}

export const splitParts = (packed: string): readonly string[] =>
  packed === "" ? [] : packed.split(between.parts);

const clean = (expression: string) => `coalesce(translate(${expression}, E'\\x1d\\x1e\\x1f', '   '), '')`;
const cleanArray = (expression: string) =>
  `translate(array_to_string(${expression}, E'\\x1d'), E'\\x1e\\x1f', '  ')`;
const packed = (fields: readonly string[]) =>
  `string_agg(${fields.join(" || E'\\x1f' || ")}, E'\\x1e' order by id)`;
/** Former values can agree, never conflict. */
const isCurrent = "case when coalesce(use_type in ('old', 'maiden', 'temp'), false) then '0' else '1' end";

const lists = {
  names: {
    table: "patient_names",
    value: packed([
      clean("family"),
      cleanArray("given"),
      cleanArray("prefix"),
      cleanArray("suffix"),
      isCurrent,
    ]),
  },
  identifiers: {
    table: "patient_identifiers",
    value: packed([clean("type"), clean("system"), clean("value"), isCurrent]),
  },
  addresses: {
    table: "patient_addresses",
    value: packed([
      clean("line1"),
      clean("line2"),
      clean("city"),
      clean("state"),
      clean("postal_code"),
      clean("country"),
      isCurrent,
    ]),
  },
  contacts: {
    table: "patient_contacts",
    value: packed([clean("system"), clean("value"), isCurrent]),
  },
} as const;

const recordColumns = [
  "p.source_system",
  "p.gender",
  "p.birth_date::text",
  "p.birth_date_precision",
  "p.multiple_birth::int::text",
  "p.birth_order::text",
  "p.mother_name",
  "p.mother_identifier",
  "to_char(p.received_at at time zone 'UTC', 'YYYY-MM-DD')",
];

/** What takes part in matching: neither deleted nor merged away. */
export const matchable = "p.active and p.deleted_at is null";

/** All records, in order of id, aggregated by one pass over each table. */
const allRecords = () => `
  select p.id, ${recordColumns.join(", ")}, n.v, i.v, a.v, c.v
  from patients p
  left join (select patient_id, ${lists.names.value} as v from patient_names group by patient_id) n on n.patient_id = p.id
  left join (select patient_id, ${lists.identifiers.value} as v from patient_identifiers group by patient_id) i on i.patient_id = p.id
  left join (select patient_id, ${lists.addresses.value} as v from patient_addresses group by patient_id) a on a.patient_id = p.id
  left join (select patient_id, ${lists.contacts.value} as v from patient_contacts group by patient_id) c on c.patient_id = p.id
  where ${matchable} order by p.id`;

/** The records of a temporary table of ids, each looked up by its indexes. */
const someRecords = (idsTable: string) => `
  select p.id, ${recordColumns.join(", ")},
    (select ${lists.names.value} from patient_names where patient_id = p.id),
    (select ${lists.identifiers.value} from patient_identifiers where patient_id = p.id),
    (select ${lists.addresses.value} from patient_addresses where patient_id = p.id),
    (select ${lists.contacts.value} from patient_contacts where patient_id = p.id)
  from ${idsTable} wanted join patients p on p.id = wanted.id
  where ${matchable} order by p.id`;

/**
 * Streams the records that take part in matching, in order of id.
 *
 * @param idsTable a temporary table with a column `id` on this connection; absent: all records.
 */
export async function* copyMatchRecords(
  connection: CopyConnection,
  idsTable?: string,
): AsyncGenerator<readonly PackedRecord[]> {
  const query = idsTable === undefined ? allRecords() : someRecords(idsTable);
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of connection.copyOut(`copy (${query}) to stdout`)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(10);
    if (end < 0) {
      rest = bytes;
      continue;
    }
    rest = bytes.subarray(end + 1);
    yield bytes.toString("utf8", 0, end).split("\n").map(parseLine);
  }
}

function parseLine(line: string): PackedRecord {
  const fields = line.split("\t").map(unescapeField);
  const [id, ...columns] = fields.slice(0, recordColumns.length + 1);
  const [names, identifiers, addresses, contacts] = fields.slice(recordColumns.length + 1).map(unpack);
  return {
    id: id!,
    columns,
    names: names!,
    identifiers: identifiers!,
    addresses: addresses!,
    contacts: contacts!,
  };
}

const unpack = (value: string | null): readonly (readonly string[])[] =>
  value === null ? [] : value.split(between.rows).map((row) => row.split(between.fields));

const escapes: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** COPY's text format. */
function unescapeField(field: string): string | null {
  if (field === "\\N") return null;
  return field.includes("\\")
    ? field.replaceAll(/\\(.)/gs, (_, letter: string) => escapes[letter] ?? letter)
    : field;
}
