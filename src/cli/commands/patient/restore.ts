import type { Command } from "commander";
import { restorePatient } from "../../../domain/patient/delete-patient.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { requireReason } from "../../prompt.ts";
import { printStanding } from "./record-standing.ts";
import { readReference, withReference, type ReferenceFlags } from "./record-argument.ts";

interface RestoreFlags extends ReferenceFlags {
  readonly reason?: string;
  readonly dryRun?: true;
}

/** Registers `mpi patient restore`. */
export function registerRestore(patient: Command, act: Act): void {
  withReference(
    defineCommand(patient, "restore [record]", {
      summary: "bring a deleted record back",
      examples: [
        { command: "mpi patient restore 3f2a9c01 --reason 'deleted by mistake'", does: "as it was" },
      ],
    }),
  )
    .option("--reason <text>", "why")
    .option("--dry-run", "show what would change, and change nothing")
    .action(act<RestoreFlags, [string | undefined]>(restore));
}

async function restore(
  context: CommandContext,
  flags: RestoreFlags,
  record: string | undefined,
): Promise<void> {
  const reference = readReference(record, flags);
  const reason = await requireReason(context.prompt, flags.reason);
  const dryRun = flags.dryRun === true;
  const audit = context.audit("PATIENT_RESTORE", reason);
  await printStanding(
    context,
    await restorePatient(await context.database(), audit, reference, { dryRun }),
    dryRun,
  );
}
