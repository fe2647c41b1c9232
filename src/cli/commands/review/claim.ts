import type { Command } from "commander";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { readQueueFilter, withQueueFlags, type QueueFlags } from "./queue-flags.ts";
import { reportPair } from "./show.ts";

interface ClaimFlags extends QueueFlags {
  readonly minutes: number;
}

/** Registers `mpi review claim` and `mpi review release`. */
export function registerClaim(review: Command, act: Act): void {
  withQueueFlags(
    defineCommand(review, "claim [entry]", {
      summary: "hold a pair for yourself for a while, and show it",
      description:
        "Holds a pair, or the next free one, so that it is offered to nobody else until you decide, release it, or the time " +
        "is up. For programs; on a terminal mpi review does it by itself.",
      examples: [
        { command: "mpi review claim --output json", does: "the next pair, with both records" },
        { command: "mpi review claim 9c01d2e7 --minutes 60", does: "this pair, for an hour" },
      ],
    }),
  )
    .option("--minutes <n>", "how long", integer({ min: 1, max: 1440 }), 15)
    .action(act<ClaimFlags, [string | undefined]>(claim));

  defineCommand(review, "release [entries...]", {
    summary: "let go of pairs that you hold, or of all of them",
    examples: [{ command: "mpi review release", does: "all pairs that you hold" }],
  }).action(act<object, [readonly string[]]>(release));
}

async function claim(context: CommandContext, flags: ClaimFlags, name: string | undefined): Promise<void> {
  const { runClaim } = await import("../../../domain/review/assign-pairs.ts");
  const { findEntry } = await import("../../../domain/review/list-queue.ts");
  const { showPair } = await import("../../../domain/review/show-pair.ts");
  const db = await context.database();
  const audit = context.audit("REVIEW_CLAIM");
  const which =
    name === undefined
      ? { filter: await readQueueFilter(context, flags), order: flags.order }
      : { id: (await findEntry(db, audit, name)).id };
  const id = await runClaim(db, audit, which, flags.minutes * 60);
  if (id === undefined) {
    throw new MpiError("not-found", "Nothing waits that is free.", {
      hint: "mpi review list shows who holds what.",
    });
  }
  await reportPair(context, await showPair(db, audit, id));
}

async function release(context: CommandContext, _flags: object, names: readonly string[]): Promise<void> {
  const { runRelease } = await import("../../../domain/review/assign-pairs.ts");
  const { findEntry } = await import("../../../domain/review/list-queue.ts");
  const db = await context.database();
  const audit = context.audit("REVIEW_CLAIM");
  const ids: string[] = [];
  for (const name of names) ids.push((await findEntry(db, audit, name)).id);
  const released = await runRelease(db, audit, names.length === 0 ? null : ids);
  await context.output.report({
    text: `${String(released)} released.`,
    json: { released },
  });
}
