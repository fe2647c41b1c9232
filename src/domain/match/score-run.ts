import type { ConnectionTarget, Database } from "../../db/client.ts";
import { withCopyConnection } from "../../db/copy.ts";
import { selectMatchChanges } from "../../db/queries/match-changes.ts";
import { countChangedKeys, findStoredKeys } from "../../db/queries/match-keys.ts";
import type { CoveredBefore } from "../../db/queries/match-runs.ts";
import type { KeyPages } from "../../matching/blocking/key-pages.ts";
import type { StoreScores } from "../../matching/bulk/score-store.ts";
import type { Calibration } from "../../matching/model/calibration.ts";
import { compileModel } from "../../matching/model/compile-model.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { defaultTrainingOptions } from "../../matching/training/train.ts";
import type { KeptCalibration } from "./calibration-store.ts";
import { chooseThreads } from "./choose-threads.ts";
import { loadChangedRecords, type ChangedRecords } from "./changed-records.ts";
import { describeRecords } from "./describe-records.ts";
import { keepKeys } from "./keep-keys.ts";
import { loadDomainFacts, loadStore, type LoadedRecords } from "./load-store.ts";
import type { RunPhases } from "./run-phases.ts";
import { scoreRecords } from "./score-records.ts";
import { trainRecords } from "./train-records.ts";

/** Up to so many changed records, or this share of all, are looked at by themselves; beyond it, all are. */
const fewestForAll = 5_000;
const shareForAll = 0.05;
/** Keys written down since the last full run, per record, beyond which it is time for another. */
const mostKeysPerRecord = 3;

export interface ScoredRecords {
  /** All records, or those that the changes touch. */
  readonly loaded: LoadedRecords;
  readonly scores: StoreScores;
  readonly calibration: Calibration;
  /** Present where only changes were looked at. */
  readonly changes?: ChangedRecords & { readonly build: number };
  /** Where the keys of all records are being stored anew, beside what else is stored: their number, once they are there. */
  readonly build?: Promise<number>;
}

export interface ScoringTask {
  readonly db: Database;
  readonly target: ConnectionTarget;
  readonly model: MatchModel;
  readonly kept: KeptCalibration | undefined;
  readonly signal: AbortSignal;
  readonly phases: RunPhases;
}

/** What changed since a run, against everything; undefined where everything has to be looked at. */
export async function scoreChanges(
  { db, target, model, kept, signal, phases }: ScoringTask,
  before: CoveredBefore,
): Promise<ScoredRecords | undefined> {
  const stored = await findStoredKeys(db);
  if (kept === undefined || stored === undefined || stored.calibrationId !== kept.id) return undefined;
  const most = Math.max(fewestForAll, stored.recordCount * shareForAll);
  return withCopyConnection(target, async (connection) => {
    await connection.query("begin isolation level repeatable read");
    const found = await phases.time("load", () => selectMatchChanges(connection, before.watermark, most));
    if (found === undefined || found.hasOtherDomains || found.decided.length > most) return undefined;
    if ((await countChangedKeys(connection, stored.build)) > stored.recordCount * mostKeysPerRecord) {
      return undefined;
    }
    const domains = await loadDomainFacts(db);
    const compiled = compileModel(model, kept.calibration);
    const changes = await phases.time("score", () =>
      loadChangedRecords(connection, found, stored, compiled, domains, signal),
    );
    const { loaded, scores } = changes;
    return { loaded, scores, calibration: kept.calibration, changes: { ...changes, build: stored.build } };
  });
}

/** All records against each other, with the calibration that is kept, or one that is learned from them. */
export async function scoreAll(
  { db, target, model, kept, signal, phases }: ScoringTask,
  options: { readonly threads: number | undefined; readonly keepsKeys: boolean },
): Promise<ScoredRecords> {
  const loaded = await phases.time("load", () => loadStore(db, target, model, signal, options.threads));
  const threads = options.threads ?? chooseThreads(loaded.store.size);
  const traits = await phases.time("load", () => describeRecords(loaded.store, threads, signal));
  const calibration =
    kept?.calibration ??
    (await phases.time(
      "train",
      async () =>
        (await trainRecords(loaded.store, model, defaultTrainingOptions, signal, threads, traits))
          .calibration,
    ));
  const pages: KeyPages[] = [];
  const scores = await phases.time("score", () =>
    scoreRecords(loaded, compileModel(model, calibration), {
      traits,
      keepFrom: model.thresholds.review,
      threads,
      signal,
      onKeys: options.keepsKeys ? (each) => pages.push(each) : undefined,
    }),
  );
  const build = options.keepsKeys ? keepKeys(target, pages, threads, signal) : undefined;
  // That it fails is told when it is waited for.
  build?.catch(() => undefined);
  return { loaded, scores, calibration, ...(build === undefined ? {} : { build }) };
}
