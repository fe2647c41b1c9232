import type { Transaction } from "../../db/client.ts";
import { selectConflictChanges, selectLiveNeighbours } from "../../db/queries/conflicts.ts";
import { findPairById } from "../../db/queries/pairs.ts";
import { ChangeJournal } from "./change-journal.ts";

/**
 * Marks open pairs that became a conflict, and takes the mark from those that no longer are one, around the records
 * of an act: their own pairs and those of whoever matches them. Computed from what stands in the database alone, so
 * the order in which records and decisions arrived does not matter.
 *
 * @param recordIds all records of the persons concerned.
 */
export async function refreshConflicts(
  tx: Transaction,
  recordIds: readonly string[],
  journal: ChangeJournal = new ChangeJournal(tx),
): Promise<number> {
  const neighbours = await selectLiveNeighbours(tx, recordIds);
  const changes = await selectConflictChanges(tx, [...new Set([...recordIds, ...neighbours])]);
  for (const { pairId, isConflict } of changes) {
    const pair = await findPairById(tx, pairId);
    if (pair !== undefined) await journal.updatePair(pair, { kind: isConflict ? "conflict" : "duplicate" });
  }
  return changes.length;
}
