import { sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";

/** Where the database stands: which one it is, and below which transaction everything is decided. */
export interface RunHorizon {
  /** Names the database cluster; a restore into another one has another. */
  readonly epoch: string;
  /** All transactions below it are committed or gone: changes marked lower are safe to take. */
  readonly watermark: string;
}

/** Read at the start of a run, before any record is. */
export async function selectRunHorizon(tx: Transaction): Promise<RunHorizon> {
  const [row] = await tx.execute<{ epoch: string; watermark: string }>(sql`
    select system_identifier::text as epoch, pg_snapshot_xmin(pg_current_snapshot())::text as watermark
    from pg_control_system()`);
  return row!;
}

/** What earlier runs have covered, under the same model and calibration. */
export interface CoveredBefore {
  readonly watermark: string;
  readonly calibrationId: string;
  readonly autoLink: boolean;
  [column: string]: unknown;
}

export async function findLastRun(
  tx: Transaction,
  run: { readonly epoch: string; readonly modelHash: string },
): Promise<CoveredBefore | undefined> {
  const [row] = await tx.execute<CoveredBefore>(sql`
    select watermark::text as watermark, calibration_id as "calibrationId", auto_link as "autoLink" from match_runs
    where state = 'succeeded' and epoch = ${run.epoch} and model_hash = ${run.modelHash} and watermark is not null
      and watermark <= pg_snapshot_xmax(pg_current_snapshot()) and calibration_id is not null
    order by started_at desc limit 1`);
  return row;
}

export async function insertMatchRun(
  tx: Transaction,
  run: {
    readonly mode: "full" | "incremental";
    readonly modelVersion: string;
    readonly modelHash: string;
    readonly epoch: string;
    readonly autoLink: boolean;
  },
): Promise<string> {
  // A run that was killed left its row open; this one holds the lock, so nobody is at work on it.
  await tx.execute(sql`
    update match_runs set state = 'failed', finished_at = now(), error = 'the process ended before the run did'
    where state = 'running'`);
  const [row] = await tx.execute<{ id: string }>(sql`
    insert into match_runs (mode, model_version, model_hash, epoch, auto_link)
    values (${run.mode}, ${run.modelVersion}, ${run.modelHash}, ${run.epoch}, ${run.autoLink}) returning id`);
  return row!.id;
}

export async function finishMatchRun(
  tx: Transaction,
  id: string,
  end: {
    readonly state: "succeeded" | "stopped" | "failed";
    readonly watermark: string | null;
    readonly calibrationId: string | null;
    readonly counts: Readonly<Record<string, unknown>>;
    readonly timings: Readonly<Record<string, number>>;
    readonly error?: string;
  },
): Promise<void> {
  await tx.execute(sql`
    update match_runs
    set state = ${end.state}, watermark = ${end.watermark}::xid8, calibration_id = ${end.calibrationId}::uuid,
      counts = ${JSON.stringify(end.counts)}::jsonb, timings = ${JSON.stringify(end.timings)}::jsonb,
      finished_at = now(), error = ${end.error ?? null}
    where id = ${id}`);
}

export interface StoredCalibration {
  readonly id: string;
  readonly content: Buffer;
  readonly recordCount: number;
  readonly createdAt: string;
}

export async function insertCalibration(
  tx: Transaction,
  calibration: {
    readonly modelVersion: string;
    readonly modelHash: string;
    readonly model: unknown;
    readonly content: Buffer;
    readonly contentHash: string;
    readonly recordCount: number;
    readonly origin: "train" | "run" | "decisions";
  },
): Promise<string> {
  const [row] = await tx.execute<{ id: string }>(sql`
    insert into match_calibrations (model_version, model_hash, model, content, content_hash, record_count, origin)
    values (${calibration.modelVersion}, ${calibration.modelHash}, ${JSON.stringify(calibration.model)}::jsonb,
      ${calibration.content}::bytea, ${calibration.contentHash}, ${calibration.recordCount}, ${calibration.origin})
    returning id`);
  return row!.id;
}

/** The newest calibration of a model, without its content. */
export async function findCalibration(
  db: Queryable,
  modelHash: string,
): Promise<Omit<StoredCalibration, "content"> | undefined> {
  const [row] = await db.execute<{ id: string; count: string; created: string }>(sql`
    select id, record_count as count, created_at::text as created from match_calibrations
    where model_hash = ${modelHash} order by created_at desc, id limit 1`);
  return row === undefined
    ? undefined
    : { id: row.id, recordCount: Number(row.count), createdAt: row.created };
}

export async function selectCalibrationContent(db: Queryable, id: string): Promise<Buffer> {
  const [row] = await db.execute<{ content: Buffer }>(sql`
    select content from match_calibrations where id = ${id}::uuid`);
  return row!.content;
}

/**
 * Whether anything that matching reads was changed since a run: the content of a record, or a link or a decision that is
 * not a run's own.
 */
export async function hasChangedSince(tx: Transaction, watermark: string): Promise<boolean> {
  const [row] = await tx.execute<{ changed: boolean }>(sql`
    select exists (select from patients where change_xid >= ${watermark}::xid8)
      or exists (select from identifier_domains where updated_at >= (select min(started_at) from match_runs where watermark = ${watermark}::xid8))
      or exists (
        select from audit_log
        where transaction_id >= ${watermark}::xid8 and table_name in ('patient_links', 'patient_match_scores')
          and operation is distinct from 'MATCH_RUN') as changed`);
  return row!.changed;
}

/** The source's id of every record that takes part in matching. */
export async function selectSourceIds(db: Queryable): Promise<ReadonlyMap<string, string>> {
  const rows = await db.execute<{ id: string; sourceId: string }>(sql`
    select id, source_id as "sourceId" from patients where active and deleted_at is null and source_id is not null`);
  return new Map(rows.map((row) => [row.id, row.sourceId]));
}
