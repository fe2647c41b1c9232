import type { ConnectionTarget } from "../../db/client.ts";
import {
  changeTenancy,
  disableRowSecurity,
  enableRowSecurity,
  readRowSecurity,
  type RowSecurityOptions,
  type RowSecurityStatus,
  type Tenancy,
} from "../../db/migrate/row-security.ts";

export type { RowSecurityStatus, Tenancy };

/** Switches row-level security by managing organization on or off, and says how things stand then. */
export async function switchRowSecurity(
  target: ConnectionTarget,
  wanted: "enable" | "disable",
  options: RowSecurityOptions,
): Promise<RowSecurityStatus> {
  await (wanted === "enable" ? enableRowSecurity : disableRowSecurity)(target, options);
  return readRowSecurity(target);
}

/** Lets a role see an organization and all that are part of it, or no longer. */
export async function setTenancy(
  target: ConnectionTarget,
  act: "allow" | "deny",
  tenancy: { readonly role: string; readonly organizationId: string },
  options: { readonly user: string },
): Promise<RowSecurityStatus> {
  await changeTenancy(target, options, act, tenancy.role, tenancy.organizationId);
  return readRowSecurity(target);
}

/** Whether row-level security is on, and which role sees which organization. */
export const getRowSecurity = (target: ConnectionTarget): Promise<RowSecurityStatus> =>
  readRowSecurity(target);
