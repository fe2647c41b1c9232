import type { Transaction } from "../../db/client.ts";
import { updateBasisMarks } from "../../db/queries/basis.ts";

/**
 * To be called after the content of records changed: pairs that were decided on other values than these return to
 * the queue, marked "basis changed"; pairs whose values are again those they were decided on leave it. Decisions
 * stand either way.
 *
 * @returns how many pairs were marked.
 */
export async function refreshBasis(tx: Transaction, recordIds: readonly string[]): Promise<number> {
  const changes = await updateBasisMarks(tx, recordIds);
  return changes.filter((change) => change.isChanged).length;
}
