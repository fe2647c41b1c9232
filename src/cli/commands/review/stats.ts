import type { Command } from "commander";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { section } from "../../output/output.ts";

interface StatsFlags {
  readonly days: number;
}

const day = 86_400_000;

/** Registers `mpi review stats`. */
export function registerStats(review: Command, act: Act): void {
  defineCommand(review, "stats", {
    summary: "how long the queue is, how old, and how the work at it goes",
    description:
      "Counts what waits by kind with the age of the oldest, what each steward decided, and three measures, each with what it " +
      "is made of: pairs decided per hour, agreement between stewards, false merges.",
    examples: [
      { command: "mpi review stats", does: "of the last 30 days" },
      { command: "mpi review stats --days 7 --output json", does: "of a week, for a program" },
    ],
  })
    .option("--days <n>", "decisions of so many days", integer({ min: 1, max: 3650 }), 30)
    .action(act<StatsFlags>(stats));
}

async function stats(context: CommandContext, flags: StatsFlags): Promise<void> {
  const { readReviewStats } = await import("../../../domain/review/review-stats.ts");
  const since = new Date(context.now().getTime() - flags.days * day).toISOString();
  const result = await readReviewStats(await context.database(), context.audit("REVIEW_STATS"), since);
  const waiting = result.open.reduce((sum, row) => sum + row.open, 0);
  await context.output.record({
    fields: [
      { key: "waiting", label: "Waiting", value: waiting },
      { key: "since", label: "Decisions since", value: result.since },
    ],
    sections: [
      section(
        "What waits",
        [
          { key: "kind", header: "Kind", value: (row) => row.kind.replace("_", " ") },
          { key: "open", header: "Waiting", value: (row) => row.open, align: "right" },
          { key: "oldestDays", header: "Oldest, days", value: (row) => row.oldestDays, align: "right" },
        ],
        result.open,
      ),
      section(
        "Who decided",
        [
          { key: "steward", header: "Steward", value: (row) => row.steward },
          { key: "same", header: "Same", value: (row) => row.same, align: "right" },
          { key: "different", header: "Different", value: (row) => row.different, align: "right" },
          { key: "later", header: "Later", value: (row) => row.later, align: "right" },
          { key: "merged", header: "Merged", value: (row) => row.merged, align: "right" },
          {
            key: "perHour",
            header: "An hour",
            value: (row) => row.perHour,
            text: (row) => row.perHour.toFixed(1),
            align: "right",
          },
        ],
        result.stewards,
      ),
      section(
        "Measures",
        [
          { key: "name", header: "Measure", value: (row) => row.name },
          {
            key: "value",
            header: "Value",
            value: (row) => row.value,
            text: (row) => (row.value === null ? "-" : row.value.toFixed(3)),
            align: "right",
          },
          { key: "numerator", header: "Of", value: (row) => row.numerator, align: "right" },
          { key: "denominator", header: "By", value: (row) => row.denominator, align: "right" },
          { key: "definition", header: "Definition", value: (row) => row.definition },
        ],
        result.measures,
      ),
    ],
    json: { waiting, ...result },
  });
}
