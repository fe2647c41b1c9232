/** Puts half of a benchmark database's patients under row-level security, and takes it back. */
import { randomBytes } from "node:crypto";
import type { ConnectionTarget } from "../src/db/client.ts";
import { applyRoles } from "../src/db/migrate/roles.ts";
import { changeTenancy, disableRowSecurity, enableRowSecurity } from "../src/db/migrate/row-security.ts";
import { withSession } from "../src/db/migrate/session.ts";
import { roleNames } from "../src/db/migrate/role-grants.ts";

const prefix = "mpi_bench";
const login = `${prefix}_login`;
const organization = "00000000-0000-4000-8000-0000000be9c4";

/**
 * Hands `work` the way in of a steward who sees every second patient. Roles belong to the whole server: what is made
 * here goes again, whatever happens.
 */
export async function withRowSecurity<T>(
  target: ConnectionTarget,
  work: (restricted: ConnectionTarget) => Promise<T>,
): Promise<T> {
  const password = randomBytes(12).toString("hex");
  await withSession(target, async (session) => {
    await session.unsafe(`
      set session_replication_role = replica;
      insert into organizations (id, name) values ('${organization}', 'Bench hospital') on conflict do nothing;
      update patients set managing_organization_id = '${organization}'
        where managing_organization_id is null and id > '80000000-0000-0000-0000-000000000000'`);
    await session.unsafe("vacuum analyze patients");
  });
  await applyRoles(target, { prefix });
  try {
    await withSession(target, (session) =>
      session.unsafe(`create role ${login} login password '${password}' in role ${prefix}_steward`),
    );
    await changeTenancy(target, { user: "bench" }, "allow", login, organization);
    await enableRowSecurity(target, { prefix, user: "bench" });
    return await work({ ...target, user: login, password });
  } finally {
    await disableRowSecurity(target, { prefix, user: "bench" });
    await withSession(target, async (session) => {
      for (const role of [login, ...roleNames.map((name) => `${prefix}_${name}`)]) {
        await session.unsafe(
          `do $$ begin if to_regrole('${role}') is not null then
            reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}; end if; end $$`,
        );
      }
    });
  }
}
