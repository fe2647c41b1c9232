import type { Command } from "commander";
import { retireIdentifier } from "../../../domain/identifier/change-identifiers.ts";
import { parseRecordReference } from "../../../domain/patient/resolve-record.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { requireReason } from "../../prompt.ts";
import { printIdentifiers, readIdentifierReference } from "./identifier-text.ts";

interface RetireFlags {
  readonly system?: string;
  readonly reason?: string;
  readonly dryRun?: true;
}

/** Registers `mpi identifier retire`. */
export function registerRetire(identifier: Command, act: Act): void {
  defineCommand(identifier, "retire <record> <identifier>", {
    summary: "mark an identifier as no longer in use",
    description:
      "Keeps the identifier on the record as an old one. In a unique domain its value is then free for another record.",
    examples: [
      {
        command: "mpi identifier retire 3f2a9c01 MRN=A77 --reason reissued",
        does: "named by its code and value",
      },
      { command: "mpi identifier retire MRN:123 A77 --reason reissued", does: "by the value alone" },
    ],
  })
    .option("--system <uri>", "the system; the second argument is then the value alone")
    .option("--reason <text>", "why")
    .option("--dry-run", "show what would change, and change nothing")
    .action(act<RetireFlags, [string, string]>(retire));
}

async function retire(
  context: CommandContext,
  flags: RetireFlags,
  record: string,
  text: string,
): Promise<void> {
  const reference = parseRecordReference(record);
  const identifier = readIdentifierReference(text, flags.system);
  const reason = await requireReason(context.prompt, flags.reason);
  const dryRun = flags.dryRun === true;
  const audit = context.audit("IDENTIFIER_RETIRE", reason);
  const after = await retireIdentifier(await context.database(), audit, reference, identifier, { dryRun });
  if (dryRun) context.info("Dry run: nothing was changed.");
  await printIdentifiers(context, after.identifiers);
}
