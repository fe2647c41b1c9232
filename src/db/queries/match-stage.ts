import { sql, type SQL } from "drizzle-orm";
import type { Transaction } from "../client.ts";
import { violatesUnique } from "../errors.ts";
import { hasPairs, type PairScope } from "./match-pairs.ts";

/** A scored pair as it is stored; `patientId` is the smaller id. */
export interface ScoredPairRow {
  /** What the row is called where the pair is new. */
  readonly id: string;
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
  /** Pairs by which the same rules fired had better have the same array: each is sent once. */
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
      id uuid not null, patient_id uuid not null, candidate_id uuid not null, total_score numeric(8, 7) not null, match_weight float8 not null,
      name_score numeric(5, 4), birth_date_score numeric(5, 4), gender_score numeric(5, 4), address_score numeric(5, 4),
      identifier_score numeric(5, 4), levels smallint[] not null, rules_fired text[] not null, state text not null, kind text not null
    ) on commit drop`);
}

/** Pairs of one run have few different lists of levels and of rules: each is written, sent and read once. */
class ListPlaces<List, Key> {
  readonly #places = new Map<Key, number>();
  readonly #texts: string[] = [];
  readonly #keyOf: (list: List) => Key;
  readonly #format: (list: List) => string;

  constructor(keyOf: (list: List) => Key, format: (list: List) => string) {
    this.#keyOf = keyOf;
    this.#format = format;
  }

  placeOf(list: List): number {
    const key = this.#keyOf(list);
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#texts.push(this.#format(list));
      this.#places.set(key, place);
    }
    return place;
  }

  get texts(): readonly string[] {
    return this.#texts;
  }
}

/** A whole column as one array literal, of values that need no quotes: the driver would write it value by value. */
const column = (rows: readonly ScoredPairRow[], valueOf: (row: ScoredPairRow) => string | number | null) =>
  sql.param(`{${rows.map((row) => valueOf(row) ?? "null").join(",")}}`);

const quoteElement = (text: string) => `"${text.replaceAll(/["\\]/gu, "\\$&")}"`;

/** By ten-thousandths, as the columns keep scores. */
const scoreTexts = Array.from({ length: 10_001 }, (_, score) => (score / 10_000).toFixed(4));
// What is no score goes out as it is, for the table to refuse.
const formatScore = (score: number | null) =>
  score === null ? null : (scoreTexts[Math.round(score * 10_000)] ?? score);

/** The rows, as a query with a column for each of their fields. */
function selectGiven(rows: readonly ScoredPairRow[]): SQL {
  const levels = new ListPlaces<Int8Array, string>(
    (list) => String.fromCharCode(...list),
    (list) => `{${list.join(",")}}`,
  );
  const rules = new ListPlaces<readonly string[], readonly string[]>(
    (list) => list,
    (list) => `{${list.map(quoteElement).join(",")}}`,
  );
  const placesOfLevels = column(rows, (row) => levels.placeOf(row.levels));
  const placesOfRules = column(rows, (row) => rules.placeOf(row.rulesFired));
  return sql`
    select given.id, given.a, given.b, given.total, given.weight, given.name, given.birth, given.gender, given.address, given.identifier,
      l.levels, r.rules, given.state, given.kind
    from unnest(${column(rows, (row) => row.id)}::uuid[],
      ${column(rows, (row) => row.patientId)}::uuid[], ${column(rows, (row) => row.candidateId)}::uuid[],
      ${column(rows, (row) => row.totalScore.toFixed(7))}::numeric[], ${column(rows, (row) => row.matchWeight)}::float8[],
      ${column(rows, (row) => formatScore(row.nameScore))}::numeric[], ${column(rows, (row) => formatScore(row.birthDateScore))}::numeric[],
      ${column(rows, (row) => formatScore(row.genderScore))}::numeric[], ${column(rows, (row) => formatScore(row.addressScore))}::numeric[],
      ${column(rows, (row) => formatScore(row.identifierScore))}::numeric[], ${placesOfLevels}::int[], ${placesOfRules}::int[],
      ${column(rows, (row) => row.state)}::text[], ${column(rows, (row) => row.kind)}::text[])
      as given (id, a, b, total, weight, name, birth, gender, address, identifier, levels, rules, state, kind)
    join (select list::smallint[] as levels, place
      from unnest(${param(levels.texts)}::text[]) with ordinality as lists (list, place) offset 0) l on l.place = given.levels
    join (select list::text[] as rules, place
      from unnest(${param(rules.texts)}::text[]) with ordinality as lists (list, place) offset 0) r on r.place = given.rules`;
}

