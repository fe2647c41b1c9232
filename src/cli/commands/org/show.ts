import type { Command } from "commander";
import { showOrganization } from "../../../domain/organization/change-organization.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { readContext } from "../../read-context.ts";
import { printOrganization } from "./org-flags.ts";

/** Registers `mpi org show`. */
export function registerShow(org: Command, act: Act): void {
  defineCommand(org, "show <org>", {
    summary: "one organization whole",
    examples: [{ command: "mpi org show NPI:1234567893", does: "by one of its identifiers" }],
  }).action(act<object, [string]>(show));
}

async function show(context: CommandContext, _flags: object, org: string): Promise<void> {
  const audit = await readContext(context, "ORGANIZATION_SHOW");
  await printOrganization(context, await showOrganization(await context.database(), audit, org), {
    dryRun: false,
  });
}
