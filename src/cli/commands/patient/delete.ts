import type { Command } from "commander";
import { deletePatient } from "../../../domain/patient/delete-patient.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { requireReason, requireYes } from "../../prompt.ts";
import { printStanding } from "./record-standing.ts";
import { readReference, withReference, type ReferenceFlags } from "./record-argument.ts";

interface DeleteFlags extends ReferenceFlags {
  readonly reason?: string;
  readonly yes?: true;
  readonly dryRun?: true;
}

/** Registers `mpi patient delete`. */
export function registerDelete(patient: Command, act: Act): void {
  withReference(
    defineCommand(patient, "delete [record]", {
      summary: "delete a record, so that it can be restored",
      description:
        "Marks a record as deleted: it is found and matched no more, and its identifiers are free for others. Nothing is " +
        'lost; "mpi patient restore" brings it back. For two records of one person use link or merge instead.',
      examples: [
        { command: "mpi patient delete 3f2a9c01 --reason 'test record' --yes", does: "without asking" },
      ],
    }),
  )
    .option("--reason <text>", "why")
    .option("--yes", "do not ask")
    .option("--dry-run", "show what would change, and change nothing")
    .action(act<DeleteFlags, [string | undefined]>(remove));
}

async function remove(
  context: CommandContext,
  flags: DeleteFlags,
  record: string | undefined,
): Promise<void> {
  const reference = readReference(record, flags);
  const reason = await requireReason(context.prompt, flags.reason);
  const dryRun = flags.dryRun === true;
  const db = await context.database();
  const audit = context.audit("PATIENT_DELETE", reason);
  if (!dryRun) {
    // What is asked about is what would be deleted, or why it cannot be.
    const { id } = await deletePatient(db, audit, reference, { dryRun: true });
    await requireYes(context.prompt, flags.yes, `Delete record ${id}?`);
  }
  await printStanding(context, await deletePatient(db, audit, reference, { dryRun }), dryRun);
}
