import { sql } from "drizzle-orm";
import type { Queryable } from "../client.ts";

/** Ids between the smallest and the largest uuid that begin with `prefix` (hex digits and dashes), in order, at most `limit`. */
export async function selectPatientIdsByPrefix(
  db: Queryable,
  prefix: string,
  limit: number,
): Promise<readonly string[]> {
  const digits = prefix.replaceAll("-", "").toLowerCase();
  const rows = await db.execute<{ id: string }>(sql`
    select id from patients
    where id between ${digits.padEnd(32, "0")}::uuid and ${digits.padEnd(32, "f")}::uuid
    order by id limit ${limit}`);
  return rows.map((row) => row.id);
}

export interface IdentifierMatch {
  readonly patientId: string;
  readonly active: boolean;
  readonly deleted: boolean;
  readonly useType: string | null;
  [column: string]: unknown;
}

/** Records that carry an identifier, compared without spaces, punctuation and case. */
export async function selectPatientsByIdentifier(
  db: Queryable,
  system: string,
  value: string,
  limit: number,
): Promise<readonly IdentifierMatch[]> {
  return db.execute<IdentifierMatch>(sql`
    select i.patient_id as "patientId", p.active, p.deleted_at is not null as deleted, i.use_type as "useType"
    from patient_identifiers i join patients p on p.id = i.patient_id
    where i.value_normalized = mpi_normalize_identifier(${value}) and i.system = ${system}
    order by p.deleted_at is not null, not p.active, i.use_type is not distinct from 'old', i.patient_id
    limit ${limit}`);
}

export async function findDomainSystem(db: Queryable, code: string): Promise<string | undefined> {
  const rows = await db.execute<{ system: string }>(
    sql`select system from identifier_domains where lower(code) = lower(${code})`,
  );
  return rows[0]?.system;
}
