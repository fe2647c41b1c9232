import type { Transaction } from "../../db/client.ts";
import { MpiError } from "../../lib/errors.ts";
import { lockPersons } from "../person/lock-persons.ts";
import { requireTwo, requireUsable } from "../person/require-usable.ts";
import { ChangeJournal } from "./change-journal.ts";
import type { ScorePair } from "./pair-scorer.ts";
import { findPair, writeDecision, type DecisionResult } from "./write-decision.ts";

export interface LaterDecision {
  readonly a: string;
  readonly b: string;
  readonly reason: string | null;
}

/**
 * Puts a pair off: it goes to the end of the queue. A decision "same" or "different" is never put off by this; it is
 * cleared or made anew.
 *
 * @throws {MpiError} `conflict` where the pair is decided, linked or merged.
 */
export async function deferDecision(
  tx: Transaction,
  decision: LaterDecision,
  scorePair?: ScorePair,
): Promise<DecisionResult> {
  const { a, b } = decision;
  requireTwo(a, b);
  const persons = await lockPersons(tx, [a, b]);
  requireUsable(persons, a);
  requireUsable(persons, b);
  const known = await findPair(tx, a, b);
  if (known !== undefined && !["pending", "deferred", "superseded"].includes(known.state)) {
    throw new MpiError("conflict", "That pair is decided already; it cannot be put off.", {
      hint: "mpi review clear takes a decision back.",
      details: { reason: "already-decided", state: known.state },
    });
  }
  const journal = new ChangeJournal(tx);
  const kind = known?.kind ?? "duplicate";
  const deferred = await writeDecision(
    tx,
    journal,
    { ...decision, state: "deferred", origin: "review" },
    scorePair,
  );
  // Being put off does not make a conflict an ordinary pair.
  const pair = kind === deferred.kind ? deferred : await journal.updatePair(deferred, { kind });
  return { pair, closed: [], changes: journal.changes() };
}
