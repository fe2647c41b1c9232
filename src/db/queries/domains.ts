import { eq, sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";
import type { IdentifierDomainInsert, IdentifierDomainRow, IdentifierDomainUpdate } from "../rows.ts";
import { identifierDomains } from "../schema.ts";

/** Every identifier domain, in order of its code. */
export const selectDomains = (db: Queryable): Promise<readonly IdentifierDomainRow[]> =>
  db
    .select()
    .from(identifierDomains)
    .orderBy(sql`lower(${identifierDomains.code})`, identifierDomains.code);

/** Locks the domain, so that two edits follow each other. */
export async function lockDomainByCode(
  tx: Transaction,
  code: string,
): Promise<IdentifierDomainRow | undefined> {
  const [row] = await tx
    .select()
    .from(identifierDomains)
    .where(sql`lower(${identifierDomains.code}) = lower(${code})`)
    .for("update");
  return row;
}

export async function insertDomain(
  tx: Transaction,
  values: IdentifierDomainInsert,
): Promise<IdentifierDomainRow> {
  const [row] = await tx.insert(identifierDomains).values(values).returning();
  return row!;
}

export async function updateDomain(
  tx: Transaction,
  id: string,
  values: IdentifierDomainUpdate,
): Promise<IdentifierDomainRow> {
  const [row] = await tx
    .update(identifierDomains)
    .set(values)
    .where(eq(identifierDomains.id, id))
    .returning();
  return row!;
}

/** Values that two records in use both carry in one system, without separators; ids only, at most `limit`. */
export async function selectSharedValues(
  db: Queryable,
  system: string,
  limit: number,
): Promise<readonly { readonly patientIds: readonly string[] }[]> {
  return db.execute<{ patientIds: string[] }>(sql`
    select array_agg(distinct i.patient_id::text order by i.patient_id::text) as "patientIds"
    from patient_identifiers i join patients p on p.id = i.patient_id
    where i.system = ${system} and i.use_type is distinct from 'old' and p.active and p.deleted_at is null
    group by i.value_normalized having count(distinct i.patient_id) > 1
    order by 1 limit ${limit}`);
}

export interface CarriedIdentifierRow {
  readonly id: string;
  readonly patientId: string;
  readonly value: string;
  [column: string]: unknown;
}

/** Current identifiers of a system, in pages by id: those after `after`. */
export async function selectCarriedIdentifiers(
  db: Queryable,
  system: string,
  after: string,
  limit: number,
): Promise<readonly CarriedIdentifierRow[]> {
  return db.execute<CarriedIdentifierRow>(sql`
    select i.id, i.patient_id as "patientId", i.value from patient_identifiers i
    where i.system = ${system} and i.use_type is distinct from 'old' and i.id > ${after}::uuid
    order by i.id limit ${limit}`);
}

export interface DomainUseRow {
  readonly system: string;
  readonly identifiers: number;
  [column: string]: unknown;
}

/** How many identifiers each system has, systems without a domain included. */
export async function countIdentifiersBySystem(db: Queryable): Promise<readonly DomainUseRow[]> {
  return db.execute<DomainUseRow>(sql`
    select system, count(*)::float8 as identifiers from patient_identifiers group by system order by system`);
}
