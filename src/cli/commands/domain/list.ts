import type { Command } from "commander";
import { listDomainsInUse } from "../../../domain/identifier/list-domains.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { domainColumns } from "./domain-flags.ts";

/** Registers `mpi domain list`. */
export function registerList(domain: Command, act: Act): void {
  defineCommand(domain, "list", {
    summary: "the identifier domains, and systems that have none",
    examples: [
      { command: "mpi domain list", does: "codes to name records by" },
      { command: "mpi domain list --count", does: "how many identifiers each has" },
    ],
  })
    .option("--count", "count each system's identifiers, and list systems without a domain; reads them all")
    .action(act<{ readonly count?: true }>(list));
}

async function list(context: CommandContext, flags: { readonly count?: true }): Promise<void> {
  const rows = await listDomainsInUse(await context.database(), { count: flags.count === true });
  await context.output.list({
    columns: [
      ...domainColumns,
      ...(flags.count === true
        ? [
            {
              key: "identifiers",
              header: "Identifiers",
              value: (each: (typeof rows)[number]) => each.identifiers,
              align: "right",
            } as const,
          ]
        : []),
    ],
    rows,
    empty: "There is no identifier domain yet; mpi domain add makes one.",
  });
}
