import { sql } from "drizzle-orm";
import type { Queryable } from "../client.ts";

/** One step on the way from a retired record to the one in charge. */
export interface InChargeStep {
  readonly from: string;
  readonly to: string;
  readonly mergeId: string | null;
  readonly at: string;
  readonly by: string | null;
  readonly reason: string | null;
  [column: string]: unknown;
}

/**
 * The way from a record to the one that is, or at a moment was, in charge of it. Merges that were taken back later
 * count for the time that they were in force.
 *
 * @param asOf a moment as PostgreSQL reads it; null is now.
 */
export async function selectWayToInCharge(
  db: Queryable,
  id: string,
  asOf: string | null,
): Promise<readonly InChargeStep[]> {
  return db.execute<InChargeStep>(sql`
    with recursive moment (at) as (select coalesce(${asOf}::timestamptz, 'infinity')),
    way (place, "from", "to", merge_id, at, by, reason) as (
      select 0, null::uuid, ${id}::uuid, null::uuid, null::timestamptz, null::text, null::text
      union all
      select way.place + 1, way."to", step."to", step.merge_id, step.at, step.by, step.reason
      from way cross join moment cross join lateral (
        select survivor_id as "to", id as merge_id, merged_at as at, merged_by as by, reason
        from patient_merges
        where patient_id = way."to" and merged_at <= moment.at and (unmerged_at is null or unmerged_at > moment.at)
        union all
        select other_patient_id, null, created_at, created_by, reason
        from patient_links
        where patient_id = way."to" and link_type = 'replaced_by' and merge_id is null and created_at <= moment.at) step
      where way.place < 1000
    )
    select "from", "to", merge_id as "mergeId", at::text, by, reason from way where place > 0 order by place`);
}

export interface EnterpriseIdThen {
  /** False where the record was not there yet. */
  readonly existed: boolean;
  readonly enterpriseId: string | null;
  [column: string]: unknown;
}

/** The enterprise id that a record carried at a moment, from the audit trail; null where that no longer reaches back. */
export async function findEnterpriseIdAsOf(
  db: Queryable,
  id: string,
  asOf: string,
): Promise<EnterpriseIdThen> {
  const [row] = await db.execute<EnterpriseIdThen>(sql`
    select created_at <= ${asOf}::timestamptz as existed,
      (select new_values ->> 'enterprise_id' from audit_log
       where entity_type = 'patient' and entity_id = ${id} and table_name = 'patients' and timestamp <= ${asOf}::timestamptz
       order by timestamp desc, id desc limit 1) as "enterpriseId"
    from patients where id = ${id}`);
  return row ?? { existed: false, enterpriseId: null };
}
