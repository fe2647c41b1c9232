import type { Database } from "../../db/client.ts";
import { withAuditedRead, type ReadContext } from "../audit/record-read.ts";
import { loadPairView, type PairView } from "./pair-view.ts";

/** A pair with both records; that they were read is written down. */
export const showPair = (db: Database, context: ReadContext, id: string): Promise<PairView> =>
  withAuditedRead(db, context, { action: "READ", details: { list: "review" } }, async (tx) => {
    const result = await loadPairView(tx, id);
    return { result, ids: [result.a.id, result.b.id] };
  });
