import { gunzipSync } from "node:zlib";
import type { Queryable } from "../../db/client.ts";
import { selectDomainFlags } from "../../db/queries/imports.ts";
import { findScoringBasis } from "../../db/queries/scoring-basis.ts";
import type { Calibration } from "../../matching/model/calibration.ts";
import { compileModel, type CompiledModel } from "../../matching/model/compile-model.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { scorePair as scoreRecords } from "../../matching/score/score-records.ts";
import { toMatchRecord } from "../match/to-match-record.ts";
import { listPatientRecords } from "../patient/get-patient-record.ts";
import type { ScorePair } from "./pair-scorer.ts";

interface Basis {
  readonly id: string;
  readonly compiled: CompiledModel;
}

/**
 * A scorer for pairs that people decide about, with the model and calibration of the last run, so that its scores
 * compare with those in the queue. Loads them once, when first asked. Says nothing before any run was made.
 */
export function createPairScorer(): ScorePair {
  let basis: Promise<Basis | undefined> | undefined;
  return async (db, a, b) => {
    const known = await (basis ??= loadBasis(db));
    if (known === undefined) return undefined;
    const records = await listPatientRecords(db, [a, b]);
    const [one, other] = records;
    if (one === undefined || other === undefined) return undefined;
    const domains = new Map((await selectDomainFlags(db)).map((flags) => [flags.system, flags]));
    const score = scoreRecords(toMatchRecord(one, domains), toMatchRecord(other, domains), known.compiled);
    return {
      totalScore: Number(score.probability.toFixed(7)),
      matchWeight: score.weight,
      nameScore: score.components.name,
      birthDateScore: score.components.birthDate,
      genderScore: score.components.gender,
      addressScore: score.components.address,
      identifierScore: score.components.identifier,
      levels: score.levels,
      rulesFired: score.rules,
      modelVersion: known.compiled.model.version,
      calibrationId: known.id,
      isAboveReviewLine: score.isAboveReviewLine,
    };
  };
}

async function loadBasis(db: Queryable): Promise<Basis | undefined> {
  const row = await findScoringBasis(db);
  if (row === undefined) return undefined;
  // Both were written by keepCalibration, from a model that had been checked.
  const calibration = JSON.parse(gunzipSync(row.content).toString("utf8")) as Calibration;
  return { id: row.id, compiled: compileModel(row.model as MatchModel, calibration) };
}
