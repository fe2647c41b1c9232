import { sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";

/**
 * The key values of one record as one JSON text: gender, birth date, names and identifiers, folded and in order.
 * Rows that a merge moved here do not count: what a record says of itself is not changed by a merge, and so a merge
 * and its undoing never call old decisions into question. Addresses and contacts change with every move of house and
 * are no basis either.
 */
const keyValues = (record: string) =>
  sql.raw(`(
    select jsonb_build_array(p.gender, p.birth_date, p.birth_date_precision,
      (select jsonb_agg(n.name order by n.name) from (
        select distinct jsonb_build_array(family_folded, given_folded, suffix) as name
        from patient_names where patient_id = p.id and merge_id is null) n),
      (select jsonb_agg(i.identifier order by i.identifier) from (
        select distinct jsonb_build_array(system, value_normalized) as identifier
        from patient_identifiers where patient_id = p.id and merge_id is null) i))::text
    from patients p where p.id = ${record})`);

/** SHA-256 keyed by the pair, so that equal values of other people never show as equal fingerprints. */
const fingerprint = (left: string, right: string) => sql`
  encode(sha256(convert_to(jsonb_build_array(${sql.raw(left)}, ${sql.raw(right)}, ${keyValues(left)}, ${keyValues(right)})::text, 'UTF8')), 'hex')`;

/** The fingerprint of what a decision about these two records would be based on now; ids in either order. */
export async function selectBasisFingerprint(db: Queryable, a: string, b: string): Promise<string> {
  const rows = await db.execute<{ fingerprint: string }>(sql`
    select ${fingerprint("pair.a", "pair.b")} as fingerprint
    from (select least(${a}::uuid, ${b}::uuid) as a, greatest(${a}::uuid, ${b}::uuid) as b) pair`);
  return rows[0]!.fingerprint;
}

export interface BasisChange {
  readonly pairId: string;
  readonly isChanged: boolean;
  [column: string]: unknown;
}

/**
 * Marks decided pairs of these records whose key values are no longer those that the decision was based on, and
 * takes the mark away where they are again. The decision itself stands. Pairs of retired or deleted records are left
 * as they are.
 */
export async function updateBasisMarks(
  tx: Transaction,
  recordIds: readonly string[],
): Promise<readonly BasisChange[]> {
  if (recordIds.length === 0) return [];
  const ids = sql`${sql.param([...recordIds])}::uuid[]`;
  return tx.execute<BasisChange>(sql`
    update patient_match_scores s
    set kind = case when found.is_changed then 'basis_changed' else 'duplicate' end
    from (
      select d.id, ${fingerprint("d.patient_id", "d.candidate_id")} <> d.basis_fingerprint as is_changed
      from patient_match_scores d
        join patients a on a.id = d.patient_id and a.active and a.deleted_at is null
        join patients b on b.id = d.candidate_id and b.active and b.deleted_at is null
      where (d.patient_id = any(${ids}) or d.candidate_id = any(${ids}))
        and d.state in ('confirmed', 'rejected') and d.basis_fingerprint is not null) found
    where s.id = found.id and (s.kind = 'basis_changed') <> found.is_changed
    returning s.id as "pairId", found.is_changed as "isChanged"`);
}
