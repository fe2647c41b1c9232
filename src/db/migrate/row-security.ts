import type postgres from "postgres";
import { MpiError } from "../../lib/errors.ts";
import type { ConnectionTarget } from "../client.ts";
import { withMigrationLock } from "./lock.ts";
import { withSession, type Session } from "./session.ts";

/** What a tenant sees of each table: a condition on its rows. */
const visible = (patient: string) => `exists (select from public.patients p where p.id = ${patient})`;

/**
 * The conditions of the policies. Those of children ask `patients`, whose own policy decides; a row about two
 * records is seen by whoever sees both. A table with `false` is closed to tenants.
 */
const conditions: Readonly<Record<string, string>> = {
  patients: "managing_organization_id = any ((select public.mpi_tenant_organizations())::uuid[])",
  patient_names: visible("patient_id"),
  patient_identifiers: visible("patient_id"),
  patient_addresses: visible("patient_id"),
  patient_contacts: visible("patient_id"),
  patient_quarantine: visible("patient_id"),
  patient_links: `${visible("patient_id")} and ${visible("other_patient_id")}`,
  patient_merges: `${visible("patient_id")} and ${visible("survivor_id")}`,
  patient_match_scores: `${visible("patient_id")} and ${visible("candidate_id")}`,
  audit_log: `entity_type = 'patient' and ${visible("entity_id")}
    or entity_type = 'organization' and entity_id = any ((select public.mpi_tenant_organizations())::uuid[])`,
  // Names of everybody: the search asks mpi_name_candidates() instead.
  name_dictionary: "false",
  // Frequent names and dates of everybody.
  match_calibrations: "false",
  // Hashed keys of everybody.
  match_key_index: "false",
  match_key_pages: "false",
  match_key_changes: "false",
};

/** Roles that have to see every record: the matching compares across organizations, the auditor looks at all. */
const rolesThatSeeAll = ["matcher", "auditor"] as const;

const tenantPolicy = "mpi_tenant";
const allPolicy = "mpi_tenant_all";

export interface RowSecurityOptions {
  /** What the roles' names begin with; see `mpi migrate roles`. */
  readonly prefix: string;
  readonly user?: string;
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal;
}

/** A role and an organization it sees, with all that are part of it. */
export interface Tenancy {
  readonly role: string;
  readonly organizationId: string;
  readonly organization: string;
}

export interface RowSecurityStatus {
  readonly isEnabled: boolean;
  readonly tenancies: readonly Tenancy[];
}

/**
 * Shows each role the records of its organizations alone (`role_organizations`, asked for the role that logged in).
 * The owner and superusers go on seeing all; so do the matcher and the auditor, where they are made.
 */
export const enableRowSecurity = (target: ConnectionTarget, options: RowSecurityOptions): Promise<void> =>
  change(target, options, "RLS_ENABLE", async (transaction) => {
    await dropPolicies(transaction);
    const roles = await listExistingRoles(
      transaction,
      rolesThatSeeAll.map((role) => `${options.prefix}_${role}`),
    );
    for (const [table, condition] of Object.entries(conditions)) {
      await transaction.unsafe(
        `create policy ${tenantPolicy} on public.${table} using (${condition}) with check (${condition})`,
      );
      if (roles.length > 0) {
        const list = roles.map(quote).join(", ");
        await transaction.unsafe(
          `create policy ${allPolicy} on public.${table} to ${list} using (true) with check (true)`,
        );
      }
      await transaction.unsafe(`alter table public.${table} enable row level security`);
    }
  });

/** Shows every role all records again; who belongs to which organization is kept. */
export const disableRowSecurity = (target: ConnectionTarget, options: RowSecurityOptions): Promise<void> =>
  change(target, options, "RLS_DISABLE", async (transaction) => {
    await dropPolicies(transaction);
    for (const table of Object.keys(conditions)) {
      await transaction.unsafe(`alter table public.${table} disable row level security`);
    }
  });

