import { Option, type Command } from "commander";
import type { ThirdChoice } from "../../../domain/person/part-persons.ts";
import type { RowReturn, Take } from "../../../domain/merge/plan-return.ts";
import type { UnmergePreview } from "../../../domain/merge/run-unmerge.ts";
import type { UnmergeRequest } from "../../../domain/merge/unmerge-patient.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { requireReason, requireYes } from "../../prompt.ts";
import { short } from "./merge-view.ts";
import { unmergeReport } from "./unmerge-view.ts";

interface UnmergeFlags {
  readonly reason?: string;
  readonly allowRematch?: true;
  readonly take?: Take;
  readonly third?: ThirdChoice;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** Registers `mpi patient unmerge`. */
export function registerUnmerge(patient: Command, act: Act): void {
  defineCommand(patient, "unmerge <merge-or-record>", {
    summary: "take a merge back",
    description:
      "Brings a retired record (A) back, active, with its own names, identifiers, addresses, contacts and links; the survivor " +
      "(B) loses only what came with this merge. Works in any order, however many merges came after. That the two are " +
      "different is remembered, so that nobody links them again by accident, unless --allow-rematch.",
    examples: [
      { command: "mpi patient unmerge 3f2a9c01 --reason 'two sisters'", does: "brings the record back" },
      { command: "mpi patient unmerge 3f2a9c01 --dry-run", does: "shows what would go where" },
      {
        command: "mpi patient unmerge 3f2a9c01 --reason 'wrong click' --allow-rematch --yes",
        does: "as if the merge had never been; matching may propose the two again",
      },
    ],
  })
    .option("--reason <text>", "why; needed, except with --dry-run")
    .option("--allow-rematch", "do not remember that they are different")
    .addOption(
      new Option(
        "--take <who>",
        "who gets values that came with A and were edited on B since (default: b)",
      ).choices(["a", "b", "both"]),
    )
    .addOption(
      new Option(
        "--third <who>",
        "with whom records stay that are linked to both; queue: with neither, for review",
      ).choices(["a", "b", "queue"]),
    )
    .option("--dry-run", "show what would change, and change nothing")
    .option("--yes", "un-merge without asking")
    .action(act<UnmergeFlags, [string]>(unmerge));
}

async function unmerge(context: CommandContext, flags: UnmergeFlags, name: string): Promise<void> {
  const { findMergeToUndo, runUnmerge } = await import("../../../domain/merge/run-unmerge.ts");
  const reason =
    flags.dryRun === true ? (flags.reason ?? null) : await requireReason(context.prompt, flags.reason);
  const db = await context.database();
  const audit = context.audit("UNMERGE", reason ?? undefined);
  const merge = await findMergeToUndo(db, audit, name);
  const { request, preview } = await settle(context, flags, {
    mergeId: merge.id,
    reason,
    allowRematch: flags.allowRematch === true,
    ...(flags.take === undefined ? {} : { take: flags.take }),
    ...(flags.third === undefined ? {} : { third: flags.third }),
  });
  if (flags.dryRun === true) {
    return context.output.report(await unmergeReport(preview, view(context, true)));
  }
  const result = await runUnmerge(db, audit, { ...request, versions: preview.result.versions });
  await context.output.report(await unmergeReport({ ...preview, result }, view(context, false)));
}

const view = (context: CommandContext, dryRun: boolean) => ({
  dryRun,
  isTerminal: context.output.isTerminal,
  width: context.output.width,
  style: context.output.style,
});

/** Previews; on a terminal asks what only a person can say, shows what goes where, and asks whether to go on. */
async function settle(
  context: CommandContext,
  flags: UnmergeFlags,
  asked: UnmergeRequest,
): Promise<{ readonly request: UnmergeRequest; readonly preview: UnmergePreview }> {
  let request = asked;
  let preview = await look(context, request, (third) => {
    request = { ...request, third };
  });
  if (flags.yes === true || flags.dryRun === true) return { request, preview };
  if (context.prompt.isAvailable) {
    if (flags.take === undefined && hasEdits(preview)) {
      const take = await context.prompt.select<Take>(
        "Some values that came with A were edited on B since. Who gets the edited ones?",
        [
          { name: "B keeps them, A gets its old ones back", value: "b" },
          { name: "A takes them along", value: "a" },
          { name: "both", value: "both" },
        ],
        { flag: "--take" },
      );
      request = { ...request, take };
      preview = await look(context, request);
    }
    const { stderr } = context.streams;
    const shown = await unmergeReport(preview, {
      dryRun: true,
      isTerminal: true,
      width: stderr.columns ?? 80,
      style: context.style,
    });
    stderr.write(`${shown.text}\n`);
  }
  const { record, survivor } = preview.result;
  await requireYes(context.prompt, flags.yes, `Un-merge ${short(record)} from ${short(survivor)}?`);
  return { request, preview };
}

const hasEdits = ({ result }: UnmergePreview): boolean =>
  [...result.rows, ...result.fields].some(
    (each: Pick<RowReturn, "since"> | { readonly since: string }) =>
      each.since === "edited" || each.since === "deleted",
  );

/** @param choose called with the answer where records that hold both were asked about. */
async function look(
  context: CommandContext,
  request: UnmergeRequest,
  choose?: (third: ThirdChoice) => void,
): Promise<UnmergePreview> {
  const { previewUnmerge } = await import("../../../domain/merge/run-unmerge.ts");
  const db = await context.database();
  const audit = context.audit("UNMERGE_PREVIEW", request.reason ?? undefined);
  try {
    return await previewUnmerge(db, audit, request);
  } catch (error) {
    const isAsked = error instanceof MpiError && error.details?.["reason"] === "thirds";
    if (!isAsked || choose === undefined || !context.prompt.isAvailable) throw error;
    const third = await context.prompt.select<ThirdChoice>(
      `${error.message} With whom do they stay?`,
      [
        { name: "A, the record that comes back", value: "a" },
        { name: "B, the survivor", value: "b" },
        { name: "neither, until somebody decides", value: "queue" },
      ],
      { flag: "--third" },
    );
    choose(third);
    return previewUnmerge(db, audit, { ...request, third });
  }
}
