import type { Database, Transaction } from "../../db/client.ts";
import { databaseErrorFacts } from "../../db/errors.ts";
import { insertReadAudit, type ReadRecord } from "../../db/queries/audit-read.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { recordTerms, type SearchTerms } from "./search-terms.ts";
import type { TermKey } from "./term-key.ts";

/** Who reads, and what the site has decided about reads. */
export interface ReadContext extends AuditContext {
  /** Search terms are hashed with it; without one only the fields' names are kept. */
  readonly termKey?: TermKey | undefined;
  /**
   * Called where the row cannot be written (a standby, no permission) and the configuration allows the read all the
   * same. Absent: such a read is refused.
   */
  readonly onUnrecorded?: (() => void) | undefined;
}

/** What is read, as the audit trail tells it. */
export interface AuditedRead {
  readonly action: ReadRecord["action"];
  /** Default `patient`. */
  readonly entityType?: ReadRecord["entityType"];
  /** What was asked for, by field; only names and keyed hashes are kept. */
  readonly terms?: SearchTerms;
  /** Facts that are no patient's values: flags, counts, formats. */
  readonly details?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** What a read found, and whose data that is. */
export interface Shown<Result> {
  readonly result: Result;
  /** Every record of which anything is shown; none is a search that found nobody. */
  readonly ids: readonly string[];
}

/**
 * Reads, writes down who looked at whom, and only then gives the result out: nothing is shown that is not recorded.
 * `read` may run again after a deadlock, so it must not print.
 *
 * @throws {MpiError} `unavailable` where the read cannot be recorded and the configuration does not allow that.
 */
export function withAuditedRead<Result>(
  db: Database,
  context: ReadContext,
  what: AuditedRead,
  read: (tx: Transaction) => Promise<Shown<Result>>,
): Promise<Result> {
  return withTransaction(db, context, async (tx) => {
    const { result, ids } = await read(tx);
    await recordRead(tx, context, what, ids);
    return result;
  });
}

/**
 * The same within a transaction of the caller, whose audit context it is written under: for commands that both
 * change and show, and for streams that record batch by batch.
 *
 * @throws {MpiError} `unavailable` as above.
 */
export async function recordRead(
  tx: Transaction,
  context: Pick<ReadContext, "termKey" | "onUnrecorded">,
  what: AuditedRead,
  ids: readonly string[],
): Promise<void> {
  const terms = what.terms === undefined ? {} : recordTerms(what.terms, context.termKey);
  const details = { ...terms, ...what.details };
  const row: ReadRecord = {
    action: what.action,
    entityType: what.entityType ?? "patient",
    entityIds: [...new Set(ids)],
    ...(Object.keys(details).length === 0 ? {} : { details }),
  };
  try {
    // Where the read goes on without its row, a savepoint keeps the refused insert from taking everything with it.
    if (context.onUnrecorded === undefined) await insertReadAudit(tx, row);
    else await tx.transaction((savepoint) => insertReadAudit(savepoint, row));
  } catch (error) {
    const cause = unwritableCauses[databaseErrorFacts(error)?.sqlState ?? ""];
    if (cause === undefined) throw error;
    if (context.onUnrecorded === undefined) throw refusal(cause);
    context.onUnrecorded();
  }
}

const unwritableCauses: Readonly<Record<string, string>> = {
  "25006": "the database is read-only",
  "42501": "the database role may not write it",
};

const refusal = (cause: string): MpiError =>
  new MpiError(
    "unavailable",
    `This read is refused because it cannot be written to the audit trail: ${cause}.`,
    {
      hint: 'Use the primary server and a role that "mpi migrate roles" made, or allow it: audit.allowUnloggedReads.',
    },
  );
