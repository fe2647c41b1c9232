import type { Command } from "commander";
import { editDomain } from "../../../domain/identifier/add-domain.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { domainFields, readDomainFlags, withDomainFlags, type DomainFlags } from "./domain-flags.ts";

/** Registers `mpi domain edit`. */
export function registerEdit(domain: Command, act: Act): void {
  withDomainFlags(
    defineCommand(domain, "edit <code>", {
      summary: "change what is said of a domain",
      examples: [
        { command: "mpi domain edit MRN --unique --dry-run", does: "would any records share a number?" },
        { command: "mpi domain edit MRN --no-authoritative", does: "its numbers are evidence only" },
      ],
    }),
  ).action(act<DomainFlags, [string]>(edit));
}

async function edit(context: CommandContext, flags: DomainFlags, code: string): Promise<void> {
  const dryRun = flags.dryRun === true;
  const changes = readDomainFlags(flags);
  const audit = context.audit("DOMAIN_EDIT");
  const { before, after } = await editDomain(await context.database(), audit, code, changes, { dryRun });
  if (dryRun) context.info("Dry run: nothing was changed.");
  const was = new Map(domainFields(before).map((field) => [field.key, field.value]));
  for (const field of domainFields(after)) {
    if (field.key !== "version" && was.get(field.key) !== field.value) {
      context.info(`${field.label}: ${String(was.get(field.key) ?? "")} -> ${String(field.value ?? "")}`);
    }
  }
  await context.output.record({ fields: domainFields(after) });
}
