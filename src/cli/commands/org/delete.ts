import type { Command } from "commander";
import { deleteOrganization, restoreOrganization } from "../../../domain/organization/change-organization.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { requireReason, requireYes } from "../../prompt.ts";
import { printOrganization } from "./org-flags.ts";

interface DeleteFlags {
  readonly reason?: string;
  readonly yes?: true;
  readonly dryRun?: true;
}

/** Registers `mpi org delete`. */
export function registerDelete(org: Command, act: Act): void {
  defineCommand(org, "delete <org>", {
    summary: "delete an organization, so that it can be restored",
    examples: [{ command: "mpi org delete 3f2a9c01 --reason closed --yes", does: "without asking" }],
  })
    .option("--reason <text>", "why")
    .option("--yes", "do not ask")
    .option("--dry-run", "show what would change, and change nothing")
    .action(act<DeleteFlags, [string]>(remove));
}

/** Registers `mpi org restore`. */
export function registerRestore(org: Command, act: Act): void {
  defineCommand(org, "restore <org>", {
    summary: "bring a deleted organization back",
    examples: [{ command: "mpi org restore 3f2a9c01 --reason reopened", does: "as it was" }],
  })
    .option("--reason <text>", "why")
    .option("--dry-run", "show what would change, and change nothing")
    .action(act<DeleteFlags, [string]>(restore));
}

async function remove(context: CommandContext, flags: DeleteFlags, org: string): Promise<void> {
  const reason = await requireReason(context.prompt, flags.reason);
  const dryRun = flags.dryRun === true;
  const db = await context.database();
  const audit = context.audit("ORGANIZATION_DELETE", reason);
  if (!dryRun) {
    const { organization } = await deleteOrganization(db, audit, org, { dryRun: true });
    await requireYes(context.prompt, flags.yes, `Delete organization ${organization.id}?`);
  }
  await printOrganization(context, await deleteOrganization(db, audit, org, { dryRun }), { dryRun });
}

async function restore(context: CommandContext, flags: DeleteFlags, org: string): Promise<void> {
  const reason = await requireReason(context.prompt, flags.reason);
  const dryRun = flags.dryRun === true;
  const audit = context.audit("ORGANIZATION_RESTORE", reason);
  await printOrganization(
    context,
    await restoreOrganization(await context.database(), audit, org, { dryRun }),
    { dryRun },
  );
}
