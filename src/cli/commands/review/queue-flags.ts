import { Option, type Command } from "commander";
import type { QueueFilter, QueueKind, QueueOrder } from "../../../domain/review/list-queue.ts";
import { decimal } from "../../command.ts";
import type { CommandContext } from "../../context.ts";

/** Flags that choose among what waits. */
export interface QueueFlags {
  readonly kind?: readonly string[];
  readonly minScore?: number;
  readonly maxScore?: number;
  readonly source?: string;
  readonly org?: string;
  readonly assignedTo?: string;
  readonly order: QueueOrder;
}

export const withQueueFlags = (command: Command): Command =>
  command
    .addOption(
      new Option("--kind <kinds...>", "only these kinds").choices([
        "duplicate",
        "conflict",
        "basis-changed",
        "overlay",
      ]),
    )
    .option("--min-score <score>", "only pairs with this score or more, 0 to 1", decimal({ min: 0, max: 1 }))
    .option("--max-score <score>", "only pairs with this score or less, 0 to 1", decimal({ min: 0, max: 1 }))
    .option("--source <name>", "only with a record of this source system")
    .option("--org <organization>", "only with a record of this organization")
    .option("--assigned-to <user>", "only what is assigned to this user")
    .addOption(
      new Option("--order <order>", "best first or oldest first").choices(["best", "oldest"]).default("best"),
    );

export async function readQueueFilter(context: CommandContext, flags: QueueFlags): Promise<QueueFilter> {
  const organizationId =
    flags.org === undefined
      ? undefined
      : await (
          await import("../../../domain/organization/resolve-organization.ts")
        ).resolveOrganization(await context.database(), flags.org);
  const source =
    flags.source === undefined
      ? undefined
      : await (
          await import("../../../domain/review/queue-source.ts")
        ).findQueueSource(await context.database(), flags.source);
  return {
    kinds: flags.kind?.map((kind) => kind.replace("-", "_") as QueueKind),
    minScore: flags.minScore,
    maxScore: flags.maxScore,
    source,
    organizationId,
    assignedTo: flags.assignedTo,
  };
}
