import { sql, type SQL } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";

/** What records must share to be looked at: any one of these is enough. */
export interface CandidateKeys {
  readonly identifiers: readonly string[];
  readonly contacts: readonly { readonly system: string; readonly value: string }[];
  /** A birth date known to the day. */
  readonly birthDate: string | null;
  /** Folded names, with those that sound alike, are spelt alike or are nicknames of each other. */
  readonly families: readonly string[];
  readonly givens: readonly string[];
}

/** Names alone are worth a look where the birth dates are at most so many days apart, or one is unknown. */
const nearInDays = 3 * 366;

const texts = (values: readonly string[]) => sql`${sql.param([...values])}::text[]`;

/**
 * Records in use that share an identifier, a telephone number, an e-mail address, a birth date and a name, or the
 * names; at most `limit` by each way, in order of id. Every way has an index of its own, and equality with an array
 * uses it below row-level security too, where a semi-join would go through the whole table.
 */
export async function selectCandidateIds(
  db: Queryable,
  keys: CandidateKeys,
  limit: number,
): Promise<readonly string[]> {
  const ways: SQL[] = [];
  const way = (query: SQL) => ways.push(sql`(${query} limit ${limit})`);
  if (keys.identifiers.length > 0) {
    way(sql`
      select i.patient_id as id from patient_identifiers i
      where i.value_normalized = any(array(select mpi_normalize_identifier(v) from unnest(${texts(keys.identifiers)}) v))
      order by i.patient_id`);
  }
  if (keys.contacts.length > 0) {
    way(sql`
      select c.patient_id from patient_contacts c
      where c.value_normalized = any(array(
        select mpi_normalize_contact(s, v)
        from unnest(${texts(keys.contacts.map((each) => each.system))}, ${texts(keys.contacts.map((each) => each.value))}) as given (s, v)))
      order by c.patient_id`);
  }
  const { birthDate, families, givens } = keys;
  if (birthDate !== null && families.length + givens.length > 0) {
    way(sql`
      select p.id from patients p
      where p.birth_date = ${birthDate}::date and exists (
        select from patient_names n where n.patient_id = p.id
          and (n.family_folded = any(${texts(families)}) or n.given_folded && ${texts(givens)}))
      order by p.id`);
  }
  if (families.length > 0 && givens.length > 0) {
    // Given and family name in each other's place are the same two names.
    for (const [family, given] of [
      [families, givens],
      [givens, families],
    ] as const) {
      way(sql`
        select p.id from patient_names n join patients p on p.id = n.patient_id
        where n.family_folded = any(${texts(family)}) and (n.given_folded)[1] = any(${texts(given)})
          and (p.birth_date is null or ${birthDate}::date is null or p.birth_date_precision <> 'day'
            or abs(p.birth_date - ${birthDate}::date) <= ${nearInDays}
            or to_char(p.birth_date, 'MMDD') = to_char(${birthDate}::date, 'MMDD'))
        order by abs(p.birth_date - ${birthDate}::date), p.id`);
    }
  }
  if (ways.length === 0) return [];
  const rows = await db.execute<{ id: string }>(sql`
    select distinct p.id from (${sql.join(ways, sql` union all `)}) found (id) join patients p on p.id = found.id
    where p.active and p.deleted_at is null order by p.id`);
  return rows.map((row) => row.id);
}

/** About how many records there are: counted where they are few, else the planner's figure. */
export async function estimatePatientCount(db: Queryable): Promise<number> {
  const [row] = await db.execute<{ few: number; planned: number }>(sql`
    select (select count(*) from (select from patients limit 10001) few)::float8 as few,
      greatest(reltuples, 0)::float8 as planned
    from pg_class where oid = 'patients'::regclass`);
  return row!.few <= 10_000 ? row!.few : Math.max(row!.few, row!.planned);
}

/** One registration at a time from here to the end of the transaction, so that each sees those before it. */
export async function lockRegistration(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('mpi patient add'))`);
}
