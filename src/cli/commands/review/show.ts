import type { Command } from "commander";
import type { OverlayView } from "../../../domain/review/overlays.ts";
import type { PairView } from "../../../domain/review/pair-view.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { section } from "../../output/output.ts";
import { safeText } from "../../output/safe-text.ts";
import { compareRecords, sideColumns, type SideLine } from "../patient/side-by-side.ts";
import { readContext } from "../../read-context.ts";
import { renderHead, renderPair } from "./pair-screen.ts";

/** Registers `mpi review show`. */
export function registerShow(review: Command, act: Act): void {
  defineCommand(review, "show <entry>", {
    summary: "a pair, or an update that was kept back, with everything that helps to decide",
    examples: [
      {
        command: "mpi review show 9c01d2e7",
        does: "both records beside each other, and why they were found",
      },
      { command: "mpi review show 9c01d2e7 --output json", does: "both records whole" },
    ],
  }).action(act<object, [string]>(show));
}

async function show(context: CommandContext, _flags: object, name: string): Promise<void> {
  const { findEntry } = await import("../../../domain/review/list-queue.ts");
  const db = await context.database();
  const audit = await readContext(context, "REVIEW_SHOW");
  const entry = await findEntry(db, audit, name);
  if (entry.isQuarantine) {
    const { showOverlay } = await import("../../../domain/review/overlays.ts");
    return showKeptBack(context, await showOverlay(db, audit, entry.id));
  }
  const { showPair } = await import("../../../domain/review/show-pair.ts");
  await reportPair(context, await showPair(db, audit, entry.id));
}

/** A pair on stdout, in every format. */
export async function reportPair(context: CommandContext, view: PairView): Promise<void> {
  const width = Math.min(context.output.width, 200);
  const held =
    view.claimedBy === null ? [] : [`Held by ${view.claimedBy} until ${view.claimedUntil ?? "unknown"}.`];
  const reason = view.reason === null ? [] : [`Reason given: ${view.reason}`];
  await context.output.report({
    text: [renderHead(view), ...renderPair(view, width, true), ...[...held, ...reason].map(safeText)].join(
      "\n",
    ),
    json: view,
    csv: section<SideLine>(
      "Pair",
      sideColumns({ a: "A", b: "B" }, "comparison"),
      compareRecords(view.a, view.b, "beside"),
    ),
  });
}

/** What was kept back beside the record that it was sent for. */
async function showKeptBack(context: CommandContext, view: OverlayView): Promise<void> {
  const { toIncomingRecord } = await import("../../../domain/review/overlays.ts");
  const { record, incoming, other } = view;
  const b = incoming === null ? other! : toIncomingRecord(record, incoming);
  const lines = compareRecords(record, b, "beside");
  const width = Math.min(context.output.width, 200);
  const from = `${view.origin}, ${view.since.slice(0, 10)}`;
  const head =
    incoming === null
      ? `${view.id.slice(0, 8)}: a ${view.kind} of A and B was kept back, because it was decided that they are different (${from}). ${view.kind === "merge" ? "A would be retired." : ""}`
      : `${view.id.slice(0, 8)}: an update for ${record.id.slice(0, 8)} was kept back (${from}): ${view.fields.join(", ")} would change. A is the record, B what was sent.`;
  const pair = renderPair({ ...emptyPair, id: view.id, a: record, b }, width, true);
  await context.output.report({
    text: [safeText(head.trim()), ...pair.slice(0, -1)].join("\n"),
    json: view,
    csv: section<SideLine>("Kept back", sideColumns({ a: "A", b: "B" }, "comparison"), lines),
  });
}

const emptyPair = {
  kind: "overlay",
  state: "pending",
  score: null,
  weight: null,
  rules: [],
  findings: [],
  decidedBy: null,
  decidedAt: null,
  reason: null,
  assignedTo: null,
  claimedBy: null,
  claimedUntil: null,
  evidence: "",
} as const;
