import type { Transaction } from "../../db/client.ts";
import { MpiError } from "../../lib/errors.ts";
import { decideSame, type SameDecision } from "../decision/decide-same.ts";
import type { ScorePair } from "../decision/pair-scorer.ts";
import type { DecisionResult } from "../decision/write-decision.ts";

export interface LinkRequest extends Omit<SameDecision, "origin"> {
  /** Linked already is success. */
  readonly ifNeeded?: boolean;
}

/**
 * Links two records of one person: both stay in use, nothing of either changes. That they are the same is remembered
 * as a steward's decision.
 *
 * @returns undefined where they were linked already and that is enough.
 * @throws {MpiError} see decideSame.
 */
export async function linkPatients(
  tx: Transaction,
  { ifNeeded, ...request }: LinkRequest,
  scorePair?: ScorePair,
): Promise<DecisionResult | undefined> {
  try {
    return await decideSame(tx, { ...request, origin: "link" }, scorePair);
  } catch (error) {
    if (ifNeeded === true && error instanceof MpiError && error.details?.["reason"] === "already-linked") {
      return undefined;
    }
    throw error;
  }
}
