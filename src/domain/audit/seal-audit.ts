import type { Database, Queryable } from "../../db/client.ts";
import { findLastSealId, insertSeals, selectSealMonths, selectSeals } from "../../db/queries/audit-seals.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { joinSeals, type Seal } from "./seal-chain.ts";

export interface SealResult {
  /** The links that were added; none where nothing is new. */
  readonly made: readonly Seal[];
  /** The end of the chain; absent where nothing was ever sealed. */
  readonly last: Seal | undefined;
}

/**
 * Chains hashes over every audit row of a transaction that is over and was not sealed yet. A transaction that is
 * open now is covered by a later seal.
 *
 * @throws {MpiError} `locked` where another seal is being made.
 */
export async function sealAudit(
  db: Database,
  audit: AuditContext,
  options: { readonly dryRun?: boolean } = {},
): Promise<SealResult> {
  return withTransaction(
    db,
    audit,
    async (tx) => {
      const made = await insertSeals(tx);
      const seals = await listSeals(tx, { last: Math.max(made, 1) });
      return { made: seals.slice(seals.length - made), last: seals.at(-1) };
    },
    { isolationLevel: "read committed", ...options },
  );
}

/** The chain from after the given seal, or its last links, in order. */
export async function listSeals(
  db: Queryable,
  which: { readonly after: number } | { readonly last: number },
): Promise<readonly Seal[]> {
  const after =
    "after" in which ? which.after : Math.max((await findLastSealId(db)) ?? 0, which.last) - which.last;
  return joinSeals(await selectSeals(db, after), await selectSealMonths(db, after));
}
