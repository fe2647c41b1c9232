import type { ConnectionTarget } from "../../db/client.ts";
import { applyRoles, listRoleStatements, type ApplyRoleOptions } from "../../db/migrate/roles.ts";

/** What making the roles takes, as statements to be read, or to be run by an administrator. */
export const describeRoles = (target: ConnectionTarget, prefix: string): Promise<readonly string[]> =>
  listRoleStatements(target, { prefix });

/** Makes the roles and their grants; the audit trail remembers who did it. */
export const makeRoles = (target: ConnectionTarget, options: ApplyRoleOptions): Promise<readonly string[]> =>
  applyRoles(target, options);
