import type { Database } from "../../db/client.ts";
import { selectQueue, type QueueFilter, type QueueOrder } from "../../db/queries/review-queue.ts";
import { withTransaction } from "../../db/transaction.ts";
import { withAuditedRead, type ReadContext } from "../audit/record-read.ts";
import { loadPairView, type PairView } from "./pair-view.ts";

const batchSize = 100;

/**
 * The pairs that wait, with both records, for a spreadsheet. Each batch is written to the audit trail as exported
 * before it is given out. Data in quarantine is left out: a spreadsheet cannot decide about it.
 */
export async function* exportQueue(
  db: Database,
  context: ReadContext,
  request: { readonly filter: QueueFilter; readonly order: QueueOrder; readonly limit: number },
): AsyncGenerator<PairView> {
  const kinds = (request.filter.kinds ?? ["duplicate", "conflict", "basis_changed"]).filter(
    (kind) => kind !== "overlay",
  );
  const entries = await withTransaction(db, context, (tx) =>
    selectQueue(tx, { ...request.filter, kinds }, { order: request.order, limit: request.limit, offset: 0 }),
  );
  for (let start = 0; start < entries.length; start += batchSize) {
    const batch = entries.slice(start, start + batchSize);
    const views = await withAuditedRead(
      db,
      context,
      { action: "EXPORT", details: { list: "review" } },
      async (tx) => {
        const result: PairView[] = [];
        for (const entry of batch) result.push(await loadPairView(tx, entry.id));
        return { result, ids: result.flatMap((view) => [view.a.id, view.b.id]) };
      },
    );
    yield* views;
  }
}
