import type { Database, Transaction } from "../../db/client.ts";
import { violatesUnique } from "../../db/errors.ts";
import { insertReadAudit } from "../../db/queries/audit-read.ts";
import {
  deleteOrganizationChild,
  findOrganizationRowSet,
  insertOrganization,
  insertOrganizationChildren,
  lockHierarchy,
  lockOrganization,
  markOrganizationDeleted,
  selectOrganizationTree,
  updateOrganization,
  type OrganizationChildren,
  type OrganizationRowSet,
} from "../../db/queries/organizations.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { listDomains } from "../identifier/identifier-domain.ts";
import {
  checkIdentifiers,
  resolveNamedIdentifier,
  type NamedIdentifier,
} from "../identifier/named-identifier.ts";
import { textProblem } from "../patient/check-content.ts";
import { resolveOrganization } from "./resolve-organization.ts";

/** What is said of an organization; what is absent is left as it is. */
export interface OrganizationInput {
  readonly name?: string;
  readonly alias?: readonly string[];
  readonly orgType?: readonly string[];
  /** Anything that names an organization; null makes it part of none. */
  readonly partOf?: string | null;
  readonly source?: { readonly system: string; readonly id: string };
  /** To be added. */
  readonly identifiers: readonly NamedIdentifier[];
  readonly addresses: OrganizationChildren["addresses"];
  readonly contacts: OrganizationChildren["contacts"];
  /** Beginnings of the ids of rows to take away. */
  readonly remove: readonly string[];
}

interface Options {
  readonly dryRun: boolean;
}

/** @throws {MpiError} `usage` for what cannot be stored, `conflict` for an identifier or source id that is taken. */
export function addOrganization(
  db: Database,
  audit: AuditContext,
  input: OrganizationInput & { readonly name: string },
  { dryRun }: Options,
): Promise<OrganizationRowSet> {
  return withTransaction(
    db,
    audit,
    async (tx) => {
      const children = await toChildren(tx, input);
      const partOf = input.partOf == null ? null : await requireParent(tx, input.partOf);
      const id = await refusingTaken(async () => {
        const added = await insertOrganization(tx, {
          name: input.name,
          alias: [...(input.alias ?? [])],
          orgType: [...(input.orgType ?? [])],
          partOf,
          sourceSystem: input.source?.system ?? null,
          sourceId: input.source?.id ?? null,
        });
        await insertOrganizationChildren(tx, added, children);
        return added;
      });
      return getOrganization(tx, id);
    },
    { dryRun },
  );
}

/** @throws {MpiError} as addOrganization; `conflict` also for a circle, a deleted one, or one that changed meanwhile. */
export function editOrganization(
  db: Database,
  audit: AuditContext,
  reference: string,
  input: OrganizationInput & { readonly version: number | null },
  { dryRun }: Options,
): Promise<OrganizationRowSet> {
  return withTransaction(
    db,
    audit,
    async (tx) => {
      const id = await resolveOrganization(tx, reference);
      await lockHierarchy(tx);
      const row = await lockOrganization(tx, id);
      if (row!.deletedAt !== null) throw isDeleted(id);
      if (input.version !== null && input.version !== row!.version) {
        throw new MpiError(
          "conflict",
          `Organization ${id} was changed meanwhile: it has version ${row!.version}, not ${input.version}.`,
          { details: { reason: "changed-meanwhile", version: row!.version } },
        );
      }
      const children = await toChildren(tx, input);
      const partOf = input.partOf == null ? input.partOf : await requireParent(tx, input.partOf);
      if (partOf != null) await refuseCircle(tx, id, partOf);
      for (const rowId of await findRows(tx, id, input.remove)) await deleteOrganizationChild(tx, rowId);
      await refusingTaken(async () => {
        await updateOrganization(tx, id, {
          ...(input.name === undefined ? {} : { name: input.name }),
          ...(input.alias === undefined ? {} : { alias: [...input.alias] }),
          ...(input.orgType === undefined ? {} : { orgType: [...input.orgType] }),
          ...(partOf === undefined ? {} : { partOf }),
        });
        await insertOrganizationChildren(tx, id, children);
      });
      return getOrganization(tx, id);
    },
    { dryRun },
  );
}

/** One organization whole; that it was read is written down. @throws {MpiError} `not-found` */
export function showOrganization(
  db: Database,
  audit: AuditContext,
  reference: string,
): Promise<OrganizationRowSet> {
  return withTransaction(db, audit, async (tx) => {
    const id = await resolveOrganization(tx, reference);
    await insertReadAudit(tx, { action: "READ", entityType: "organization", entityIds: [id] });
    return getOrganization(tx, id);
  });
}

/** Deletes softly. @throws {MpiError} `conflict` where it is deleted already, or others are part of it. */
export const deleteOrganization = (
  db: Database,
  audit: AuditContext,
  reference: string,
  options: Options,
): Promise<OrganizationRowSet> =>
  changeStanding(db, audit, reference, options, async (tx, { id, deletedAt }) => {
    if (deletedAt !== null) throw isDeleted(id);
    const parts = (await selectOrganizationTree(tx, id)).filter((each) => each.depth > 0 && !each.deleted);
    if (parts.length > 0) {
      throw new MpiError("conflict", `${parts.length} organizations are part of ${id}.`, {
        hint: '"mpi org tree" shows them; delete or move them first.',
        details: { reason: "has-parts", parts: parts.map((each) => each.id) },
      });
    }
    return { deleted: true };
  });

