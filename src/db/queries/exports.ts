import { sql, type SQL } from "drizzle-orm";
import type { Queryable } from "../client.ts";

/** Which records an export holds. Deleted ones are in none. */
export interface ExportFilter {
  /** Names of sources; none is all. */
  readonly sources: readonly string[];
  readonly organizationId: string | null;
  /** Changed then or later; ISO time. */
  readonly since: string | null;
  /** Without records that were merged into others. */
  readonly activeOnly: boolean;
}

function conditionOf(filter: ExportFilter): SQL {
  const all: SQL[] = [sql`p.deleted_at is null`];
  if (filter.sources.length > 0)
    all.push(sql`p.source_system = any(${sql.param([...filter.sources])}::text[])`);
  if (filter.organizationId !== null)
    all.push(sql`p.managing_organization_id = ${filter.organizationId}::uuid`);
  if (filter.since !== null) all.push(sql`p.updated_at >= ${filter.since}::timestamptz`);
  if (filter.activeOnly) all.push(sql`p.active`);
  return sql.join(all, sql` and `);
}

const firstId = "00000000-0000-0000-0000-000000000000";

/** The next ids in order, at most `limit`. */
export async function selectExportIds(
  db: Queryable,
  filter: ExportFilter,
  after: string | null,
  limit: number,
): Promise<readonly string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select p.id from patients p
    where p.id > ${after ?? firstId}::uuid and ${conditionOf(filter)}
    order by p.id limit ${limit}`);
  return rows.map((row) => row.id);
}

/** The enterprise id that a record was born with, and when. */
export interface BirthRow {
  readonly id: string;
  readonly enterpriseId: string;
  readonly since: string;
  [column: string]: unknown;
}

export const selectBirths = (db: Queryable, ids: readonly string[]): Promise<readonly BirthRow[]> =>
  db.execute<BirthRow>(sql`
    select id, initial_enterprise_id as "enterpriseId", initial_enterprise_at::text as since
    from patients where id = any(${sql.param([...ids])}::uuid[])`);

export interface ExportLinkRow {
  readonly patientId: string;
  readonly linkType: string;
  readonly otherId: string;
  readonly otherSourceSystem: string | null;
  readonly otherSourceId: string | null;
  [column: string]: unknown;
}

/** Links that begin at these records, to records that are not deleted. */
export const selectExportLinks = (db: Queryable, ids: readonly string[]): Promise<readonly ExportLinkRow[]> =>
  db.execute<ExportLinkRow>(sql`
    select l.patient_id as "patientId", l.link_type as "linkType", o.id as "otherId",
      o.source_system as "otherSourceSystem", o.source_id as "otherSourceId"
    from patient_links l join patients o on o.id = l.other_patient_id
    where l.patient_id = any(${sql.param([...ids])}::uuid[]) and o.deleted_at is null
    order by l.patient_id, l.link_type, o.id`);

export interface ExportPersonRow {
  readonly enterpriseId: string;
  readonly recordIds: readonly string[];
  [column: string]: unknown;
}

/** The next persons in order of their enterprise ids, each with those of its records that the filter lets through. */
export const selectExportPersons = (
  db: Queryable,
  filter: ExportFilter,
  after: string | null,
  limit: number,
): Promise<readonly ExportPersonRow[]> =>
  db.execute<ExportPersonRow>(sql`
    select p.enterprise_id as "enterpriseId", array_agg(p.id::text order by p.id) as "recordIds"
    from patients p
    where p.enterprise_id > ${after ?? firstId}::uuid and ${conditionOf(filter)}
    group by p.enterprise_id order by p.enterprise_id limit ${limit}`);

export interface OrganizationSourceRow {
  readonly id: string;
  readonly sourceSystem: string | null;
  readonly sourceId: string | null;
  [column: string]: unknown;
}

/** Every organization that is not deleted, in order of id. */
export const selectExportOrganizations = (db: Queryable): Promise<readonly OrganizationSourceRow[]> =>
  db.execute<OrganizationSourceRow>(sql`
    select id, source_system as "sourceSystem", source_id as "sourceId"
    from organizations where deleted_at is null order by id`);
