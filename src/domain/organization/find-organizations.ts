import type { Database } from "../../db/client.ts";
import { insertReadAudit } from "../../db/queries/audit-read.ts";
import {
  selectOrganizationsByName,
  selectOrganizationTree,
  type OrganizationNodeRow,
} from "../../db/queries/organizations.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { textProblem } from "../patient/check-content.ts";
import { resolveOrganization } from "./resolve-organization.ts";

/** Organizations whose name or alias holds this text; all of them without one. The search is written down. */
export function findOrganizations(
  db: Database,
  audit: AuditContext,
  name: string | null,
  options: { readonly includeDeleted: boolean; readonly limit: number },
): Promise<readonly OrganizationNodeRow[]> {
  const problem = name === null ? undefined : name.trim() === "" ? "is empty" : textProblem(name, 255);
  if (problem !== undefined) throw new MpiError("usage", `The name to look for ${problem}.`);
  return withTransaction(db, audit, async (tx) => {
    const found = await selectOrganizationsByName(tx, name, options);
    await insertReadAudit(tx, {
      action: "SEARCH",
      entityType: "organization",
      entityIds: found.map((each) => each.id),
      details: { fields: name === null ? [] : ["name"] },
    });
    return found;
  });
}

/** The organizations that are part of one, or of none, parents first. */
export function listOrganizationTree(
  db: Database,
  audit: AuditContext,
  root: string | null,
): Promise<readonly OrganizationNodeRow[]> {
  return withTransaction(db, audit, async (tx) => {
    const id = root === null ? null : await resolveOrganization(tx, root);
    const tree = await selectOrganizationTree(tx, id);
    await insertReadAudit(tx, {
      action: "SEARCH",
      entityType: "organization",
      entityIds: tree.map((each) => each.id),
      details: { fields: ["tree"] },
    });
    return tree;
  });
}
