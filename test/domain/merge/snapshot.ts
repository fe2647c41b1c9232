import type { TestIndex } from "../../support/test-index.ts";

const stamps: ReadonlySet<string> = new Set(["updated_at", "updated_by", "version", "change_xid"]);

/**
 * Everything that a merge and its undoing may touch, last-update stamps, versions and change markers aside: what has
 * to be equal where law U2 says "byte for byte".
 */
export async function takeSnapshot({ sql }: TestIndex, records?: readonly string[]) {
  const all = records === undefined;
  const ids = [...(records ?? [])];
  const stamped = (row: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => !stamps.has(column)));
  const [patients, names, identifiers, addresses, contacts, links, pairs] = await Promise.all([
    sql`select * from patients where ${all} or id = any(${ids}::uuid[]) order by id`,
    sql`select * from patient_names where ${all} or patient_id = any(${ids}::uuid[]) order by id`,
    sql`select * from patient_identifiers where ${all} or patient_id = any(${ids}::uuid[]) order by id`,
    sql`select * from patient_addresses where ${all} or patient_id = any(${ids}::uuid[]) order by id`,
    sql`select * from patient_contacts where ${all} or patient_id = any(${ids}::uuid[]) order by id`,
    sql`select * from patient_links where ${all} or patient_id = any(${ids}::uuid[]) order by id`,
    sql`select id, patient_id, candidate_id, state, kind, decided_by, decided_at::text, decision_origin, reason,
          basis_fingerprint, merge_id, total_score::float8, match_weight
        from patient_match_scores where ${all} or patient_id = any(${ids}::uuid[]) order by patient_id, candidate_id`,
  ]);
  return {
    patients: patients.map(stamped),
    names: names.map(stamped),
    identifiers: identifiers.map(stamped),
    addresses: addresses.map(stamped),
    contacts: contacts.map(stamped),
    links: links.map(stamped),
    pairs: pairs.map(stamped),
  };
}

/** The rows of one child table on one record, by value. */
export async function listValues({ sql }: TestIndex, table: "identifiers" | "contacts", record: string) {
  const name = `patient_${table}`;
  const rows = await sql<{ value: string; use_type: string | null }[]>`
    select value, use_type from ${sql(name)} where patient_id = ${record} order by value`;
  return rows.map((row) => (row.use_type === null ? row.value : `${row.value} (${row.use_type})`));
}
