import type { ConnectionTarget, Database } from "../../db/client.ts";
import { limitBlocks } from "../../matching/blocking/block-limits.ts";
import { KeyValues } from "../../matching/blocking/key-values.ts";
import { measureCoverage, type RuleCoverage } from "../../matching/evaluate/measure-coverage.ts";
import { defaultCalibration, type Calibration } from "../../matching/model/calibration.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { builtInPlaceholders } from "../../matching/reference/placeholders.ts";
import type { RecordStore } from "../../matching/store/record-store.ts";
import { findKeptCalibration } from "./calibration-store.ts";
import { loadStore } from "./load-store.ts";

export interface MatchCoverage {
  /** Null where nothing was learned yet: the limits are those that learning now would set. */
  readonly calibrationId: string | null;
  readonly records: number;
  /** n(n-1)/2. */
  readonly allPairs: number;
  readonly candidatePairs: number;
  /** In the model's order. */
  readonly rules: readonly RuleCoverage[];
}

/** What a run compares of the records as they are now, and what its blocking rules leave out. Nothing is stored. */
export async function measureMatchCoverage(
  db: Database,
  target: ConnectionTarget,
  model: MatchModel,
  signal: AbortSignal,
): Promise<MatchCoverage> {
  const kept = await findKeptCalibration(db, model);
  const { store } = await loadStore(db, target, model, signal);
  signal.throwIfAborted();
  const rules = measureCoverage(store, model, kept?.calibration ?? limitNow(store, model));
  return {
    calibrationId: kept?.id ?? null,
    records: store.size,
    allPairs: (store.size * (store.size - 1)) / 2,
    candidatePairs: rules.reduce((sum, rule) => sum + rule.pairs, 0),
    rules,
  };
}

function limitNow(store: RecordStore, model: MatchModel): Calibration {
  const values = new KeyValues(store);
  return {
    ...defaultCalibration(model, store.size, builtInPlaceholders.version),
    blocking: model.blocking.map((rule) => limitBlocks(store, values, rule, model).limits),
  };
}
