import { sql, type SQL } from "drizzle-orm";
import type { Transaction } from "../client.ts";
import { BinaryRows, copyHeader, copyTrailer, encodeTexts, type WritableIds } from "../binary-rows.ts";
import { copyInto } from "../copy-into.ts";
import { memoise } from "../../lib/memoise.ts";
import { violatesUnique } from "../errors.ts";
import { hasPairs, type PairScope } from "./match-pairs.ts";

/** A scored pair as it is stored. */
export interface ScoredPairRow {
  /** What the row is called where the pair is new. */
  readonly id: string;
  /** Of the two records, by row: `patient` has the smaller id. */
  readonly ids: WritableIds;
  readonly patient: number;
  readonly candidate: number;
  readonly totalScore: number;
  readonly matchWeight: number;
  readonly nameScore: number | null;
  readonly birthDateScore: number | null;
  readonly genderScore: number | null;
  readonly addressScore: number | null;
  readonly identifierScore: number | null;
  readonly levels: Int8Array;
  /** Pairs by which the same rules fired had better have the same array: each is encoded once. */
  readonly rulesFired: readonly string[];
  readonly state: "pending" | "auto_linked";
  readonly kind: "duplicate" | "conflict";
}

/** Makes the table that a run's pairs are gathered in; it is gone with the transaction. */
export async function createPairStage(tx: Transaction): Promise<void> {
  await tx.execute(sql`
    create temporary table match_stage (
      id uuid not null, patient_id uuid not null, candidate_id uuid not null, total_score numeric(8, 7) not null, match_weight float8 not null,
      name_score numeric(5, 4), birth_date_score numeric(5, 4), gender_score numeric(5, 4), address_score numeric(5, 4),
      identifier_score numeric(5, 4), levels smallint[] not null, rules_fired text[] not null, state text not null, kind text not null,
      model_version varchar not null, calibration_id uuid not null, run_id uuid not null
    ) on commit drop`);
}

/** Stages pairs: some hundreds at a time, in the order in which they are to be stored. */
export async function stagePairs(
  tx: Transaction,
  run: StoringRun,
  batches: AsyncIterable<readonly ScoredPairRow[]>,
): Promise<void> {
  await copyInto(tx, copyStatement("match_stage"), encodePairs(run, batches));
}

const pairsPerStatement = 20_000;

/**
 * Stores pairs where none are stored, and nobody else can store any. The audit trail's trigger has the rows of a statement
 * in memory: there are several, if there are many rows.
 */
export async function insertFirstPairs(
  tx: Transaction,
  run: StoringRun,
  batches: AsyncIterable<readonly ScoredPairRow[]>,
): Promise<void> {
  const source = batches[Symbol.asyncIterator]();
  let isDone = false as boolean;
  async function* nextBatches() {
    for (let count = 0; count < pairsPerStatement;) {
      const next = await source.next();
      isDone = next.done === true;
      if (next.done === true) return;
      count += next.value.length;
      yield next.value;
    }
  }
  while (!isDone) await copyInto(tx, copyStatement("patient_match_scores"), encodePairs(run, nextBatches()));
}

const copyStatement = (table: string) =>
  `copy ${table} (${storedColumns.join(", ")}) from stdin (format binary)`;

async function* encodePairs(
  run: StoringRun,
  batches: AsyncIterable<readonly ScoredPairRow[]>,
): AsyncGenerator<Buffer> {
  const rows = new BinaryRows();
  const encodePair = pairEncoder(rows, run);
  yield copyHeader;
  for await (const batch of batches) {
    for (const pair of batch) encodePair(pair);
    yield rows.take();
  }
  yield copyTrailer;
}

