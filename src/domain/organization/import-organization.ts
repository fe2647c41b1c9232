import type { Transaction } from "../../db/client.ts";
import { violatesUnique } from "../../db/errors.ts";
import {
  deleteOrganizationChild,
  findOrganizationIdBySource,
  findOrganizationRowSet,
  insertOrganization,
  insertOrganizationChildren,
  lockHierarchy,
  lockOrganization,
  updateOrganization,
  type OrganizationChildren,
  type OrganizationRowSet,
} from "../../db/queries/organizations.ts";
import type { OrganizationUpdate } from "../../db/rows.ts";
import { MpiError } from "../../lib/errors.ts";
import { refuseCircle } from "./change-organization.ts";
import type { OrganizationContent } from "./fhir-organization.ts";

/** What names an organization for ever; `id` alone where no source delivered it. */
export interface OrganizationKey {
  readonly source: { readonly system: string; readonly id: string } | null;
  /** The id it has in an index that exported it, kept where it is new here. */
  readonly id: string | null;
}

/** The organization behind a key, deleted ones included; undefined where it is not here. */
export async function findOrganizationId(tx: Transaction, key: OrganizationKey): Promise<string | undefined> {
  if (key.source !== null) return findOrganizationIdBySource(tx, key.source.system, key.source.id);
  return key.id === null ? undefined : (await findOrganizationRowSet(tx, key.id))?.organization.id;
}

/**
 * Stores what a source says of an organization: a new one, or the difference. Lists that the source gives replace
 * what is stored; lists that it leaves out are no statement. What is replaced stays in the audit trail.
 *
 * @param partOf the organization it is part of, where that is here.
 * @throws {MpiError} `conflict` where it was deleted here, carries another's identifier, or would make a circle.
 */
export async function importOrganization(
  tx: Transaction,
  key: OrganizationKey,
  content: OrganizationContent,
  partOf: string | null,
): Promise<"added" | "updated" | "unchanged"> {
  const { active, name, alias, orgType, children } = content;
  const known = await findOrganizationId(tx, key);
  if (known !== undefined) return update(tx, known, content, partOf);
  await refusingTaken(async () => {
    const id = await insertOrganization(tx, {
      ...(key.id === null ? {} : { id: key.id }),
      active: active ?? true,
      name,
      alias: [...alias],
      orgType: [...orgType],
      partOf,
      sourceSystem: key.source?.system ?? null,
      sourceId: key.source?.id ?? null,
    });
    await insertOrganizationChildren(tx, id, children);
  });
  return "added";
}

/** Makes an organization part of another that came in after it. False where that would be a circle. */
export async function setParent(tx: Transaction, key: OrganizationKey, partOf: string): Promise<boolean> {
  const id = await findOrganizationId(tx, key);
  if (id === undefined) return true;
  await lockHierarchy(tx);
  const row = await lockOrganization(tx, id);
  if (row?.partOf === partOf || row?.deletedAt !== null) return true;
  try {
    await refuseCircle(tx, id, partOf);
  } catch (error) {
    if (error instanceof MpiError && error.code === "conflict") return false;
    throw error;
  }
  await updateOrganization(tx, id, { partOf });
  return true;
}

async function update(
  tx: Transaction,
  id: string,
  content: OrganizationContent,
  partOf: string | null,
): Promise<"updated" | "unchanged"> {
  await lockHierarchy(tx);
  await lockOrganization(tx, id);
  const stored = (await findOrganizationRowSet(tx, id))!;
  if (stored.organization.deletedAt !== null) {
    throw new MpiError("conflict", "the organization was deleted here; restore it first", {
      details: { reason: "deleted" },
    });
  }
  const values = changedColumns(stored, content, partOf);
  const lists = [
    changedRows(stored.identifiers, content.children.identifiers),
    changedRows(stored.addresses, content.children.addresses),
    changedRows(stored.contacts, content.children.contacts),
  ] as const;
  if (Object.keys(values).length === 0 && lists.every((list) => list.remove.length + list.add.length === 0))
    return "unchanged";
  if (values.partOf != null) await refuseCircle(tx, id, values.partOf);
  for (const list of lists) for (const rowId of list.remove) await deleteOrganizationChild(tx, rowId);
  await refusingTaken(async () => {
    await updateOrganization(tx, id, values);
    const [identifiers, addresses, contacts] = lists;
    await insertOrganizationChildren(tx, id, {
      identifiers: identifiers.add,
      addresses: addresses.add,
      contacts: contacts.add,
    });
  });
  return "updated";
}

function changedColumns(
  { organization }: OrganizationRowSet,
  { active, name, alias, orgType }: OrganizationContent,
  partOf: string | null,
): OrganizationUpdate {
  const differs = (a: readonly string[], b: readonly string[]) => JSON.stringify(a) !== JSON.stringify(b);
  return {
    ...(active === null || organization.active === active ? {} : { active }),
    ...(organization.name === name ? {} : { name }),
    ...(alias.length > 0 && differs(organization.alias, alias) ? { alias: [...alias] } : {}),
    ...(orgType.length > 0 && differs(organization.orgType, orgType) ? { orgType: [...orgType] } : {}),
    ...(partOf === null || organization.partOf === partOf ? {} : { partOf }),
  };
}

type Child = OrganizationChildren[keyof OrganizationChildren][number];

const contentColumns = [
  "type",
  "system",
  "value",
  "assigner",
  "line1",
  "line2",
  "city",
  "state",
  "postalCode",
  "country",
  "useType",
  "isPrimary",
] as const;

const keyOfRow = (row: Readonly<Partial<Record<(typeof contentColumns)[number], unknown>>>): string =>
  JSON.stringify(contentColumns.map((column) => row[column] ?? null));

function changedRows<Row extends Child>(
  stored: readonly (Row & { readonly id: string })[],
  given: readonly Row[],
): { readonly add: readonly Row[]; readonly remove: readonly string[] } {
  if (given.length === 0) return { add: [], remove: [] };
  const before = new Map(stored.map((row) => [keyOfRow(row), row.id]));
  const now = new Set(given.map(keyOfRow));
  return {
    add: given.filter((row) => !before.has(keyOfRow(row))),
    remove: [...before].filter(([key]) => !now.has(key)).map(([, id]) => id),
  };
}

async function refusingTaken(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (violatesUnique(error, "organization_identifiers_system_value_key"))
      throw new MpiError("conflict", "another organization carries an identifier of its already");
    if (violatesUnique(error, "organizations_pkey"))
      throw new MpiError("conflict", "an organization of another source has this id here already");
    throw error;
  }
}
