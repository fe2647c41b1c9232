import { eq, sql } from "drizzle-orm";
import type { Queryable } from "../client.ts";
import type { OrganizationRow } from "../rows.ts";
import { organizations } from "../schema.ts";

export async function findOrganizationRow(db: Queryable, id: string): Promise<OrganizationRow | undefined> {
  const [row] = await db.select().from(organizations).where(eq(organizations.id, id));
  return row;
}

/** Ids that begin with `digits` (hex, no dashes), in order, at most `limit`. */
export async function selectOrganizationIdsByPrefix(
  db: Queryable,
  digits: string,
  limit: number,
): Promise<readonly string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select id from organizations
    where id between ${digits.padEnd(32, "0")}::uuid and ${digits.padEnd(32, "f")}::uuid
    order by id limit ${limit}`);
  return rows.map((row) => row.id);
}

/** Organizations that carry an identifier of this type or system; those in use first. */
export async function selectOrganizationIdsByIdentifier(
  db: Queryable,
  typeOrSystem: string,
  value: string,
  limit: number,
): Promise<readonly string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select distinct o.id, o.deleted_at is not null as deleted
    from organization_identifiers i join organizations o on o.id = i.organization_id
    where i.value = ${value} and (i.system = ${typeOrSystem} or lower(i.type) = lower(${typeOrSystem}))
    order by 2, 1 limit ${limit}`);
  return rows.map((row) => row.id);
}
