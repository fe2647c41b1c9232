import { eq, sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";
import type { PatientQuarantineRow } from "../rows.ts";
import { patientQuarantine, patients } from "../schema.ts";

export async function findQuarantine(db: Queryable, id: string): Promise<PatientQuarantineRow | undefined> {
  const [row] = await db.select().from(patientQuarantine).where(eq(patientQuarantine.id, id));
  return row;
}

export async function lockQuarantine(tx: Transaction, id: string): Promise<PatientQuarantineRow | undefined> {
  const [row] = await tx.select().from(patientQuarantine).where(eq(patientQuarantine.id, id)).for("update");
  return row;
}

/** Settles data in quarantine, now, by the acting user. */
export async function settleQuarantine(
  tx: Transaction,
  id: string,
  state: "applied" | "rejected" | "split",
  reason: string,
): Promise<void> {
  await tx
    .update(patientQuarantine)
    .set({ state, reason, decidedBy: sql`mpi_acting_user()`, decidedAt: sql`now()` })
    .where(eq(patientQuarantine.id, id));
}

/** Takes the source's id from a record, which stands for another person there by now. */
export async function detachSource(tx: Transaction, patientId: string): Promise<void> {
  await tx.update(patients).set({ sourceSystem: null, sourceId: null }).where(eq(patients.id, patientId));
}
