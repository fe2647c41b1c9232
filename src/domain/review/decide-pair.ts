import type { Database, Transaction } from "../../db/client.ts";
import { findPairById, lockPair } from "../../db/queries/pairs.ts";
import type { PatientMatchScoreRow } from "../../db/rows.ts";
import { withTransaction, type TransactionOptions } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { listPatientRecords } from "../patient/get-patient-record.ts";
import type { ReadContext } from "../audit/record-read.ts";
import { createPairScorer } from "../decision/calibrated-scorer.ts";
import { clearDecision } from "../decision/clear-decision.ts";
import { decideDifferent } from "../decision/decide-different.ts";
import { decideSame } from "../decision/decide-same.ts";
import { deferDecision } from "../decision/defer-decision.ts";
import type { ScorePair } from "../decision/pair-scorer.ts";
import type { DecisionResult } from "../decision/write-decision.ts";
import { lockPersons } from "../person/lock-persons.ts";
import { evidenceOf } from "./evidence.ts";

export const verdicts = ["same", "different", "later"] as const;
export type Verdict = (typeof verdicts)[number];

export interface PairDecision {
  readonly pairId: string;
  readonly verdict: Verdict | "clear";
  readonly reason: string | null;
  /** Goes against decisions that stand. */
  readonly override?: boolean;
  /** Decides although somebody else holds the pair. */
  readonly takeOver?: boolean;
  /** Decides only on these facts; see evidenceOf. */
  readonly evidence?: string;
}

/**
 * Decides about a stored pair, named by its id.
 *
 * @throws {MpiError} `not-found`; `conflict` where somebody else holds the pair, the evidence has changed, a rule
 *   refuses; `usage` where a decision that stands would be overridden without a reason.
 */
export async function decidePair(
  tx: Transaction,
  user: string,
  decision: PairDecision,
  now: Date,
  scorePair?: ScorePair,
): Promise<DecisionResult> {
  const named = await findPairById(tx, decision.pairId);
  // Records before pairs, as everywhere, so that nobody waits in a circle.
  if (named !== undefined) await lockPersons(tx, [named.patientId, named.candidateId]);
  const pair = await lockPair(tx, decision.pairId);
  if (pair === undefined) throw new MpiError("not-found", `There is no pair ${decision.pairId}.`);
  if (decision.takeOver !== true) requireFree(pair, user, now);
  if (decision.evidence !== undefined) await requireEvidence(tx, pair, decision.evidence);
  const { patientId: a, candidateId: b } = pair;
  const { reason } = decision;
  const overrides =
    (decision.verdict === "same" && pair.state === "rejected") ||
    (decision.verdict === "different" && pair.state === "confirmed") ||
    decision.override === true;
  if (overrides && (reason ?? "").trim() === "") {
    throw new MpiError("usage", "A decision that overrides another needs a reason.", {
      hint: "Give it with --reason <text>.",
    });
  }
  switch (decision.verdict) {
    case "same":
      return decideSame(
        tx,
        { a, b, reason, origin: "review", override: decision.override === true },
        scorePair,
      );
    case "different":
      return decideDifferent(tx, { a, b, reason, origin: "review", thirds: "release" }, scorePair);
    case "later":
      return deferDecision(tx, { a, b, reason }, scorePair);
    case "clear":
      return clearDecision(tx, a, b, scorePair);
  }
}

/** The same in a transaction of its own. */
export const runDecision = (
  db: Database,
  context: ReadContext,
  decision: PairDecision,
  now: Date,
  options: Pick<TransactionOptions, "dryRun"> = {},
): Promise<DecisionResult> =>
  withTransaction(
    db,
    context,
    (tx) => decidePair(tx, context.user, decision, now, createPairScorer()),
    options,
  );

function requireFree(pair: PatientMatchScoreRow, user: string, now: Date): void {
  const isHeld =
    pair.claimedBy !== null &&
    pair.claimedBy !== user &&
    pair.claimedUntil !== null &&
    Date.parse(pair.claimedUntil) > now.getTime();
  if (!isHeld) return;
  throw new MpiError("conflict", `${pair.claimedBy!} is working at that pair until ${pair.claimedUntil!}.`, {
    hint: "Take another one, or repeat the command with --take-over.",
    details: { reason: "claimed", claimedBy: pair.claimedBy, claimedUntil: pair.claimedUntil },
  });
}

async function requireEvidence(tx: Transaction, pair: PatientMatchScoreRow, expected: string): Promise<void> {
  const [a, b] = await listPatientRecords(tx, [pair.patientId, pair.candidateId]);
  if (evidenceOf(pair, a!, b!) === expected) return;
  throw new MpiError("conflict", "The pair, or one of its records, has changed since.", {
    hint: "Look at it again.",
    details: { reason: "evidence-changed" },
  });
}
