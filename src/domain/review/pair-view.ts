import type { Queryable } from "../../db/client.ts";
import { findPairById } from "../../db/queries/pairs.ts";
import type { PatientMatchScoreRow } from "../../db/rows.ts";
import { MpiError } from "../../lib/errors.ts";
import { comparisonKinds } from "../../matching/model/comparison-kinds.ts";
import { listPatientRecords } from "../patient/get-patient-record.ts";
import type { PatientRecord } from "../patient/patient-record.ts";
import { evidenceOf } from "./evidence.ts";

/** One finding of the comparison, in words: `Birth date: same`. */
export interface Finding {
  readonly comparison: string;
  readonly level: string;
  /** True where it speaks for one person. */
  readonly agrees: boolean;
}

/** A pair with both of its records, for somebody who decides about it. */
export interface PairView {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  /** Probability that the two are one person; null where they were never scored. */
  readonly score: number | null;
  readonly weight: number | null;
  readonly rules: readonly string[];
  readonly findings: readonly Finding[];
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly reason: string | null;
  readonly assignedTo: string | null;
  readonly claimedBy: string | null;
  readonly claimedUntil: string | null;
  readonly a: PatientRecord;
  readonly b: PatientRecord;
  /** Names the facts shown; another token means that they have changed. */
  readonly evidence: string;
}

/** @throws {MpiError} `not-found` */
export async function loadPairView(db: Queryable, id: string): Promise<PairView> {
  const pair = await findPairById(db, id);
  if (pair === undefined) throw new MpiError("not-found", `There is no pair ${id}.`);
  const [a, b] = await listPatientRecords(db, [pair.patientId, pair.candidateId]);
  return toPairView(pair, a!, b!);
}

export function toPairView(pair: PatientMatchScoreRow, a: PatientRecord, b: PatientRecord): PairView {
  const isScored = pair.modelVersion !== null;
  return {
    id: pair.id,
    kind: pair.kind,
    state: pair.state,
    score: isScored ? pair.totalScore : null,
    weight: isScored ? pair.matchWeight : null,
    rules: pair.rulesFired,
    findings: listFindings(pair.levels),
    decidedBy: pair.decidedBy,
    decidedAt: pair.decidedAt,
    reason: pair.reason,
    assignedTo: pair.assignedTo,
    claimedBy: pair.claimedBy,
    claimedUntil: pair.claimedUntil,
    a,
    b,
    evidence: evidenceOf(pair, a, b),
  };
}

/** What was compared and how it came out, from the stored levels. */
export const listFindings = (levels: readonly number[]): readonly Finding[] =>
  levels.flatMap((level, index) => {
    const kind = comparisonKinds[index];
    const found = kind?.levels[level];
    return kind === undefined || found === undefined
      ? []
      : [{ comparison: kind.label, level: found.label, agrees: found.agrees }];
  });
