import { sql } from "drizzle-orm";
import type { Transaction } from "../client.ts";

/** A scored pair as it is stored; `patientId` is the smaller id. */
export interface ScoredPairRow {
  readonly patientId: string;
  readonly candidateId: string;
  readonly totalScore: number;
  readonly matchWeight: number;
  readonly nameScore: number | null;
  readonly birthDateScore: number | null;
  readonly genderScore: number | null;
  readonly addressScore: number | null;
  readonly identifierScore: number | null;
  readonly levels: Int8Array;
  readonly rulesFired: readonly string[];
  readonly state: "pending" | "auto_linked";
  readonly kind: "duplicate" | "conflict";
}

const param = (values: readonly (string | number | null)[]) =>
  sql.param(values.map((value) => (value === null ? null : String(value))));

/** Makes the table that a run's pairs are gathered in; it is gone with the transaction. */
export async function createPairStage(tx: Transaction): Promise<void> {
  await tx.execute(sql`
    create temporary table match_stage (
      patient_id uuid not null, candidate_id uuid not null, total_score numeric(8, 7) not null, match_weight float8 not null,
      name_score numeric(5, 4), birth_date_score numeric(5, 4), gender_score numeric(5, 4), address_score numeric(5, 4),
      identifier_score numeric(5, 4), levels smallint[] not null, rules_fired text[] not null, state text not null, kind text not null
    ) on commit drop`);
}

/** Pairs of one run have few different lists of levels and of rules: each is sent and read once. */
class ListPlaces {
  readonly #places = new Map<string, number>();

  placeOf(list: string): number {
    let place = this.#places.get(list);
    if (place === undefined) {
      place = this.#places.size + 1;
      this.#places.set(list, place);
    }
    return place;
  }

