import { sql } from "drizzle-orm";
import type { Transaction } from "../client.ts";

export interface ReadRecord {
  readonly action: "READ" | "SEARCH" | "EXPORT";
  readonly entityType: "patient" | "organization" | "audit" | "match_run";
  /** One audit row each; none at all is one row without an entity (a search that found nobody). */
  readonly entityIds: readonly string[];
  /** Which fields were asked for and the keyed hashes of the terms; never the terms. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Writes who looked at whom, in the transaction that reads. Fails where the row cannot be written. */
export async function insertReadAudit(tx: Transaction, read: ReadRecord): Promise<void> {
  const details = read.details === undefined ? null : JSON.stringify(read.details);
  await tx.execute(sql`select mpi_audit_read(
    ${read.action}, ${read.entityType}, ${sql.param([...read.entityIds])}::uuid[], ${details}::jsonb)`);
}
