import type { Command } from "commander";
import { moveIdentifier } from "../../../domain/identifier/change-identifiers.ts";
import { parseRecordReference } from "../../../domain/patient/resolve-record.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { requireReason } from "../../prompt.ts";
import { printIdentifiers, readIdentifierReference } from "./identifier-text.ts";

interface MoveFlags {
  readonly system?: string;
  readonly reason?: string;
  readonly dryRun?: true;
}

/** Registers `mpi identifier move`. */
export function registerMove(identifier: Command, act: Act): void {
  defineCommand(identifier, "move <record> <to> <identifier>", {
    summary: "move an identifier from the wrong record to the right one",
    examples: [
      {
        command: "mpi identifier move 3f2a9c01 77b0e1d2 MRN=A77 --reason 'card of the sister'",
        does: "both records' histories show it",
      },
    ],
  })
    .option("--system <uri>", "the system; the last argument is then the value alone")
    .option("--reason <text>", "why")
    .option("--dry-run", "show what would change, and change nothing")
    .action(act<MoveFlags, [string, string, string]>(move));
}

async function move(
  context: CommandContext,
  flags: MoveFlags,
  record: string,
  to: string,
  text: string,
): Promise<void> {
  const request = {
    from: parseRecordReference(record),
    to: parseRecordReference(to),
    identifier: readIdentifierReference(text, flags.system),
  };
  const reason = await requireReason(context.prompt, flags.reason);
  const dryRun = flags.dryRun === true;
  const audit = context.audit("IDENTIFIER_MOVE", reason);
  const moved = await moveIdentifier(await context.database(), audit, request, { dryRun });
  if (dryRun) context.info("Dry run: nothing was changed.");
  await printIdentifiers(
    context,
    [moved.from, moved.to].flatMap((each) => each.identifiers.map((row) => ({ ...row, patientId: each.id }))),
  );
}