  lists(): readonly string[] {
    return [...this.#places.keys()];
  }
}

/** A whole column as one array literal, of values that need no quotes: the driver would write it value by value. */
const column = (rows: readonly ScoredPairRow[], valueOf: (row: ScoredPairRow) => string | number | null) =>
  sql.param(`{${rows.map((row) => valueOf(row) ?? "null").join(",")}}`);

const quoteElement = (text: string) => `"${text.replaceAll(/["\\]/gu, "\\$&")}"`;

export async function insertStagedPairs(tx: Transaction, rows: readonly ScoredPairRow[]): Promise<void> {
  const levels = new ListPlaces();
  const rules = new ListPlaces();
  const rulesOf = ({ rulesFired }: ScoredPairRow) => `{${rulesFired.map(quoteElement).join(",")}}`;
  const placesOfLevels = column(rows, (row) => levels.placeOf(`{${row.levels.join(",")}}`));
  const placesOfRules = column(rows, (row) => rules.placeOf(rulesOf(row)));
  await tx.execute(sql`
    insert into match_stage
    select given.a, given.b, given.total, given.weight, given.name, given.birth, given.gender, given.address, given.identifier,
      l.levels, r.rules, given.state, given.kind
    from unnest(${column(rows, (row) => row.patientId)}::uuid[], ${column(rows, (row) => row.candidateId)}::uuid[],
      ${column(rows, (row) => row.totalScore.toFixed(7))}::numeric[], ${column(rows, (row) => row.matchWeight)}::float8[],
      ${column(rows, (row) => row.nameScore)}::numeric[], ${column(rows, (row) => row.birthDateScore)}::numeric[],
      ${column(rows, (row) => row.genderScore)}::numeric[], ${column(rows, (row) => row.addressScore)}::numeric[],
      ${column(rows, (row) => row.identifierScore)}::numeric[], ${placesOfLevels}::int[], ${placesOfRules}::int[],
      ${column(rows, (row) => row.state)}::text[], ${column(rows, (row) => row.kind)}::text[])
      as given (a, b, total, weight, name, birth, gender, address, identifier, levels, rules, state, kind)
    join (select list::smallint[] as levels, place
      from unnest(${param(levels.lists())}::text[]) with ordinality as lists (list, place) offset 0) l on l.place = given.levels
    join (select list::text[] as rules, place
      from unnest(${param(rules.lists())}::text[]) with ordinality as lists (list, place) offset 0) r on r.place = given.rules`);
}

export interface PairCounts {
  readonly added: number;
  readonly changed: number;
  readonly superseded: number;
}

/** States that the machine may change; anything else is a person's word, or done. */
const machineStates = sql`('pending', 'auto_linked', 'superseded')`;

/**
 * Brings the stored pairs to what the stage says. A pair that a person decided keeps its state and gets the new
 * figures; live pairs that are no longer in the stage are superseded.
 *
 * @param scope of which pairs those that are not in the stage are superseded: all, or those with a record in the table.
 */
export async function mergeStagedPairs(
  tx: Transaction,
  run: { readonly runId: string; readonly modelVersion: string; readonly calibrationId: string },
  scope: PairScope,
): Promise<PairCounts> {
  await tx.execute(sql`analyze match_stage`);
  const [upserted] = await tx.execute<{ added: number; changed: number }>(sql`
    with upserted as (
    insert into patient_match_scores as s (patient_id, candidate_id, total_score, match_weight, name_score, birth_date_score,
      gender_score, address_score, identifier_score, levels, rules_fired, state, kind, model_version, calibration_id, run_id)
    select patient_id, candidate_id, total_score, match_weight, name_score, birth_date_score, gender_score, address_score,
      identifier_score, levels, rules_fired, state, kind, ${run.modelVersion}, ${run.calibrationId}::uuid, ${run.runId}::uuid
    from match_stage order by patient_id, candidate_id
    on conflict (patient_id, candidate_id) do update set
      total_score = excluded.total_score, match_weight = excluded.match_weight, name_score = excluded.name_score,
      birth_date_score = excluded.birth_date_score, gender_score = excluded.gender_score, address_score = excluded.address_score,
      identifier_score = excluded.identifier_score, levels = excluded.levels, rules_fired = excluded.rules_fired,
      state = case when s.state in ${machineStates} then excluded.state else s.state end,
      kind = case when s.kind = 'basis_changed' or s.state not in ${machineStates} then s.kind else excluded.kind end,
      model_version = excluded.model_version, calibration_id = excluded.calibration_id, run_id = excluded.run_id, calculated_at = now()
    where (s.match_weight, s.levels, s.rules_fired, s.model_version, s.calibration_id)
        is distinct from (excluded.match_weight, excluded.levels, excluded.rules_fired, excluded.model_version, excluded.calibration_id)
      or (s.state in ${machineStates} and (s.state, s.kind) is distinct from (excluded.state, excluded.kind))
    returning (xmax = 0) as inserted)
    select count(*) filter (where inserted)::int as added, count(*) filter (where not inserted)::int as changed from upserted`);
  // By id, so that each side of the pair is found by its index.
  const inScope =
    scope === "all"
      ? sql`true`
      : sql`s.id in (
          select o.id from ${sql.identifier(scope.idsTable)} w join patient_match_scores o on o.patient_id = w.id
          union all select o.id from ${sql.identifier(scope.idsTable)} w join patient_match_scores o on o.candidate_id = w.id)`;
  const [superseded] = await tx.execute<{ superseded: number }>(sql`
    with superseded as (
    update patient_match_scores s set state = 'superseded', run_id = ${run.runId}::uuid, calculated_at = now()
    where s.state in ('pending', 'auto_linked') and ${inScope}
      and not exists (select from match_stage m where m.patient_id = s.patient_id and m.candidate_id = s.candidate_id)
    returning s.id)
    select count(*)::int as superseded from superseded`);
  return { ...upserted!, ...superseded! };
}

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

/** Pairs that wait for a person's decision. */
export async function countWaitingPairs(tx: Transaction): Promise<number> {
  const [row] = await tx.execute<{ waiting: number }>(sql`
    select count(*)::int as waiting from patient_match_scores where state in ('pending', 'deferred')`);
  return row!.waiting;
}
