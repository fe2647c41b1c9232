import type { Command } from "commander";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { readQueueFilter, withQueueFlags, type QueueFlags } from "./queue-flags.ts";

interface AssignFlags extends QueueFlags {
  readonly to?: string;
  readonly nobody?: true;
  readonly next?: number;
  readonly dryRun?: true;
}

/** Registers `mpi review assign`. */
export function registerAssign(review: Command, act: Act): void {
  withQueueFlags(
    defineCommand(review, "assign [entries...]", {
      summary: "give pairs to a steward; they are offered to nobody else",
      examples: [
        { command: "mpi review assign 9c01d2e7 5a77c0de --to nora", does: "these two" },
        {
          command: "mpi review assign --next 50 --source lab --to nora",
          does: "the best fifty with a record of one source",
        },
        { command: "mpi review assign 9c01d2e7 --nobody", does: "back to everybody" },
      ],
    }),
  )
    .option("--to <user>", "the steward, as MPI_USER or --user says")
    .option("--nobody", "take the assignment away")
    .option("--next <n>", "so many from the head of the queue", integer({ min: 1, max: 10_000 }))
    .option("--dry-run", "show what would change, and change nothing")
    .action(act<AssignFlags, [readonly string[]]>(assign));
}

async function assign(context: CommandContext, flags: AssignFlags, names: readonly string[]): Promise<void> {
  if ((flags.to === undefined) === (flags.nobody === undefined) || flags.to?.trim() === "") {
    throw new MpiError("usage", "Say --to whom, or --nobody.");
  }
  if ((flags.to?.length ?? 0) > 255) throw new MpiError("usage", "A user's name has at most 255 characters.");
  if ((names.length === 0) === (flags.next === undefined)) {
    throw new MpiError("usage", "Name the pairs, or say with --next how many from the head of the queue.");
  }
  const { runAssign } = await import("../../../domain/review/assign-pairs.ts");
  const { findEntry } = await import("../../../domain/review/list-queue.ts");
  const db = await context.database();
  const audit = context.audit("REVIEW_ASSIGN");
  const ids: string[] = [];
  for (const name of names) {
    const entry = await findEntry(db, audit, name);
    if (entry.isQuarantine) throw new MpiError("usage", "Kept-back updates are not assigned.");
    ids.push(entry.id);
  }
  const choice =
    flags.next === undefined
      ? { ids }
      : { next: flags.next, filter: await readQueueFilter(context, flags), order: flags.order };
  const user = flags.to?.trim() ?? null;
  const dryRun = flags.dryRun === true;
  const assigned = await runAssign(db, audit, choice, user, { dryRun });
  await context.output.report({
    text: `${String(assigned.length)} ${dryRun ? "would be " : ""}assigned to ${user ?? "nobody"}.`,
    json: { dryRun, assignedTo: user, assigned },
  });
}
