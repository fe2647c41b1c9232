import type { Transaction } from "../../db/client.ts";
import { selectOpenMerges } from "../../db/queries/merges.ts";
import { MpiError } from "../../lib/errors.ts";
import { decideDifferent } from "../decision/decide-different.ts";
import type { ScorePair } from "../decision/pair-scorer.ts";
import { unmergePatient } from "../merge/unmerge-patient.ts";

/**
 * Does what a source says of two records that are not one person's: a merge of the one into the other is taken back, a
 * link between them is taken away, and that they are different is remembered. Saying it again changes nothing.
 *
 * @throws {MpiError} `conflict` where a third record holds the two together.
 */
export async function settleUnlink(
  tx: Transaction,
  a: string,
  b: string,
  scorePair: ScorePair,
): Promise<"unlinked" | "unchanged"> {
  const reason = "as its source says";
  const merge = (await selectOpenMerges(tx, [a, b])).find(
    (each) => each.survivorId === (each.patientId === a ? b : a),
  );
  if (merge !== undefined) {
    await unmergePatient(tx, { mergeId: merge.id, reason }, scorePair);
    return "unlinked";
  }
  try {
    await decideDifferent(tx, { a, b, origin: "import", reason, thirds: "refuse" }, scorePair);
    return "unlinked";
  } catch (error) {
    if (error instanceof MpiError && error.details?.["reason"] === "already-different") return "unchanged";
    throw error;
  }
}
