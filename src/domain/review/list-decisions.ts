import type { Database } from "../../db/client.ts";
import { selectDecided, type DecidedRow } from "../../db/queries/decided-pairs.ts";
import { withAuditedRead, type ReadContext } from "../audit/record-read.ts";

/** What people have decided, the latest first. That these records were shown is written down. */
export const listDecisions = (
  db: Database,
  context: ReadContext,
  page: { readonly limit: number; readonly offset: number },
): Promise<readonly DecidedRow[]> =>
  withAuditedRead(db, context, { action: "READ", details: { list: "decisions" } }, async (tx) => {
    const result = await selectDecided(tx, page);
    return { result, ids: result.flatMap((row) => [row.aId, row.bId]) };
  });
