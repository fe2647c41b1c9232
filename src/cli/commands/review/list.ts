import type { Command } from "commander";
import type { QueueRow } from "../../../domain/review/list-queue.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { readContext } from "../../read-context.ts";
import { readQueueFilter, withQueueFlags, type QueueFlags } from "./queue-flags.ts";

interface ListFlags extends QueueFlags {
  readonly decided?: true;
  readonly deferred?: true;
  readonly limit: number;
  readonly page: number;
}

/** Registers `mpi review list`. */
export function registerList(review: Command, act: Act): void {
  withQueueFlags(
    defineCommand(review, "list", {
      summary: "what waits for a decision, or what was decided",
      description:
        "Lists pairs that may be one person, conflicts, decisions whose basis changed, and updates that were kept back because " +
        "they look like another person's (overlay). With --decided: the decisions that people have made.",
      examples: [
        { command: "mpi review list", does: "the queue, the best pairs first" },
        { command: "mpi review list --kind overlay --output json", does: "updates that were kept back" },
        { command: "mpi review list --decided --limit 50", does: "the latest decisions" },
      ],
    }),
  )
    .option("--decided", "decisions that were made, the latest first")
    .option("--deferred", "only pairs that were put off")
    .option("--limit <n>", "entries on a page", integer({ min: 1, max: 1000 }), 20)
    .option("--page <n>", "which page", integer({ min: 1 }), 1)
    .action(act<ListFlags>(list));
}

const kindText = (kind: string) => kind.replace("_", " ");

const person = (name: string | null, birthDate: string | null) =>
  [name ?? "", birthDate ?? ""].filter((part) => part !== "").join(" ");

const columns: readonly Column<QueueRow>[] = [
  { key: "id", header: "Entry", value: (row) => row.id, text: (row) => row.id.slice(0, 8) },
  { key: "kind", header: "Kind", value: (row) => row.kind, text: (row) => kindText(row.kind) },
  {
    key: "score",
    header: "Score",
    value: (row) => row.score,
    text: (row) => (row.score === null ? "" : row.score.toFixed(3)),
    align: "right",
  },
  { key: "aId", header: "A", value: (row) => row.aId, text: (row) => row.aId.slice(0, 8) },
  {
    key: "aName",
    header: "A is",
    value: (row) => row.aName,
    text: (row) => person(row.aName, row.aBirthDate),
  },
  { key: "aBirthDate", header: "A born", value: (row) => row.aBirthDate, machineOnly: true },
  { key: "bId", header: "B", value: (row) => row.bId, text: (row) => row.bId?.slice(0, 8) ?? "" },
  {
    key: "bName",
    header: "B is",
    value: (row) => row.bName,
    text: (row) => person(row.bName, row.bBirthDate),
  },
  { key: "bBirthDate", header: "B born", value: (row) => row.bBirthDate, machineOnly: true },
  { key: "state", header: "State", value: (row) => row.state },
  { key: "since", header: "Since", value: (row) => row.since, text: (row) => row.since.slice(0, 10) },
  { key: "assignedTo", header: "Assigned", value: (row) => row.assignedTo },
  { key: "claimedBy", header: "Held by", value: (row) => row.claimedBy },
  { key: "claimedUntil", header: "Held until", value: (row) => row.claimedUntil, machineOnly: true },
  { key: "rules", header: "Rules", value: (row) => row.rules, machineOnly: true },
  { key: "fields", header: "Fields", value: (row) => row.fields, machineOnly: true },
];

async function list(context: CommandContext, flags: ListFlags): Promise<void> {
  if (flags.decided === true) return listDecided(context, flags);
  const { listQueue } = await import("../../../domain/review/list-queue.ts");
  const filter = await readQueueFilter(context, flags);
  const page = await listQueue(await context.database(), await readContext(context, "REVIEW_LIST"), {
    filter: flags.deferred === true ? { ...filter, deferred: "only" } : filter,
    order: flags.order,
    limit: flags.limit,
    offset: (flags.page - 1) * flags.limit,
  });
  const total = page.totalIsExact ? String(page.total) : `${String(page.total)}+`;
  await context.output.list({
    columns,
    rows: page.entries,
    meta: () => ({ total: page.total, totalIsExact: page.totalIsExact }),
    empty: "Nothing waits for a decision.",
    footer: (count) => (count === 0 ? undefined : `${String(count)} of ${total}.`),
  });
}

async function listDecided(context: CommandContext, flags: ListFlags): Promise<void> {
  const { listDecisions } = await import("../../../domain/review/list-decisions.ts");
  const rows = await listDecisions(await context.database(), await readContext(context, "REVIEW_LIST"), {
    limit: flags.limit,
    offset: (flags.page - 1) * flags.limit,
  });
  await context.output.list({
    columns: [
      { key: "id", header: "Entry", value: (row) => row.id, text: (row) => row.id.slice(0, 8) },
      { key: "said", header: "Said", value: (row) => row.said },
      {
        key: "isInForce",
        header: "In force",
        value: (row) => row.isInForce,
        text: (row) => (row.isInForce ? "yes" : "closed"),
      },
      { key: "aId", header: "A", value: (row) => row.aId, text: (row) => row.aId.slice(0, 8) },
      { key: "aName", header: "A is", value: (row) => row.aName },
      { key: "bId", header: "B", value: (row) => row.bId, text: (row) => row.bId.slice(0, 8) },
      { key: "bName", header: "B is", value: (row) => row.bName },
      { key: "decidedBy", header: "By", value: (row) => row.decidedBy },
      {
        key: "decidedAt",
        header: "When",
        value: (row) => row.decidedAt,
        text: (row) => row.decidedAt.slice(0, 16),
      },
      { key: "origin", header: "In", value: (row) => row.origin },
      { key: "reason", header: "Reason", value: (row) => row.reason },
      {
        key: "basisChanged",
        header: "Basis changed",
        value: (row) => row.basisChanged,
        text: (row) => (row.basisChanged ? "yes" : ""),
      },
    ],
    rows,
    empty: "Nobody has decided anything.",
  });
}
