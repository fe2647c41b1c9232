import type { Queryable } from "../../db/client.ts";
import type { PatientMatchScoreUpdate } from "../../db/rows.ts";

/** What matching says of two records now. */
export interface PairScore {
  /** Probability that they are one person, 0 to 1. */
  readonly totalScore: number;
  /** log2 of the odds. */
  readonly matchWeight: number;
  readonly nameScore: number | null;
  readonly birthDateScore: number | null;
  readonly genderScore: number | null;
  readonly addressScore: number | null;
  readonly identifierScore: number | null;
  readonly levels: readonly number[];
  readonly rulesFired: readonly string[];
  readonly modelVersion: string;
  readonly calibrationId: string | null;
  /** Whether the pair belongs in the queue at all. */
  readonly isAboveReviewLine: boolean;
}

/** Scores two records; undefined where there is no calibration to score with yet. */
export type ScorePair = (db: Queryable, a: string, b: string) => Promise<PairScore | undefined>;

/** The columns of a stored pair that a score fills. */
export const scoreColumns = (score: PairScore) =>
  ({
    totalScore: score.totalScore,
    matchWeight: score.matchWeight,
    nameScore: score.nameScore,
    birthDateScore: score.birthDateScore,
    genderScore: score.genderScore,
    addressScore: score.addressScore,
    identifierScore: score.identifierScore,
    levels: [...score.levels],
    rulesFired: [...score.rulesFired],
    modelVersion: score.modelVersion,
    calibrationId: score.calibrationId,
  }) satisfies PatientMatchScoreUpdate;
