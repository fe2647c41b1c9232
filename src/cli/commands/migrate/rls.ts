import type { Command } from "commander";
import {
  getRowSecurity,
  setTenancy,
  switchRowSecurity,
  type RowSecurityStatus,
  type Tenancy,
} from "../../../domain/migrate/row-security.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { findMigrationTarget } from "./migration-target.ts";

interface SwitchFlags {
  readonly prefix: string;
}

const columns: readonly Column<Tenancy>[] = [
  { key: "role", header: "Role", value: (row) => row.role },
  { key: "organizationId", header: "Organization", value: (row) => row.organizationId },
  { key: "organization", header: "Name", value: (row) => row.organization },
];

/** Registers `mpi migrate rls`. */
export function registerRls(migrate: Command, act: Act): void {
  const rls = migrate
    .command("rls")
    .summary("row-level security by managing organization")
    .helpCommand(false);
  rls.description(
    "Row-level security: each role sees the records of its organizations and of those that are part of them. Off by default.",
  );
  defineCommand(rls, "status", {
    summary: "whether it is on, and who sees what",
    examples: [{ command: "mpi migrate rls status", does: "roles and their organizations" }],
  }).action(act(status));
  defineCommand(rls, "enable", {
    summary: "show each role its organizations' records alone",
    description:
      "Shows each role that logs in the records of its organizations alone: names, identifiers, scores, links, the audit " +
      "trail and exports follow. The owner and superusers, the matcher and the auditor go on seeing all. To be run again " +
      "after mpi migrate roles has made roles anew.",
    examples: [{ command: "mpi migrate rls enable", does: "after allowing roles their organizations" }],
  })
    .option("--prefix <name>", "what the roles' names begin with", "mpi")
    .action(act<SwitchFlags>((context, flags) => change(context, "enable", flags)));
  defineCommand(rls, "disable", {
    summary: "show every role all records",
    examples: [{ command: "mpi migrate rls disable", does: "who sees which organization is kept" }],
  })
    .option("--prefix <name>", "what the roles' names begin with", "mpi")
    .action(act<SwitchFlags>((context, flags) => change(context, "disable", flags)));
  for (const verb of ["allow", "deny"] as const) {
    defineCommand(rls, `${verb} <role> <organization>`, {
      summary: verb === "allow" ? "let a role see an organization" : "let a role no longer see it",
      examples: [
        {
          command: `mpi migrate rls ${verb} nurse_joy 6f1c2a34-0d53-4a6e-9a1b-5a0f3f0f7b11`,
          does: "the role that logs in, and the organization's id",
        },
      ],
    }).action(
      act<object, [string, string]>((context, _flags, role, organizationId) =>
        tenancy(context, verb, role, organizationId),
      ),
    );
  }
}

async function status(context: CommandContext): Promise<void> {
  await show(context, await getRowSecurity(await findMigrationTarget(context)));
}

async function change(
  context: CommandContext,
  wanted: "enable" | "disable",
  { prefix }: SwitchFlags,
): Promise<void> {
  const target = await findMigrationTarget(context);
  const options = { prefix, user: context.actor().user, signal: context.signal };
  const result = await switchRowSecurity(target, wanted, options);
  if (wanted === "enable" && result.tenancies.length === 0) {
    context.warn('No role may see any organization yet: "mpi migrate rls allow" says who may.');
  }
  await show(context, result);
}

async function tenancy(
  context: CommandContext,
  verb: "allow" | "deny",
  role: string,
  organizationId: string,
): Promise<void> {
  const target = await findMigrationTarget(context);
  await show(
    context,
    await setTenancy(target, verb, { role, organizationId }, { user: context.actor().user }),
  );
}

async function show(context: CommandContext, { isEnabled, tenancies }: RowSecurityStatus): Promise<void> {
  context.info(`Row-level security is ${isEnabled ? "on" : "off"}.`);
  await context.output.list({ columns, rows: tenancies, meta: () => ({ isEnabled }) });
}