/**
 * Lets a role see an organization, or no longer. The audit trail has the row.
 *
 * @throws {MpiError} `not-found` where there is no such role or organization.
 */
export const changeTenancy = (
  target: ConnectionTarget,
  options: Omit<RowSecurityOptions, "prefix">,
  act: "allow" | "deny",
  role: string,
  organizationId: string,
): Promise<void> =>
  withSession(target, async (session) => {
    if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(organizationId)) {
      throw new MpiError("usage", "The organization must be given by its whole id.");
    }
    await session.begin(async (transaction) => {
      await transaction.unsafe(
        "select set_config('mpi.user_id', coalesce($1, ''), true), set_config('mpi.operation', $2, true)",
        [options.user ?? null, act === "allow" ? "RLS_ALLOW" : "RLS_DENY"],
      );
      if (act === "deny") {
        const gone = await transaction.unsafe(
          "delete from public.role_organizations where role_name = $1 and organization_id = $2::uuid returning id",
          [role, organizationId],
        );
        if (gone.length === 0)
          throw new MpiError("not-found", `The role ${role} does not see that organization.`);
        return;
      }
      if ((await listExistingRoles(transaction, [role])).length === 0) {
        throw new MpiError("not-found", `There is no role ${role} on this server.`, {
          hint: `Make it: create role "${role}" login.`,
        });
      }
      const found = await transaction.unsafe("select from public.organizations where id = $1::uuid", [
        organizationId,
      ]);
      if (found.length === 0) throw new MpiError("not-found", "There is no such organization.");
      await transaction.unsafe(
        `insert into public.role_organizations (role_name, organization_id) values ($1, $2::uuid)
         on conflict (role_name, organization_id) do nothing`,
        [role, organizationId],
      );
    });
  });

/** Whether it is on, and who sees what. */
export const readRowSecurity = (target: ConnectionTarget): Promise<RowSecurityStatus> =>
  withSession(target, async (session) => {
    const [row] = await session.unsafe<{ enabled: boolean }[]>(
      "select relrowsecurity as enabled from pg_class where oid = to_regclass('public.patients')",
    );
    if (row === undefined) {
      throw new MpiError("unavailable", "The database is not migrated.", {
        hint: 'Run "mpi migrate" first.',
      });
    }
    const tenancies = await session.unsafe<Tenancy[]>(`
      select r.role_name as role, o.id as "organizationId", o.name as organization
      from public.role_organizations r join public.organizations o on o.id = r.organization_id
      order by r.role_name collate "C", o.name collate "C", o.id`);
    return { isEnabled: row.enabled, tenancies };
  });

const change = (
  target: ConnectionTarget,
  options: RowSecurityOptions,
  operation: "RLS_ENABLE" | "RLS_DISABLE",
  work: (transaction: postgres.TransactionSql) => Promise<void>,
): Promise<void> =>
  withMigrationLock(
    target,
    options.waitSeconds ?? 60,
    async (lock, session) => {
      await session.begin(async (transaction) => {
        await transaction.unsafe("set local lock_timeout = 3000");
        if (options.user !== undefined) {
          await transaction.unsafe("select set_config('mpi.user_id', $1, true)", [options.user]);
        }
        await work(transaction);
        await transaction.unsafe("select public.mpi_audit_admin('patients', $1, '{}')", [operation]);
        await lock.ensureHeld();
      });
    },
    options.signal,
  );

async function dropPolicies(transaction: postgres.TransactionSql): Promise<void> {
  for (const table of Object.keys(conditions)) {
    for (const policy of [tenantPolicy, allPolicy]) {
      await transaction.unsafe(`drop policy if exists ${policy} on public.${table}`);
    }
  }
}

async function listExistingRoles(
  session: Session | postgres.TransactionSql,
  names: readonly string[],
): Promise<readonly string[]> {
  const rows = await session.unsafe<{ name: string }[]>(
    "select rolname as name from pg_roles where rolname = any ($1::text[]) order by 1",
    [names as string[]],
  );
  return rows.map(({ name }) => name);
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
