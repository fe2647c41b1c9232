import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";
import type { PatientMergeInsert, PatientMergeRow, PatientRow, PatientUpdate } from "../rows.ts";
import { patientMerges, patients } from "../schema.ts";

/** Fresh ids from the database, which makes all of ours. */
export async function makeIds(db: Queryable, count: number): Promise<readonly string[]> {
  const rows = await db.execute<{ id: string }>(
    sql`select gen_random_uuid() as id from generate_series(1, ${count}::integer)`,
  );
  return rows.map((row) => row.id);
}

/** Each merge has a moment of its own, also among those of one transaction: their order counts when one is undone. */
export async function insertMerge(
  tx: Transaction,
  merge: Omit<PatientMergeInsert, "mergedAt">,
): Promise<PatientMergeRow> {
  const [row] = await tx
    .insert(patientMerges)
    .values({ ...merge, mergedAt: sql`clock_timestamp()` })
    .returning();
  return row!;
}

export async function findMergeById(db: Queryable, id: string): Promise<PatientMergeRow | undefined> {
  const [row] = await db.select().from(patientMerges).where(eq(patientMerges.id, id));
  return row;
}

/** All merges of one record, the latest first. */
export async function selectMergesOf(db: Queryable, patientId: string): Promise<readonly PatientMergeRow[]> {
  return db
    .select()
    .from(patientMerges)
    .where(eq(patientMerges.patientId, patientId))
    .orderBy(sql`${patientMerges.mergedAt} desc`, patientMerges.id);
}

/** Merges in force that retired one of `patientIds`, the oldest first. */
export async function selectOpenMerges(
  db: Queryable,
  patientIds: readonly string[],
): Promise<readonly PatientMergeRow[]> {
  if (patientIds.length === 0) return [];
  return db
    .select()
    .from(patientMerges)
    .where(and(inArray(patientMerges.patientId, [...patientIds]), isNull(patientMerges.unmergedAt)))
    .orderBy(patientMerges.mergedAt, patientMerges.id);
}

export async function updateMergeInverse(tx: Transaction, id: string, inverse: unknown): Promise<void> {
  await tx.update(patientMerges).set({ inverse }).where(eq(patientMerges.id, id));
}

/** Ends a merge: un-merged now, by the acting user. */
export async function closeMerge(
  tx: Transaction,
  id: string,
  reason: string | null,
): Promise<PatientMergeRow> {
  const [row] = await tx
    .update(patientMerges)
    .set({ unmergedAt: sql`now()`, unmergedBy: sql`mpi_acting_user()`, unmergeReason: reason })
    .where(eq(patientMerges.id, id))
    .returning();
  return row!;
}

export async function selectPatientRows(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PatientRow>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select()
    .from(patients)
    .where(inArray(patients.id, [...ids]));
  return new Map(rows.map((row) => [row.id, row]));
}

export async function updatePatient(tx: Transaction, id: string, values: PatientUpdate): Promise<void> {
  await tx.update(patients).set(values).where(eq(patients.id, id));
}
