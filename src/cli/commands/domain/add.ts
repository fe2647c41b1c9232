import { Option, type Command } from "commander";
import { addDomain } from "../../../domain/identifier/add-domain.ts";
import { domainPresets, type DomainInput } from "../../../domain/identifier/domain-presets.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { domainFields, readDomainFlags, withDomainFlags, type DomainFlags } from "./domain-flags.ts";

interface AddFlags extends DomainFlags {
  readonly preset?: string;
}

/** Registers `mpi domain add`. */
export function registerAdd(domain: Command, act: Act): void {
  withDomainFlags(
    defineCommand(domain, "add [code]", {
      summary: "make an identifier domain known",
      description:
        "Makes the system known that issues an identifier: how it is called for short, whether records may share a value, " +
        "how values are checked. A system without a domain is plain evidence.",
      examples: [
        { command: "mpi domain add --preset ssn", does: "a domain that is the same everywhere" },
        {
          command:
            'mpi domain add MRN --system urn:oid:1.2.3.4 --name "General Hospital number" --unique --single-valued',
          does: "a hospital's own numbers",
        },
      ],
    }),
  )
    .addOption(
      new Option("--preset <name>", "a domain that mpi knows; flags change it").choices(
        Object.keys(domainPresets),
      ),
    )
    .action(act<AddFlags, [string | undefined]>(add));
}

async function add(context: CommandContext, flags: AddFlags, code: string | undefined): Promise<void> {
  const preset = flags.preset === undefined ? undefined : domainPresets[flags.preset];
  const said = readDomainFlags(flags);
  const system = said.system ?? preset?.system;
  const wanted = code ?? preset?.code;
  if (wanted === undefined || system === undefined) {
    throw new MpiError("usage", "A domain needs a code and --system, or --preset.");
  }
  const input: DomainInput = {
    name: wanted,
    assigningAuthority: null,
    isUnique: false,
    isAuthoritative: false,
    isSingleValued: false,
    checkDigit: "none",
    pattern: null,
    organizationId: null,
    ...preset,
    ...said,
    code: wanted,
    system,
  };
  const dryRun = flags.dryRun === true;
  const added = await addDomain(await context.database(), context.audit("DOMAIN_ADD"), input, { dryRun });
  if (dryRun) context.info("Dry run: nothing was changed.");
  await context.output.record({ fields: domainFields(added) });
}
