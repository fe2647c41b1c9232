import type { ConnectionTarget, Database, Transaction } from "../../db/client.ts";
import { withMatchLock } from "../../db/match-lock.ts";
import { countWaitingPairs, hasPairs } from "../../db/queries/match-pairs.ts";
import {
  findLastRun,
  finishMatchRun,
  hasChangedSince,
  insertMatchRun,
  selectRunHorizon,
  type CoveredBefore,
  type RunHorizon,
} from "../../db/queries/match-runs.ts";
import type { PairCounts } from "../../db/queries/match-stage.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { decideAutomaticLinks, type AutomaticLinks } from "../../matching/decide/automatic-links.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { topUpAuditPartitions } from "../audit/partitions.ts";
import { findKeptCalibration, hashOf, keepCalibration, type KeptCalibration } from "./calibration-store.ts";
import { loadDecisions } from "./person-decisions.ts";
import { RunPhases, stopReason, type MatchPhase, type PhaseOptions } from "./run-phases.ts";
import { scoreAll, scoreChanges, type ScoredRecords, type ScoringTask } from "./score-run.ts";
import { createIdTables, storeRun, touchedTable, type StoredCounts } from "./store-run.ts";

export interface MatchRunOptions extends PhaseOptions {
  readonly model: MatchModel;
  /** All records; else what changed since the last run, against all. */
  readonly full: boolean;
  readonly autoLink: boolean;
  readonly dryRun: boolean;
  /** Nobody uses the index yet, and no pairs are stored: to store them may keep others out. */
  readonly first?: boolean;
  /** Threads that score; absent: as many as are worth it. */
  readonly threads?: number;
}

export interface MatchRunResult {
  readonly runId: string;
  readonly mode: "full" | "incremental";
  readonly records: number;
  /** Records that were looked at anew; all of them in a full run. */
  readonly changedRecords: number;
  readonly candidatePairs: number;
  readonly pairsByRule: Readonly<Record<string, number>>;
  /** Pairs at or above the review line. */
  readonly reviewPairs: number;
  readonly possiblePairs: number;
  readonly pairs: PairCounts;
  /** Pairs of the whole index that wait for a person's decision, after the run. */
  readonly waitingPairs: number;
  readonly conflicts: number;
  readonly links: { readonly made: number; readonly withdrawn: number };
  /** True where a first run stored its pairs with the tables to itself. */
  readonly storedAlone: boolean;
  /** True where this run learned the calibration, because there was none. */
  readonly calibrated: boolean;
  /** Records now for each one that the calibration was learned from: how far it has drifted. Null where not all were read. */
  readonly growthSinceCalibration: number | null;
  /** Seconds. */
  readonly timings: Readonly<Partial<Record<MatchPhase, number>>>;
}

/**
 * Finds the records that belong to one person. Nothing is stored until everything is known; then pairs, links, enterprise
 * ids and the run's own row are committed together.
 *
 * @throws {MpiError} `locked` while another run is at work; `conflict` for a first run where pairs are stored already;
 *   `limit` where more would be linked than the model allows in one run; `cancelled`.
 */
export function runMatch(
  db: Database,
  target: ConnectionTarget,
  audit: AuditContext,
  options: MatchRunOptions,
): Promise<MatchRunResult> {
  return withMatchLock(target, async () => {
    if (options.first === true && (await hasPairs(db))) {
      throw new MpiError("conflict", "A first run stores the first pairs, and there are pairs already.", {
        hint: "Leave out --first-run.",
      });
    }
    if (!options.dryRun) await topUpAuditPartitions(db, audit);
    const run = await begin(db, audit, options);
    try {
      return await executeRun(db, target, audit, options, run);
    } catch (error) {
      const reason =
        options.signal.aborted && !(error instanceof MpiError) ? stopReason(options.signal) : error;
      if (!options.dryRun) await giveUp(db, audit, run, reason);
      throw reason;
    }
  });
}

interface BegunRun {
  readonly id: string;
  readonly horizon: RunHorizon;
  readonly before: CoveredBefore | undefined;
  readonly kept: KeptCalibration | undefined;
  /** Nothing that matching reads has changed since the run before, which linked as this one would. */
  readonly isUpToDate: boolean;
}

const begin = (db: Database, audit: AuditContext, options: MatchRunOptions): Promise<BegunRun> =>
  withTransaction(
    db,
    audit,
    async (tx) => {
      const horizon = await selectRunHorizon(tx);
      const modelHash = hashOf(options.model);
      const kept = await findKeptCalibration(tx, options.model);
      const last = options.full ? undefined : await findLastRun(tx, { epoch: horizon.epoch, modelHash });
      // Another calibration scores every pair anew.
      const before = last !== undefined && last.calibrationId === kept?.id ? last : undefined;
      const id = await insertMatchRun(tx, {
        mode: before === undefined ? "full" : "incremental",
        modelVersion: options.model.version,
        modelHash,
        epoch: horizon.epoch,
        autoLink: options.autoLink,
      });
      const isUpToDate =
        before !== undefined &&
        before.autoLink === options.autoLink &&
        !(await hasChangedSince(tx, before.watermark));
      return { id, horizon, before, kept, isUpToDate };
    },
    { dryRun: options.dryRun },
  );

