import type { Command } from "commander";
import { editOrganization } from "../../../domain/organization/change-organization.ts";
import { defineCommand, integer, repeatable, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { printOrganization, readOrgFlags, withOrgFlags, type OrgFlags } from "./org-flags.ts";

interface EditFlags extends OrgFlags {
  readonly name?: string;
  readonly remove: readonly string[];
  readonly ifVersion?: number;
}

/** Registers `mpi org edit`. */
export function registerEdit(org: Command, act: Act): void {
  withOrgFlags(
    defineCommand(org, "edit <org>", {
      summary: "change an organization",
      description:
        "Changes an organization. Aliases and types take the place of those there are; identifiers, addresses and contacts " +
        "are added, and taken away with --remove.",
      examples: [
        {
          command: "mpi org edit 3f2a9c01 --name 'Central Hospital' --alias 'General Hospital'",
          does: "a new name",
        },
        { command: "mpi org edit 77b0e1d2 --part-of ''", does: "part of none" },
      ],
    }),
  )
    .option("--name <text>", "the name")
    .option(
      "--remove <row>",
      "take away an identifier, address or contact by its row id; may be repeated",
      repeatable,
      [],
    )
    .option("--if-version <n>", "only if it still has this version", integer({ min: 1 }))
    .action(act<EditFlags, [string]>(edit));
}

async function edit(context: CommandContext, flags: EditFlags, org: string): Promise<void> {
  const dryRun = flags.dryRun === true;
  const input = {
    ...readOrgFlags(flags),
    ...(flags.name === undefined ? {} : { name: flags.name }),
    remove: flags.remove,
    version: flags.ifVersion ?? null,
  };
  const audit = context.audit("ORGANIZATION_EDIT", flags.reason);
  await printOrganization(
    context,
    await editOrganization(await context.database(), audit, org, input, { dryRun }),
    { dryRun },
  );
}