/** Writes pairs in the order of `storedColumns`. */
function pairEncoder(rows: BinaryRows, run: StoringRun): (pair: ScoredPairRow) => void {
  const encodeText = memoise((text: string) => Buffer.from(text, "utf8"));
  const encodeRules = memoise(encodeTexts);
  const score = (value: number | null) => {
    if (value === null) rows.null();
    else rows.numeric(Math.round(value * 10_000), 4);
  };
  return (pair) => {
    rows.beginRow(storedColumns.length);
    rows.uuid(pair.id);
    rows.uuidOf(pair.ids, pair.patient);
    rows.uuidOf(pair.ids, pair.candidate);
    // Rounded as decimals are: what is stored is what is printed.
    rows.numeric(Math.round(Number(pair.totalScore.toFixed(7)) * 1e7), 7);
    rows.float8(pair.matchWeight);
    score(pair.nameScore);
    score(pair.birthDateScore);
    score(pair.genderScore);
    score(pair.addressScore);
    score(pair.identifierScore);
    rows.smallints(pair.levels);
    rows.bytes(encodeRules(pair.rulesFired));
    rows.bytes(encodeText(pair.state));
    rows.bytes(encodeText(pair.kind));
    rows.bytes(encodeText(run.modelVersion));
    rows.uuid(run.calibrationId);
    rows.uuid(run.runId);
  };
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

/** The columns that a run writes. */
const storedColumns = [
  "id",
  "patient_id",
  "candidate_id",
  "total_score",
  "match_weight",
  "name_score",
  "birth_date_score",
  "gender_score",
  "address_score",
  "identifier_score",
  "levels",
  "rules_fired",
  "state",
  "kind",
  "model_version",
  "calibration_id",
  "run_id",
] as const;

const stored = sql.raw(storedColumns.join(", "));

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
 * @param runId of the run whose pairs they are.
 * @param scope of which pairs those that are not in the stage are superseded: all, or those with a record in the table.
 */
export async function mergeStagedPairs(
  tx: Transaction,
  runId: string,
  scope: PairScope,
): Promise<PairCounts> {
  const [{ staged } = { staged: 0 }] = await tx.execute<{ staged: number }>(
    sql`select count(*)::int as staged from match_stage`,
  );
  // Of its lists, statistics would take longer than they are worth.
  await tx.execute(sql`analyze match_stage (patient_id, candidate_id)`);
  const inserted = await insertNewPairs(tx);
  const changed = inserted.added === staged ? 0 : await updateStoredPairs(tx);
  const superseded = await supersedePairs(tx, runId, scope);
  return { added: inserted.added, changed: inserted.changed + changed, superseded };
}

/**
 * In order of their ids, which is that of the scores, too: most indexes then grow at one end. They are in the stage in that
 * order: where no pairs are stored yet, millions of rows need no sorting. To be ready for a conflict in every row takes
 * half as long again, so that is left for the case that somebody makes one of the pairs meanwhile.
 */
async function insertNewPairs(
  tx: Transaction,
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
        insert into patient_match_scores (${stored}) select ${stored} from match_stage m ${newOnly}`),
    );
    return { added: count, changed: 0 };
  } catch (error) {
    if (!violatesUnique(error, "patient_match_scores_pair_key")) throw error;
    return upsertStagedPairs(tx);
  }
}

async function upsertStagedPairs(
  tx: Transaction,
): Promise<{ readonly added: number; readonly changed: number }> {
  const [upserted] = await tx.execute<{ added: number; changed: number }>(sql`
    with upserted as (
      insert into patient_match_scores as s (${stored}) select ${stored} from match_stage order by patient_id, candidate_id
      on conflict (patient_id, candidate_id) do update set ${takeOver(sql`excluded`)} where ${isOther(sql`excluded`)}
      returning (xmax = 0) as inserted)
    select count(*) filter (where inserted)::int as added, count(*) filter (where not inserted)::int as changed from upserted`);
  return upserted!;
}

/** The pairs that were there before, or that somebody has made meanwhile. */
async function updateStoredPairs(tx: Transaction): Promise<number> {
  const { count } = await tx.execute(sql`
    update patient_match_scores s set ${takeOver(sql`m`)} from match_stage m
    where s.patient_id = m.patient_id and s.candidate_id = m.candidate_id and s.run_id is distinct from m.run_id
      and ${isOther(sql`m`)}`);
  return count;
}

async function supersedePairs(tx: Transaction, runId: string, scope: PairScope): Promise<number> {
  // By id, so that each side of the pair is found by its index.
  const inScope =
    scope === "all"
      ? sql`true`
      : sql`s.id in (
          select o.id from ${sql.identifier(scope.idsTable)} w join patient_match_scores o on o.patient_id = w.id
          union all select o.id from ${sql.identifier(scope.idsTable)} w join patient_match_scores o on o.candidate_id = w.id)`;
  const { count } = await tx.execute(sql`
    update patient_match_scores s set state = 'superseded', run_id = ${runId}::uuid, calculated_at = now()
    where s.state in ('pending', 'auto_linked') and ${inScope}
      and not exists (select from match_stage m where m.patient_id = s.patient_id and m.candidate_id = s.candidate_id)`);
  return count;
}
