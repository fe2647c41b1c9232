import { eq, sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";
import type {
  OrganizationAddressInsert,
  OrganizationAddressRow,
  OrganizationContactInsert,
  OrganizationContactRow,
  OrganizationIdentifierInsert,
  OrganizationIdentifierRow,
  OrganizationInsert,
  OrganizationRow,
  OrganizationUpdate,
} from "../rows.ts";
import {
  organizationAddresses,
  organizationContacts,
  organizationIdentifiers,
  organizations,
} from "../schema.ts";

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

/** The organization that a source delivered under its own id, deleted ones included. */
export async function findOrganizationIdBySource(
  db: Queryable,
  system: string,
  id: string,
): Promise<string | undefined> {
  const [row] = await db.execute<{ id: string }>(sql`
    select id from organizations where source_system = ${system} and source_id = ${id}`);
  return row?.id;
}

type Owned<Insert> = Omit<Insert, "organizationId">;

/** What belongs to an organization, to be added. */
export interface OrganizationChildren {
  readonly identifiers: readonly Owned<OrganizationIdentifierInsert>[];
  readonly addresses: readonly Owned<OrganizationAddressInsert>[];
  readonly contacts: readonly Owned<OrganizationContactInsert>[];
}

export interface OrganizationRowSet {
  readonly organization: OrganizationRow;
  readonly identifiers: readonly OrganizationIdentifierRow[];
  readonly addresses: readonly OrganizationAddressRow[];
  readonly contacts: readonly OrganizationContactRow[];
}

export async function findOrganizationRowSet(
  db: Queryable,
  id: string,
): Promise<OrganizationRowSet | undefined> {
  const organization = await findOrganizationRow(db, id);
  if (organization === undefined) return undefined;
  const [identifiers, addresses, contacts] = await Promise.all([
    db
      .select()
      .from(organizationIdentifiers)
      .where(eq(organizationIdentifiers.organizationId, id))
      .orderBy(
        organizationIdentifiers.createdAt,
        organizationIdentifiers.system,
        organizationIdentifiers.value,
        organizationIdentifiers.id,
      ),
    db
      .select()
      .from(organizationAddresses)
      .where(eq(organizationAddresses.organizationId, id))
      .orderBy(
        organizationAddresses.createdAt,
        organizationAddresses.line1,
        organizationAddresses.city,
        organizationAddresses.id,
      ),
    db
      .select()
      .from(organizationContacts)
      .where(eq(organizationContacts.organizationId, id))
      .orderBy(
        organizationContacts.createdAt,
        organizationContacts.system,
        organizationContacts.value,
        organizationContacts.id,
      ),
  ]);
  return { organization, identifiers, addresses, contacts };
}

export async function insertOrganization(tx: Transaction, values: OrganizationInsert): Promise<string> {
  const [row] = await tx.insert(organizations).values(values).returning({ id: organizations.id });
  return row!.id;
}

export async function updateOrganization(
  tx: Transaction,
  id: string,
  values: OrganizationUpdate,
): Promise<void> {
  if (Object.keys(values).length > 0)
    await tx.update(organizations).set(values).where(eq(organizations.id, id));
}

export async function insertOrganizationChildren(
  tx: Transaction,
  organizationId: string,
  children: OrganizationChildren,
): Promise<void> {
  const owned = <Row>(rows: readonly Row[]) => rows.map((row) => ({ ...row, organizationId }));
  const { identifiers, addresses, contacts } = children;
  if (identifiers.length > 0) await tx.insert(organizationIdentifiers).values(owned(identifiers));
  if (addresses.length > 0) await tx.insert(organizationAddresses).values(owned(addresses));
  if (contacts.length > 0) await tx.insert(organizationContacts).values(owned(contacts));
}

/** Deletes one child row, of whichever table it is; the audit trail keeps it. */
export async function deleteOrganizationChild(tx: Transaction, rowId: string): Promise<void> {
  await tx.delete(organizationIdentifiers).where(eq(organizationIdentifiers.id, rowId));
  await tx.delete(organizationAddresses).where(eq(organizationAddresses.id, rowId));
  await tx.delete(organizationContacts).where(eq(organizationContacts.id, rowId));
}

export async function markOrganizationDeleted(
  tx: Transaction,
  id: string,
  { deleted }: { readonly deleted: boolean },
): Promise<void> {
  await tx
    .update(organizations)
    .set(
      deleted
        ? { deletedAt: sql`now()`, deletedBy: sql`mpi_acting_user()` }
        : { deletedAt: null, deletedBy: null },
    )
    .where(eq(organizations.id, id));
}

export async function lockOrganization(tx: Transaction, id: string): Promise<OrganizationRow | undefined> {
  const [row] = await tx.select().from(organizations).where(eq(organizations.id, id)).for("update");
  return row;
}

/** One change of the hierarchy at a time: two that are harmless alone could make a circle together. */
export async function lockHierarchy(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('mpi organization hierarchy'))`);
}

/** An organization in its place: depth 0 is where the tree begins. */
export interface OrganizationNodeRow {
  readonly id: string;
  readonly name: string;
  readonly partOf: string | null;
  readonly active: boolean;
  readonly deleted: boolean;
  readonly depth: number;
  [column: string]: unknown;
}

/** Whatever is part of `root`, itself included, or of any organization that is part of none; parents first, then by name. */
export async function selectOrganizationTree(
  db: Queryable,
  root: string | null,
): Promise<readonly OrganizationNodeRow[]> {
  return db.execute<OrganizationNodeRow>(sql`
    with recursive tree as (
      select id, name, part_of, active, deleted_at, 0 as depth, array[lower(name), id::text] as place
      from organizations where case when ${root}::uuid is null then part_of is null else id = ${root}::uuid end
      union all
      select o.id, o.name, o.part_of, o.active, o.deleted_at, tree.depth + 1, tree.place || array[lower(o.name), o.id::text]
      from tree join organizations o on o.part_of = tree.id)
    select id, name, part_of as "partOf", active, deleted_at is not null as deleted, depth from tree order by place`);
}

/** Organizations by a part of their name or alias, accents and case aside; at most `limit`. */
export async function selectOrganizationsByName(
  db: Queryable,
  name: string | null,
  options: { readonly includeDeleted: boolean; readonly limit: number },
): Promise<readonly OrganizationNodeRow[]> {
  return db.execute<OrganizationNodeRow>(sql`
    select id, name, part_of as "partOf", active, deleted_at is not null as deleted, 0 as depth from organizations
    where (${name}::text is null
        or strpos(mpi_fold_text(name || ' ' || mpi_join_text(alias)), coalesce(mpi_fold_text(${name}), lower(${name}))) > 0)
      and (${options.includeDeleted} or deleted_at is null)
    order by lower(name), id limit ${options.limit}`);
}