export async function insertStagedPairs(tx: Transaction, rows: readonly ScoredPairRow[]): Promise<void> {
  await tx.execute(sql`insert into match_stage ${selectGiven(rows)}`);
}

/** Stores pairs where none are stored, and nobody else can store any. */
export async function insertFirstPairs(
  tx: Transaction,
  run: StoringRun,
  rows: readonly ScoredPairRow[],
): Promise<void> {
  await tx.execute(sql`
    insert into patient_match_scores ${storedColumns}
    select given.*, ${run.modelVersion}::varchar, ${run.calibrationId}::uuid, ${run.runId}::uuid
    from (${selectGiven(rows)}) given`);
}

export interface PairCounts {
  readonly added: number;
  readonly changed: number;
  readonly superseded: number;
}

/** States that the machine may change; anything else is a person's word, or done. */
const machineStates = sql`('pending', 'auto_linked', 'superseded')`;

/** The run that stores, as each of its pairs names it. */
export interface StoringRun {
  readonly runId: string;
  readonly modelVersion: string;
  readonly calibrationId: string;
}

/** The columns that a run writes, in the order of `selectStaged`. */
const storedColumns = sql`(id, patient_id, candidate_id, total_score, match_weight, name_score, birth_date_score,
  gender_score, address_score, identifier_score, levels, rules_fired, state, kind, model_version, calibration_id, run_id)`;

const selectStaged = (run: StoringRun) => sql`
  select id, patient_id, candidate_id, total_score, match_weight, name_score, birth_date_score,
    gender_score, address_score, identifier_score, levels, rules_fired, state, kind,
    ${run.modelVersion}::varchar as model_version, ${run.calibrationId}::uuid as calibration_id, ${run.runId}::uuid as run_id
  from match_stage m`;

/** Sets what is stored of a pair `s` to what the other row says; what a person decided keeps its state. */
const takeOver = (other: SQL) => sql`
  total_score = ${other}.total_score, match_weight = ${other}.match_weight, name_score = ${other}.name_score,
  birth_date_score = ${other}.birth_date_score, gender_score = ${other}.gender_score, address_score = ${other}.address_score,
  identifier_score = ${other}.identifier_score, levels = ${other}.levels, rules_fired = ${other}.rules_fired,
  state = case when s.state in ${machineStates} then ${other}.state else s.state end,
  kind = case when s.kind = 'basis_changed' or s.state not in ${machineStates} then s.kind else ${other}.kind end,
  model_version = ${other}.model_version, calibration_id = ${other}.calibration_id, run_id = ${other}.run_id, calculated_at = now()`;

const isOther = (other: SQL) => sql`
  ((s.match_weight, s.levels, s.rules_fired, s.model_version, s.calibration_id)
    is distinct from (${other}.match_weight, ${other}.levels, ${other}.rules_fired, ${other}.model_version, ${other}.calibration_id)
  or (s.state in ${machineStates} and (s.state, s.kind) is distinct from (${other}.state, ${other}.kind)))`;

/**
 * Brings the stored pairs to what the stage says. A pair that a person decided keeps its state and gets the new
 * figures; live pairs that are no longer in the stage are superseded.
 *
 * @param scope of which pairs those that are not in the stage are superseded: all, or those with a record in the table.
 */
