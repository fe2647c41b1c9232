import type { Command } from "commander";
import type { UnlinkRequest, UnlinkResult } from "../../../domain/link/unlink-patient.ts";
import { parseRecordReference } from "../../../domain/patient/resolve-record.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { requireReason, requireYes } from "../../prompt.ts";
import { linkReport } from "./link-view.ts";
import { showBoth } from "./link.ts";
import { short } from "./merge-view.ts";

interface UnlinkFlags {
  readonly reason?: string;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** Registers `mpi patient unlink`. */
export function registerUnlink(patient: Command, act: Act): void {
  defineCommand(patient, "unlink <record> [other]", {
    summary: "take a record out of its person, or apart from one other",
    description:
      "Takes a record, with those merged into it, out of its person; with a second record, takes these two apart. Nothing of " +
      "either record changes. That they are different is remembered for good, and binds whole persons. Where a third " +
      "record holds the two together it is refused with exit code 4, and the way is listed. A merge is taken back with " +
      "mpi patient unmerge instead.",
    examples: [
      { command: "mpi patient unlink 3f2a9c01 --reason 'father and son'", does: "out of its person" },
      {
        command: "mpi patient unlink 3f2a9c01 77b01d2e --reason 'twins' --yes",
        does: "these two apart, without asking",
      },
    ],
  })
    .option("--reason <text>", "why; needed, except with --dry-run")
    .option("--dry-run", "show what would change, and change nothing")
    .option("--yes", "unlink without asking")
    .action(act<UnlinkFlags, [string, string | undefined]>(unlink));
}

async function unlink(
  context: CommandContext,
  flags: UnlinkFlags,
  record: string,
  other: string | undefined,
): Promise<void> {
  const { resolveRecords } = await import("../../../domain/merge/run-merge.ts");
  const { runUnlink } = await import("../../../domain/link/run-link.ts");
  const reason =
    flags.dryRun === true ? (flags.reason ?? null) : await requireReason(context.prompt, flags.reason);
  const db = await context.database();
  const audit = context.audit("UNLINK", reason ?? undefined);
  const names = other === undefined ? [record] : [record, other];
  const ids = await resolveRecords(db, audit, names.map(parseRecordReference));
  const [a, b] = [ids[0]!, ids[1]];
  const request: UnlinkRequest = { record: a, reason, ...(b === undefined ? {} : { from: b }) };
  const preview = await runUnlink(db, audit, request, { dryRun: true });
  if (flags.dryRun === true) return show(context, request, preview, true);
  if (flags.yes !== true && context.prompt.isAvailable) {
    if (b !== undefined) await showBoth(context, a, b);
    context.streams.stderr.write(`${toReport(request, preview, true).text}\n`);
  }
  await requireYes(
    context.prompt,
    flags.yes,
    b === undefined
      ? `Take ${short(a)} out of its person, for good?`
      : `Take ${short(a)} and ${short(b)} apart, for good?`,
  );
  await show(context, request, await runUnlink(db, audit, request), false);
}

function toReport(request: UnlinkRequest, result: UnlinkResult, dryRun: boolean) {
  const others = result.decided.map((pair) =>
    pair.patientId === request.record ? pair.candidateId : pair.patientId,
  );
  const verb = dryRun ? "Would take" : "Took";
  return linkReport(
    `${verb} ${request.record} apart; remembered as different from ${others.map(short).join(", ")}.`,
    result,
    { dryRun, record: request.record, differentFrom: others },
  );
}

const show = (context: CommandContext, request: UnlinkRequest, result: UnlinkResult, dryRun: boolean) =>
  context.output.report(toReport(request, result, dryRun));