async function giveUp(db: Database, audit: AuditContext, run: BegunRun, error: unknown): Promise<void> {
  const stopped = error instanceof MpiError && (error.code === "limit" || error.code === "cancelled");
  await withTransaction(db, audit, (tx) =>
    finishMatchRun(tx, run.id, {
      state: stopped ? "stopped" : "failed",
      watermark: null,
      calibrationId: null,
      counts: {},
      timings: {},
      error: error instanceof MpiError ? error.code : "unexpected",
    }),
  ).catch(() => undefined);
}

async function executeRun(
  db: Database,
  target: ConnectionTarget,
  audit: AuditContext,
  options: MatchRunOptions,
  run: BegunRun,
): Promise<MatchRunResult> {
  if (run.isUpToDate) return finishUnchanged(db, audit, options, run);
  const { model, signal, autoLink, dryRun } = options;
  const { before, kept } = run;
  const phases = new RunPhases(options);
  const task: ScoringTask = { db, target, model, kept, signal, phases };
  const scored =
    (before?.autoLink === autoLink ? await scoreChanges(task, before) : undefined) ??
    (await scoreAll(task, { threads: options.threads, keepsKeys: !dryRun }));
  const storing = withTransaction(
    db,
    audit,
    async (tx) => {
      const { loaded, scores, changes } = scored;
      const calibrationId = kept?.id ?? (await keepCalibration(tx, model, scored.calibration, "run"));
      if (changes !== undefined) await createIdTables(tx, changes);
      const scope = changes === undefined ? "all" : { idsTable: touchedTable };
      const decisions = await loadDecisions(tx, loaded.ids, scope);
      const links = await phases.time("link", () =>
        decideAutomaticLinks(loaded.store.size, scores.pairs, model, decisions),
      );
      return phases.time("store", async () => {
        const stored = await storeRun(
          tx,
          { id: run.id, calibrationId, model, autoLink, isFirst: options.first === true && !dryRun },
          scored,
          decisions,
          links,
        );
        const counts = await summarise(tx, run, model, scored, links, stored);
        const { timings } = phases;
        await finishMatchRun(tx, run.id, {
          state: "succeeded",
          watermark: run.horizon.watermark,
          calibrationId,
          counts,
          timings: { ...timings },
        });
        return { ...counts, timings };
      });
    },
    { dryRun, retries: 0 },
  );
  // A run that has failed leaves nothing under way.
  return storing.finally(() => scored.build?.catch(() => undefined));
}

async function summarise(
  tx: Transaction,
  run: BegunRun,
  model: MatchModel,
  { loaded, scores, calibration, changes }: ScoredRecords,
  links: AutomaticLinks,
  stored: StoredCounts,
): Promise<Omit<MatchRunResult, "timings">> {
  const records = loaded.store.size;
  return {
    runId: run.id,
    mode: run.before === undefined ? "full" : "incremental",
    records,
    changedRecords: changes?.changed.length ?? records,
    candidatePairs: scores.pairsByRule.reduce((sum, each) => sum + each, 0),
    pairsByRule: Object.fromEntries(
      model.blocking.map((rule, place) => [rule.name, scores.pairsByRule[place] ?? 0]),
    ),
    reviewPairs: scores.pairs.size,
    possiblePairs: scores.possible,
    pairs: stored.pairs,
    waitingPairs: await countWaitingPairs(tx),
    conflicts: links.isConflict.reduce((sum, each) => sum + each, 0),
    links: stored.links,
    storedAlone: stored.storedAlone,
    calibrated: run.kept === undefined,
    growthSinceCalibration: changes === undefined ? records / Math.max(1, calibration.records) : null,
  };
}

/** The watermark moves on, so that the next run looks at less. */
function finishUnchanged(
  db: Database,
  audit: AuditContext,
  { dryRun }: MatchRunOptions,
  { id, horizon, before }: BegunRun,
): Promise<MatchRunResult> {
  const result: Omit<MatchRunResult, "waitingPairs"> = {
    runId: id,
    mode: "incremental",
    records: 0,
    changedRecords: 0,
    candidatePairs: 0,
    pairsByRule: {},
    reviewPairs: 0,
    possiblePairs: 0,
    pairs: { added: 0, changed: 0, superseded: 0 },
    conflicts: 0,
    links: { made: 0, withdrawn: 0 },
    storedAlone: false,
    calibrated: false,
    growthSinceCalibration: null,
    timings: {},
  };
  return withTransaction(
    db,
    audit,
    async (tx) => {
      await finishMatchRun(tx, id, {
        state: "succeeded",
        watermark: horizon.watermark,
        calibrationId: before?.calibrationId ?? null,
        counts: {},
        timings: {},
      });
      return { ...result, waitingPairs: await countWaitingPairs(tx) };
    },
    { dryRun },
  );
}
