import type { Queryable } from "../../db/client.ts";
import { estimatePatientCount } from "../../db/queries/likely-matches.ts";
import { defaultCalibration } from "../../matching/model/calibration.ts";
import { compileModel, type CompiledModel } from "../../matching/model/compile-model.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { builtInPlaceholders } from "../../matching/reference/placeholders.ts";
import { findKeptCalibration } from "./calibration-store.ts";

/** A model ready to score with, and which calibration stands behind it; null where nothing was learned yet. */
export interface LoadedModel {
  readonly compiled: CompiledModel;
  readonly calibrationId: string | null;
}

/** The model with its newest calibration, or with its own figures where nothing was learned yet. */
export async function loadCompiledModel(db: Queryable, model: MatchModel): Promise<LoadedModel> {
  const kept = await findKeptCalibration(db, model);
  const calibration =
    kept?.calibration ??
    defaultCalibration(model, await estimatePatientCount(db), builtInPlaceholders.version);
  return { compiled: compileModel(model, calibration), calibrationId: kept?.id ?? null };
}
