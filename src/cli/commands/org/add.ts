import type { Command } from "commander";
import { addOrganization } from "../../../domain/organization/change-organization.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { printOrganization, readOrgFlags, withOrgFlags, type OrgFlags } from "./org-flags.ts";

interface AddFlags extends OrgFlags {
  readonly source?: string;
  readonly sourceId?: string;
}

/** Registers `mpi org add`. */
export function registerAdd(org: Command, act: Act): void {
  withOrgFlags(
    defineCommand(org, "add <name>", {
      summary: "add an organization",
      examples: [
        {
          command: 'mpi org add "General Hospital" --type prov --identifier-system urn:oid:1.2.3=GH',
          does: "a hospital",
        },
        {
          command: "mpi org add Cardiology --part-of 3f2a9c01 --phone 217-555-0100",
          does: "a department of it",
        },
      ],
    }),
  )
    .option("--source <name>", "the system that it comes from; with --source-id")
    .option("--source-id <id>", "its id there")
    .action(act<AddFlags, [string]>(add));
}

async function add(context: CommandContext, flags: AddFlags, name: string): Promise<void> {
  const { source: system, sourceId: id } = flags;
  if ((system === undefined) !== (id === undefined)) {
    throw new MpiError("usage", "--source and --source-id go together.");
  }
  const dryRun = flags.dryRun === true;
  const source = system === undefined || id === undefined ? {} : { source: { system, id } };
  const audit = context.audit("ORGANIZATION_ADD", flags.reason);
  const input = { ...readOrgFlags(flags), ...source, name };
  await printOrganization(
    context,
    await addOrganization(await context.database(), audit, input, { dryRun }),
    { dryRun },
  );
}