/** Brings a deleted organization back. @throws {MpiError} `conflict` where it is not deleted, or its parent is. */
export const restoreOrganization = (
  db: Database,
  audit: AuditContext,
  reference: string,
  options: Options,
): Promise<OrganizationRowSet> =>
  changeStanding(db, audit, reference, options, async (tx, { id, deletedAt, partOf }) => {
    if (deletedAt === null) {
      throw new MpiError("conflict", `Organization ${id} is not deleted.`, {
        details: { reason: "not-deleted" },
      });
    }
    if (partOf !== null) await requireParent(tx, partOf);
    return { deleted: false };
  });

/** Deletes or restores, as `check` says of the locked row, or refuses. */
function changeStanding(
  db: Database,
  audit: AuditContext,
  reference: string,
  { dryRun }: Options,
  check: (tx: Transaction, row: OrganizationRowSet["organization"]) => Promise<{ readonly deleted: boolean }>,
): Promise<OrganizationRowSet> {
  return withTransaction(
    db,
    audit,
    async (tx) => {
      const id = await resolveOrganization(tx, reference);
      await lockHierarchy(tx);
      const row = await lockOrganization(tx, id);
      await markOrganizationDeleted(tx, id, await check(tx, row!));
      return getOrganization(tx, id);
    },
    { dryRun },
  );
}

async function getOrganization(tx: Transaction, id: string): Promise<OrganizationRowSet> {
  const found = await findOrganizationRowSet(tx, id);
  if (found === undefined) throw new MpiError("not-found", `There is no organization ${id}.`);
  return found;
}

const isDeleted = (id: string) =>
  new MpiError("conflict", `Organization ${id} is deleted.`, {
    hint: "mpi org restore brings it back.",
    details: { reason: "deleted" },
  });

async function requireParent(tx: Transaction, reference: string): Promise<string> {
  const id = await resolveOrganization(tx, reference);
  const { organization } = await getOrganization(tx, id);
  if (organization.deletedAt !== null) throw isDeleted(id);
  return id;
}

/** @throws {MpiError} `conflict` where an organization would be part of itself. */
export async function refuseCircle(tx: Transaction, id: string, partOf: string): Promise<void> {
  const below = await selectOrganizationTree(tx, id);
  if (below.some((each) => each.id === partOf)) {
    throw new MpiError(
      "conflict",
      `Organization ${partOf} is part of ${id}, or is it: that would be a circle.`,
      {
        details: { reason: "circle" },
      },
    );
  }
}

async function findRows(
  tx: Transaction,
  id: string,
  prefixes: readonly string[],
): Promise<readonly string[]> {
  const { identifiers, addresses, contacts } = await getOrganization(tx, id);
  const ids = [...identifiers, ...addresses, ...contacts].map((row) => row.id);
  return prefixes.map((prefix) => {
    const fitting = ids.filter((each) => prefix.length >= 4 && each.startsWith(prefix.toLowerCase()));
    if (fitting.length !== 1)
      throw new MpiError("usage", "--remove names no row, or several, of the organization.");
    return fitting[0]!;
  });
}

async function toChildren(tx: Transaction, input: OrganizationInput): Promise<OrganizationChildren> {
  const domains = await listDomains(tx);
  const identifiers = input.identifiers.map((named) => resolveNamedIdentifier(named, domains));
  const problems = checkIdentifiers(identifiers, domains).map((each) => `${each.field} ${each.reason}`);
  const check = (field: string, value: string | null | undefined, limit: number) => {
    const problem = value == null ? undefined : textProblem(value, limit);
    if (problem !== undefined) problems.push(`${field} ${problem}`);
  };
  if (input.name?.trim() === "") problems.push("name is empty");
  check("name", input.name, 255);
  for (const each of [...(input.alias ?? []), ...(input.orgType ?? [])]) check("alias or type", each, 255);
  check("source", input.source?.system, 255);
  check("source-id", input.source?.id, 255);
  for (const each of identifiers) check("identifier", each.value, 255);
  for (const each of input.contacts) {
    if (each.value.trim() === "") problems.push("contact is empty");
    check("contact", each.value, 255);
  }
  for (const each of input.addresses) {
    check("line1", each.line1, 1000);
    check("line2", each.line2, 1000);
    check("city", each.city, 255);
    check("state", each.state, 100);
    check("postal-code", each.postalCode, 20);
    check("country", each.country, 100);
  }
  if (problems.length > 0) {
    throw new MpiError("usage", `The organization cannot be stored: ${problems.join("; ")}.`, {
      details: { problems },
    });
  }
  return {
    identifiers: identifiers.map(({ type, system, value, assigner, use }) => ({
      type,
      system,
      value,
      assigner,
      useType: use,
    })),
    addresses: input.addresses,
    contacts: input.contacts,
  };
}

async function refusingTaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (violatesUnique(error, "organization_identifiers_system_value_key")) {
      throw new MpiError("conflict", "Another organization carries that identifier already.", {
        details: { reason: "identifier-taken" },
      });
    }
    if (violatesUnique(error, "organizations_source_key")) {
      throw new MpiError("conflict", "That source has delivered an organization under this id already.", {
        details: { reason: "source-taken" },
      });
    }
    throw error;
  }
}
