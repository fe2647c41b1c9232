import type { Command } from "commander";
import { listIdentifiers } from "../../../domain/identifier/list-identifiers.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { readReference, withReference, type ReferenceFlags } from "../patient/record-argument.ts";
import { readContext } from "../../read-context.ts";
import { printIdentifiers } from "./identifier-text.ts";

/** Registers `mpi identifier list`. */
export function registerList(identifier: Command, act: Act): void {
  withReference(
    defineCommand(identifier, "list [record]", {
      summary: "the identifiers of one record",
      examples: [
        { command: "mpi identifier list 3f2a9c01", does: "in full, former ones too; this is audited" },
      ],
    }),
  ).action(act<ReferenceFlags, [string | undefined]>(list));
}

async function list(
  context: CommandContext,
  flags: ReferenceFlags,
  record: string | undefined,
): Promise<void> {
  const reference = readReference(record, flags);
  const audit = await readContext(context, "IDENTIFIER_LIST");
  await printIdentifiers(context, await listIdentifiers(await context.database(), audit, reference));
}
