import { sql } from "drizzle-orm";
import type { Database, Transaction } from "./client.ts";
import { RollBack } from "./driver.ts";
import { isRetryable, translateDatabaseError } from "./errors.ts";

/** Who acts and why: what the triggers write beside every change of the transaction. */
export interface AuditContext {
  /** The acting person or job, as the client claims it. */
  readonly user: string;
  readonly ipAddress?: string | undefined;
  readonly userAgent?: string | undefined;
  /** The operation's own name: `PATIENT_ADD`, `MERGE`, `LINK`, `IMPORT`, … */
  readonly operation: string;
  readonly reason?: string | undefined;
}

export interface TransactionOptions {
  /** Do everything, then take it back: what `--dry-run` is made of. */
  readonly dryRun?: boolean;
  /** How often the whole is tried again after a deadlock or serialisation failure; default 3. */
  readonly retries?: number;
  readonly isolationLevel?: "read committed" | "repeatable read" | "serializable";
  /**
   * `none` where every question is small and somebody waits: the workers of a parallel plan take longer to start than
   * such a question takes (10 ms and more at a million patients). Default: as the server is configured.
   */
  readonly parallelism?: "none";
}

/** Tells the triggers of this transaction who acts. */
export async function setAuditContext(
  tx: Transaction,
  audit: AuditContext,
  options: Pick<TransactionOptions, "parallelism"> = {},
): Promise<void> {
  const parallelism =
    options.parallelism === "none" ? sql`, set_config('max_parallel_workers_per_gather', '0', true)` : sql``;
  await tx.execute(sql`select
    set_config('mpi.user_id', ${audit.user}, true),
    set_config('mpi.ip_address', ${audit.ipAddress ?? ""}, true),
    set_config('mpi.user_agent', ${audit.userAgent ?? ""}, true),
    set_config('mpi.operation', ${audit.operation}, true),
    set_config('mpi.reason', ${audit.reason ?? ""}, true)${parallelism}`);
}

/**
 * Runs `work` in one transaction under an audit context, and commits it together with its audit rows, or
 * nothing at all. `work` may run again after a deadlock, so it must not do anything outside the database.
 *
 * @throws {MpiError | DatabaseError} driver errors translated, so that no bound value gets out.
 */
export async function withTransaction<T>(
  db: Database,
  audit: AuditContext,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const retries = options.retries ?? 3;
  for (let attempt = 0; ; attempt += 1) {
    let result: { readonly value: T } | undefined;
    try {
      // An empty configuration object makes Drizzle send a broken "set transaction".
      const config =
        options.isolationLevel === undefined ? undefined : { isolationLevel: options.isolationLevel };
      await db.transaction(async (tx) => {
        await setAuditContext(tx, audit, options);
        result = { value: await work(tx) };
        if (options.dryRun === true) throw new RollBack();
      }, config);
      return result!.value;
    } catch (error) {
      if (error instanceof RollBack) return result!.value;
      if (attempt < retries && isRetryable(error)) continue;
      throw translateDatabaseError(error);
    }
  }
}
