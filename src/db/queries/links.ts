import { eq, inArray, sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";
import type { PatientLinkInsert, PatientLinkRow, PatientLinkUpdate } from "../rows.ts";
import { patientLinks } from "../schema.ts";

/** The links that begin at one of `ids`, oldest first. Asked for a whole person, these are all of its links. */
export async function selectLinksFrom(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly PatientLinkRow[]> {
  if (ids.length === 0) return [];
  return db
    .select()
    .from(patientLinks)
    .where(sql`${patientLinks.patientId} = any(${sql.param([...ids])}::uuid[])`)
    .orderBy(patientLinks.createdAt, patientLinks.id);
}

export async function insertLinks(
  tx: Transaction,
  links: readonly PatientLinkInsert[],
): Promise<readonly PatientLinkRow[]> {
  if (links.length === 0) return [];
  return tx
    .insert(patientLinks)
    .values([...links])
    .returning();
}

export async function updateLink(
  tx: Transaction,
  id: string,
  values: PatientLinkUpdate,
): Promise<PatientLinkRow> {
  const [row] = await tx.update(patientLinks).set(values).where(eq(patientLinks.id, id)).returning();
  return row!;
}

export async function deleteLinks(tx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.delete(patientLinks).where(inArray(patientLinks.id, [...ids]));
}

export async function selectLinksById(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly PatientLinkRow[]> {
  if (ids.length === 0) return [];
  return db
    .select()
    .from(patientLinks)
    .where(inArray(patientLinks.id, [...ids]));
}
