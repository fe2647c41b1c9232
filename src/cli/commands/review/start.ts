import type { Command } from "commander";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { ReviewSummary } from "./interactive.ts";
import { readQueueFilter, withQueueFlags, type QueueFlags } from "./queue-flags.ts";

interface StartFlags extends QueueFlags {
  readonly claimMinutes: number;
}

/** Registers `mpi review start`, which is `mpi review`. */
export function registerStart(review: Command, act: Act): void {
  withQueueFlags(
    defineCommand(
      review,
      "start",
      {
        summary: "decide on a terminal, pair by pair, one key each",
        description:
          "Shows the queue pair by pair, both records beside each other with what differs in brackets, and takes one key for " +
          "each decision: s same, d different, l later, m merge now, k skip, u undo, i details, q quit. A pair on your " +
          "screen is offered to nobody else until you decide, skip it or leave, or the time is up.",
        examples: [
          { command: "mpi review", does: "the best pairs first" },
          { command: "mpi review --kind conflict --order oldest", does: "conflicts only, the oldest first" },
          {
            command: "mpi review --source lab --min-score 0.8",
            does: "likely pairs with a record of one source",
          },
        ],
      },
      { isDefault: true },
    ),
  )
    .option("--claim-minutes <n>", "how long a pair is held for you", integer({ min: 1, max: 1440 }), 15)
    .action(act<StartFlags>(start));
}

async function start(context: CommandContext, flags: StartFlags): Promise<void> {
  if (!context.prompt.isAvailable) {
    throw new MpiError("usage", "Reviewing pair by pair needs a terminal.", {
      hint: "mpi review list, show and decide work without one; so do export and import.",
    });
  }
  const { ReviewSession } = await import("../../../domain/review/review-session.ts");
  const { InteractiveReview } = await import("./interactive.ts");
  const { KeyReader } = await import("./keys.ts");
  const session = new ReviewSession(await context.database(), {
    filter: await readQueueFilter(context, flags),
    order: flags.order,
    claimSeconds: flags.claimMinutes * 60,
    audit: (operation, reason) => context.audit(operation, reason),
    now: () => context.now(),
  });
  const keys = new KeyReader(context.streams.stdin, context.signal);
  try {
    const summary = await new InteractiveReview(session, keys, context.streams.stderr).run();
    await context.output.report({ text: describe(summary), json: summary });
  } finally {
    keys.close();
    await session.close();
  }
}

function describe({ decided, perHour, left, leftIsExact }: ReviewSummary): string {
  const rate = perHour === null ? "" : `, ${String(perHour)} an hour`;
  return `${String(decided)} decided${rate}; ${leftIsExact ? "" : "more than "}${String(left)} left.`;
}
