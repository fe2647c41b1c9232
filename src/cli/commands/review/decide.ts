import { Argument, type Command } from "commander";
import { overlayVerdicts, type OverlayVerdict } from "../../../domain/review/overlays.ts";
import { verdicts, type Verdict } from "../../../domain/review/decide-pair.ts";
import type { EntryName } from "../../../domain/review/list-queue.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { requireReason } from "../../prompt.ts";
import { linkReport } from "../patient/link-view.ts";

interface DecideFlags {
  readonly reason?: string;
  readonly override?: true;
  readonly takeOver?: true;
  readonly dryRun?: true;
}

/** Registers `mpi review decide` and `mpi review clear`. */
export function registerDecide(review: Command, act: Act): void {
  defineCommand(review, "decide <entry>", {
    summary: "say of a pair that it is the same person, or different ones, or decide later",
    description:
      "same links the two records (nothing of either changes); different takes the links between them away and is remembered " +
      "for good; later puts the pair off. For an update that was kept back: apply updates the record after all, reject " +
      "throws the update away, split makes a record of its own of it. A merge or link that a source sent against a " +
      "decision is kept back, too: apply makes it and closes the decision, reject leaves the decision in force.",
    examples: [
      { command: "mpi review decide 9c01d2e7 same", does: "one person" },
      {
        command: "mpi review decide 9c01d2e7 different --reason 'father and son'",
        does: "two persons, for good",
      },
      {
        command: "mpi review decide 5a77c0de split --reason 'card of another patient'",
        does: "an update that was another person's",
      },
    ],
  })
    .addArgument(
      new Argument(
        "<decision>",
        "same, different or later; for kept-back updates apply, reject or split",
      ).choices([...verdicts, ...overlayVerdicts]),
    )
    .option("--reason <text>", "why; needed against another decision, and for kept-back updates")
    .option("--override", "decide same although it was decided that they are different")
    .option("--take-over", "decide although somebody else holds the pair")
    .option("--dry-run", "show what would change, and change nothing")
    .action(act<DecideFlags, [string, Verdict | OverlayVerdict]>(decide));

  defineCommand(review, "clear <entry>", {
    summary: "take a decision back: the pair is scored anew and waits again",
    description:
      "Takes a decision about a pair back, and the link that it made. The pair is scored anew and returns to the queue if it " +
      "still belongs there.",
    examples: [
      {
        command: "mpi review clear 9c01d2e7 --reason 'decided on the wrong pair'",
        does: "as if nobody had decided",
      },
    ],
  })
    .option("--reason <text>", "why; needed")
    .option("--take-over", "although somebody else holds the pair")
    .option("--dry-run", "show what would change, and change nothing")
    .action(act<DecideFlags, [string]>(clear));
}

async function decide(
  context: CommandContext,
  flags: DecideFlags,
  name: string,
  verdict: Verdict | OverlayVerdict,
): Promise<void> {
  const { findEntry } = await import("../../../domain/review/list-queue.ts");
  const entry = await findEntry(await context.database(), context.audit("REVIEW"), name);
  const isForOverlays = overlayVerdicts.includes(verdict as OverlayVerdict);
  if (entry.isQuarantine !== isForOverlays) {
    throw new MpiError(
      "usage",
      entry.isQuarantine
        ? `A kept-back update is settled by ${overlayVerdicts.join(", ")}.`
        : `A pair is decided by ${verdicts.join(", ")}.`,
    );
  }
  if (entry.isQuarantine) return settle(context, flags, entry, verdict as OverlayVerdict);
  const reason =
    flags.override === true ? await requireReason(context.prompt, flags.reason) : (flags.reason ?? null);
  await carryOut(context, flags, entry, verdict as Verdict, reason);
}

async function clear(context: CommandContext, flags: DecideFlags, name: string): Promise<void> {
  const { findEntry } = await import("../../../domain/review/list-queue.ts");
  const entry = await findEntry(await context.database(), context.audit("REVIEW"), name);
  const reason =
    flags.dryRun === true ? (flags.reason ?? null) : await requireReason(context.prompt, flags.reason);
  await carryOut(context, flags, entry, "clear", reason);
}

async function carryOut(
  context: CommandContext,
  flags: DecideFlags,
  entry: EntryName,
  verdict: Verdict | "clear",
  reason: string | null,
): Promise<void> {
  const { runDecision } = await import("../../../domain/review/decide-pair.ts");
  const dryRun = flags.dryRun === true;
  const result = await runDecision(
    await context.database(),
    context.audit("REVIEW", reason ?? undefined),
    {
      pairId: entry.id,
      verdict,
      reason,
      override: flags.override === true,
      takeOver: flags.takeOver === true,
    },
    context.now(),
    { dryRun },
  );
  const { patientId, candidateId, state } = result.pair;
  const said = verdict === "clear" ? "cleared" : verdict;
  await context.output.report(
    linkReport(
      `${dryRun ? "Would be decided" : "Decided"}: ${said} (${patientId}, ${candidateId}).`,
      result,
      {
        dryRun,
        id: entry.id,
        decision: said,
        state,
        records: [patientId, candidateId],
      },
    ),
  );
}

async function settle(
  context: CommandContext,
  flags: DecideFlags,
  entry: EntryName,
  verdict: OverlayVerdict,
): Promise<void> {
  const { settleOverlay } = await import("../../../domain/review/overlays.ts");
  const reason = await requireReason(context.prompt, flags.reason);
  const dryRun = flags.dryRun === true;
  const result = await settleOverlay(
    await context.database(),
    context.audit("REVIEW", reason),
    entry.id,
    { verdict, reason },
    { dryRun },
  );
  const would = dryRun ? "Would be " : "";
  const texts: Readonly<Record<OverlayVerdict, string>> = {
    apply: `${would}applied to ${result.record}.`,
    reject: `${would}rejected; ${result.record} stays as it is.`,
    split: `${would}split: ${dryRun ? "a new record" : (result.newRecord ?? "")} holds it, remembered as different from ${result.record}.`,
  };
  const text = texts[verdict];
  await context.output.report({
    text: text.charAt(0).toUpperCase() + text.slice(1),
    json: { dryRun, ...result, newRecord: dryRun ? null : result.newRecord },
  });
}