export async function mergeStagedPairs(
  tx: Transaction,
  run: StoringRun,
  scope: PairScope,
): Promise<PairCounts> {
  const [{ staged } = { staged: 0 }] = await tx.execute<{ staged: number }>(
    sql`select count(*)::int as staged from match_stage`,
  );
  // Of its lists, statistics would take longer than they are worth.
  await tx.execute(sql`analyze match_stage (patient_id, candidate_id)`);
  const inserted = await insertNewPairs(tx, run);
  const changed = inserted.added === staged ? 0 : await updateStoredPairs(tx, run);
  const superseded = await supersedePairs(tx, run, scope);
  return { added: inserted.added, changed: inserted.changed + changed, superseded };
}

/**
 * In order of their ids, which is that of the scores, too: most indexes then grow at one end. They are in the stage in that
 * order: where no pairs are stored yet, millions of rows need no sorting. To be ready for a conflict in every row takes
 * half as long again, so that is left for the case that somebody makes one of the pairs meanwhile.
 */
async function insertNewPairs(
  tx: Transaction,
  run: StoringRun,
): Promise<{ readonly added: number; readonly changed: number }> {
  const newOnly = (await hasPairs(tx))
    ? sql`
        where not exists (
          select from patient_match_scores s where s.patient_id = m.patient_id and s.candidate_id = m.candidate_id)
        order by id`
    : sql``;
  try {
    const { count } = await tx.transaction((inner) =>
      inner.execute(sql`
        insert into patient_match_scores ${storedColumns} ${selectStaged(run)} ${newOnly}`),
    );
    return { added: count, changed: 0 };
  } catch (error) {
    if (!violatesUnique(error, "patient_match_scores_pair_key")) throw error;
    return upsertStagedPairs(tx, run);
  }
}

async function upsertStagedPairs(
  tx: Transaction,
  run: StoringRun,
): Promise<{ readonly added: number; readonly changed: number }> {
  const [upserted] = await tx.execute<{ added: number; changed: number }>(sql`
    with upserted as (
      insert into patient_match_scores as s ${storedColumns} ${selectStaged(run)} order by patient_id, candidate_id
      on conflict (patient_id, candidate_id) do update set ${takeOver(sql`excluded`)} where ${isOther(sql`excluded`)}
      returning (xmax = 0) as inserted)
    select count(*) filter (where inserted)::int as added, count(*) filter (where not inserted)::int as changed from upserted`);
  return upserted!;
}

/** The pairs that were there before, or that somebody has made meanwhile. */
async function updateStoredPairs(tx: Transaction, run: StoringRun): Promise<number> {
  const { count } = await tx.execute(sql`
    update patient_match_scores s set ${takeOver(sql`m`)} from (${selectStaged(run)}) m
    where s.patient_id = m.patient_id and s.candidate_id = m.candidate_id and s.run_id is distinct from m.run_id
      and ${isOther(sql`m`)}`);
  return count;
}

async function supersedePairs(tx: Transaction, run: StoringRun, scope: PairScope): Promise<number> {
  // By id, so that each side of the pair is found by its index.
  const inScope =
    scope === "all"
      ? sql`true`
      : sql`s.id in (
          select o.id from ${sql.identifier(scope.idsTable)} w join patient_match_scores o on o.patient_id = w.id
          union all select o.id from ${sql.identifier(scope.idsTable)} w join patient_match_scores o on o.candidate_id = w.id)`;
  const { count } = await tx.execute(sql`
    update patient_match_scores s set state = 'superseded', run_id = ${run.runId}::uuid, calculated_at = now()
    where s.state in ('pending', 'auto_linked') and ${inScope}
      and not exists (select from match_stage m where m.patient_id = s.patient_id and m.candidate_id = s.candidate_id)`);
  return count;
}
