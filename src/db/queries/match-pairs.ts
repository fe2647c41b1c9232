import { sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";

const param = (values: readonly (string | number | null)[]) =>
  sql.param(values.map((value) => (value === null ? null : String(value))));

export interface DecidedPairRow {
  readonly patientId: string;
  readonly candidateId: string;
  readonly state: string;
  [column: string]: unknown;
}

/** All rows, or those of records in a temporary table with a column `id`. */
export type PairScope = "all" | { readonly idsTable: string };

/** Pairs that a person decided: "different" binds, "same" is linked already. */
export const selectDecidedPairs = (tx: Transaction, scope: PairScope): Promise<readonly DecidedPairRow[]> =>
  tx.execute<DecidedPairRow>(sql`
    select s.patient_id as "patientId", s.candidate_id as "candidateId", s.state
    from ${scope === "all" ? sql`` : sql`${sql.identifier(scope.idsTable)} w join`} patient_match_scores s
    ${scope === "all" ? sql`` : sql`on s.patient_id = w.id`}
    where s.state in ('confirmed', 'rejected') order by s.patient_id, s.candidate_id`);

export interface ActiveLinkRow {
  readonly patientId: string;
  readonly otherPatientId: string;
  readonly origin: string;
  [column: string]: unknown;
}

/** Links of all types. */
export const selectMatchableLinks = (tx: Transaction, scope: PairScope): Promise<readonly ActiveLinkRow[]> =>
  tx.execute<ActiveLinkRow>(sql`
    select l.patient_id as "patientId", l.other_patient_id as "otherPatientId", l.origin
    from ${scope === "all" ? sql`` : sql`${sql.identifier(scope.idsTable)} w join`} patient_links l
    ${scope === "all" ? sql`` : sql`on l.patient_id = w.id`}
    order by l.patient_id, l.other_patient_id`);

/** Writes the run's own links: one `seealso` row a pair, the smaller id first. */
export async function insertRunLinks(
  tx: Transaction,
  runId: string,
  pairs: readonly (readonly [string, string])[],
): Promise<number> {
  if (pairs.length === 0) return 0;
  const rows = await tx.execute(sql`
    insert into patient_links (patient_id, other_patient_id, link_type, origin, run_id)
    select a::uuid, b::uuid, 'seealso', 'run', ${runId}::uuid
    from unnest(${param(pairs.map(([a]) => a))}::text[], ${param(pairs.map(([, b]) => b))}::text[]) as given (a, b)
    order by 1, 2
    on conflict do nothing returning id`);
  return rows.length;
}

/** Withdraws links that runs made and this one no longer makes. What a person linked is not touched. */
export async function deleteRunLinks(
  tx: Transaction,
  pairs: readonly (readonly [string, string])[],
): Promise<number> {
  if (pairs.length === 0) return 0;
  const rows = await tx.execute(sql`
    delete from patient_links l
    using unnest(${param(pairs.map(([a]) => a))}::text[], ${param(pairs.map(([, b]) => b))}::text[]) as given (a, b)
    where l.patient_id = a::uuid and l.other_patient_id = b::uuid and l.link_type = 'seealso' and l.origin = 'run'
    returning l.id`);
  return rows.length;
}

export async function hasPairs(db: Queryable): Promise<boolean> {
  const [row] = await db.execute<{ any: boolean }>(
    sql`select exists (select from patient_match_scores) as any`,
  );
  return row!.any;
}

/** Pairs that wait for a person's decision. */
export async function countWaitingPairs(tx: Transaction): Promise<number> {
  const [row] = await tx.execute<{ waiting: number }>(sql`
    select count(*)::int as waiting from patient_match_scores where state in ('pending', 'deferred')`);
  return row!.waiting;
}
