import { eq, sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";
import type { PatientMatchScoreInsert, PatientMatchScoreRow, PatientMatchScoreUpdate } from "../rows.ts";
import { patientMatchScores } from "../schema.ts";

const { patientId, candidateId } = patientMatchScores;

const uuids = (ids: readonly string[]) => sql`${sql.param([...ids])}::uuid[]`;

export async function findPairById(db: Queryable, id: string): Promise<PatientMatchScoreRow | undefined> {
  const [row] = await db.select().from(patientMatchScores).where(eq(patientMatchScores.id, id));
  return row;
}

/** Stored pairs with one record among `left` and the other among `right`, in order of their ids. */
export async function selectPairsBetween(
  db: Queryable,
  left: readonly string[],
  right: readonly string[],
): Promise<readonly PatientMatchScoreRow[]> {
  if (left.length === 0 || right.length === 0) return [];
  return db
    .select()
    .from(patientMatchScores)
    .where(
      sql`(${patientId} = any(${uuids(left)}) and ${candidateId} = any(${uuids(right)})) or (${patientId} = any(${uuids(right)}) and ${candidateId} = any(${uuids(left)}))`,
    )
    .orderBy(patientId, candidateId);
}

/** Stored pairs that one of `ids` is part of, whoever the other is. */
export async function selectPairsOf(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly PatientMatchScoreRow[]> {
  if (ids.length === 0) return [];
  return db
    .select()
    .from(patientMatchScores)
    .where(sql`${patientId} = any(${uuids(ids)}) or ${candidateId} = any(${uuids(ids)})`)
    .orderBy(patientId, candidateId);
}

export async function insertPair(
  tx: Transaction,
  values: PatientMatchScoreInsert,
): Promise<PatientMatchScoreRow> {
  const [row] = await tx.insert(patientMatchScores).values(values).returning();
  return row!;
}

export async function updatePair(
  tx: Transaction,
  id: string,
  values: PatientMatchScoreUpdate,
): Promise<PatientMatchScoreRow> {
  const [row] = await tx
    .update(patientMatchScores)
    .set(values)
    .where(eq(patientMatchScores.id, id))
    .returning();
  return row!;
}

export async function deletePair(tx: Transaction, id: string): Promise<void> {
  await tx.delete(patientMatchScores).where(eq(patientMatchScores.id, id));
}

/** Locks one pair until the transaction ends. */
export async function lockPair(tx: Transaction, id: string): Promise<PatientMatchScoreRow | undefined> {
  const [row] = await tx.select().from(patientMatchScores).where(eq(patientMatchScores.id, id)).for("update");
  return row;
}

/** Updates a pair and signs it: decided now, by the acting user. */
export async function signPair(
  tx: Transaction,
  id: string,
  values: PatientMatchScoreUpdate,
): Promise<PatientMatchScoreRow> {
  const [row] = await tx
    .update(patientMatchScores)
    .set({ ...values, decidedBy: sql`mpi_acting_user()`, decidedAt: sql`now()` })
    .where(eq(patientMatchScores.id, id))
    .returning();
  return row!;
}
