import { sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";

/** A record as a member of its person. */
export interface MemberRow {
  readonly id: string;
  readonly active: boolean;
  readonly deleted: boolean;
  readonly version: number;
  readonly enterpriseId: string;
  readonly enterpriseSince: string;
  readonly initialEnterpriseId: string;
  [column: string]: unknown;
}

/**
 * All records that links of any type connect with `ids`, themselves included, the one with the oldest initial
 * enterprise id first. One walk for any number of records.
 */
export async function selectConnectedMembers(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly MemberRow[]> {
  if (ids.length === 0) return [];
  return db.execute<MemberRow>(sql`
    with recursive reached (id) as (
      select id from unnest(${sql.param([...ids])}::uuid[]) asked (id)
      union
      select neighbour.id
      from reached cross join lateral (
        select other_patient_id as id from patient_links where patient_id = reached.id
        union all
        select patient_id from patient_links where other_patient_id = reached.id) neighbour
    )
    select p.id, p.active, p.deleted_at is not null as deleted, p.version, p.enterprise_id as "enterpriseId",
      p.enterprise_since::text as "enterpriseSince", p.initial_enterprise_id as "initialEnterpriseId"
    from reached join patients p on p.id = reached.id
    order by p.initial_enterprise_at, p.initial_enterprise_id`);
}

/** Locks records until the transaction ends, in order of id, so that two sessions never wait in a circle. */
export async function lockRecords(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx.execute(sql`
    select id from patients where id = any(${sql.param([...ids])}::uuid[]) order by id for update`);
}

export interface EnterpriseIdUpdate {
  readonly id: string;
  readonly enterpriseId: string;
  /** Since when; null is now, or the record's beginning where it gets back the id it was born with. */
  readonly since: string | null;
}

export interface EnterpriseIdRow {
  readonly id: string;
  readonly enterpriseId: string;
  readonly enterpriseSince: string;
  [column: string]: unknown;
}

/** Gives records their enterprise ids, whatever their number, and returns what they then carry. */
export async function updateEnterpriseIds(
  tx: Transaction,
  updates: readonly EnterpriseIdUpdate[],
): Promise<readonly EnterpriseIdRow[]> {
  if (updates.length === 0) return [];
  // By way of text[]: Drizzle takes the driver's serializer for arrays of timestamps away.
  return tx.execute<EnterpriseIdRow>(sql`
    update patients p
    set enterprise_id = u.enterprise_id,
      enterprise_since = coalesce(u.since, case when u.enterprise_id = p.initial_enterprise_id then p.initial_enterprise_at else now() end)
    from unnest(
      ${sql.param(updates.map((update) => update.id))}::uuid[],
      ${sql.param(updates.map((update) => update.enterpriseId))}::uuid[],
      ${sql.param(updates.map((update) => update.since))}::text[]::timestamptz[]) u (id, enterprise_id, since)
    where p.id = u.id
    returning p.id, p.enterprise_id as "enterpriseId", p.enterprise_since::text as "enterpriseSince"`);
}
