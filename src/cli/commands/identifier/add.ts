import { Option, type Command } from "commander";
import { addIdentifier } from "../../../domain/identifier/change-identifiers.ts";
import { parseCodeAndValue } from "../../../domain/identifier/named-identifier.ts";
import { identifierUses, type IdentifierUse } from "../../../domain/patient/patient-record.ts";
import { parseRecordReference } from "../../../domain/patient/resolve-record.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { printIdentifiers } from "./identifier-text.ts";

interface AddFlags {
  readonly system?: string;
  readonly use?: IdentifierUse;
  readonly assigner?: string;
  readonly reason?: string;
  readonly dryRun?: true;
}

/** Registers `mpi identifier add`. */
export function registerAdd(identifier: Command, act: Act): void {
  defineCommand(identifier, "add <record> <code=value>", {
    summary: "give a record another identifier",
    examples: [
      { command: "mpi identifier add 3f2a9c01 MRN=A77", does: "of a domain, by its code" },
      { command: "mpi identifier add MRN:12345 X-9 --system urn:oid:1.2.3", does: "of any system" },
    ],
  })
    .option("--system <uri>", "the system; the second argument is then the value alone")
    .addOption(new Option("--use <use>", "what it is for").choices(identifierUses))
    .option("--assigner <name>", "who issued it")
    .option("--reason <text>", "why, for the audit trail")
    .option("--dry-run", "show what would change, and change nothing")
    .action(act<AddFlags, [string, string]>(add));
}

async function add(context: CommandContext, flags: AddFlags, record: string, text: string): Promise<void> {
  const identifier =
    flags.system === undefined ? parseCodeAndValue(text) : { system: flags.system, value: text.trim() };
  const dryRun = flags.dryRun === true;
  const after = await addIdentifier(
    await context.database(),
    context.audit("IDENTIFIER_ADD", flags.reason),
    parseRecordReference(record),
    { identifier, use: flags.use ?? null, assigner: flags.assigner ?? null },
    { dryRun },
  );
  if (dryRun) context.info("Dry run: nothing was changed.");
  await printIdentifiers(context, after.identifiers);
}
