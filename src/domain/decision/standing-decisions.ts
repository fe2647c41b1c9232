import type { Queryable } from "../../db/client.ts";
import { selectPairsBetween } from "../../db/queries/pairs.ts";
import type { PatientMatchScoreRow } from "../../db/rows.ts";
import { MpiError } from "../../lib/errors.ts";
import type { ChangeJournal } from "./change-journal.ts";

/** What a person said about two records. */
export interface StandingDecision {
  readonly pairId: string;
  readonly records: readonly [string, string];
  readonly said: "same" | "different" | "later";
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
}

const words = { confirmed: "same", rejected: "different", deferred: "later" } as const;

export function toStandingDecision(pair: PatientMatchScoreRow): StandingDecision {
  return {
    pairId: pair.id,
    records: [pair.patientId, pair.candidateId],
    said: words[pair.state as keyof typeof words],
    decidedBy: pair.decidedBy,
    decidedAt: pair.decidedAt,
  };
}

/** What stands in the way of making two persons one. */
export interface Contradiction {
  /** Decisions "different" between a record of the one person and a record of the other. */
  readonly different: readonly PatientMatchScoreRow[];
  /** Decisions "same" that put those records where they are now. */
  readonly same: readonly PatientMatchScoreRow[];
}

/** The decisions that forbid `left` and `right`, each the records of one person, to become one. */
export async function findContradiction(
  db: Queryable,
  left: readonly string[],
  right: readonly string[],
): Promise<Contradiction> {
  const across = await selectPairsBetween(db, left, right);
  const different = across.filter((pair) => pair.state === "rejected");
  if (different.length === 0) return { different, same: [] };
  const named = new Set(different.flatMap((pair) => [pair.patientId, pair.candidateId]));
  const within = [
    ...(await selectPairsBetween(
      db,
      left.filter((id) => named.has(id)),
      left,
    )),
    ...(await selectPairsBetween(
      db,
      right.filter((id) => named.has(id)),
      right,
    )),
  ];
  return { different, same: within.filter((pair) => pair.state === "confirmed") };
}

const describe = (decision: StandingDecision): string =>
  `${decision.records.map((id) => id.slice(0, 8)).join(" and ")} ${decision.said} (${decision.decidedBy ?? "unknown"}, ${decision.decidedAt?.slice(0, 10) ?? "unknown"})`;

/** The refusal of laws M10 and M11. */
export function contradictionError({ different, same }: Contradiction): MpiError {
  const decisions = [...different, ...same].map(toStandingDecision);
  return new MpiError("conflict", `Refused, because it was decided: ${decisions.map(describe).join("; ")}.`, {
    hint: "Clear the decision with mpi review clear, or repeat the command with --override and --reason.",
    details: { reason: "decided-different", decisions },
  });
}

/**
 * Closes decisions that no longer hold: they leave force, and stay on their rows and in the audit trail with who made
 * them and when.
 */
export async function closeDecisions(
  journal: ChangeJournal,
  pairs: readonly PatientMatchScoreRow[],
): Promise<void> {
  for (const pair of pairs) await journal.updatePair(pair, { state: "superseded", kind: "duplicate" });
}
