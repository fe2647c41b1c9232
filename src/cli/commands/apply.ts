import { readFileSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { MpiError } from "../../lib/errors.ts";
import { describeCommand, type Act, type RegisterNoun } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { requireYes } from "../prompt.ts";
import { mergeReport, short } from "./patient/merge-view.ts";

interface ApplyFlags {
  readonly dryRun?: true;
  readonly yes?: true;
}

/** Registers `mpi apply`. */
export const registerApply: RegisterNoun = (apply: Command, act: Act) => {
  describeCommand(apply.argument("<file>", "a plan"), {
    summary: "carry out a plan that was looked at",
    description:
      "Does what a plan says (mpi patient merge --plan writes one), that and nothing else: where a record has changed " +
      "since, or the merge would do anything different by now, it is refused with exit code 4.",
    examples: [
      { command: "mpi apply merge.json --dry-run", does: "shows what it would change" },
      { command: "mpi apply merge.json --yes", does: "carries it out" },
    ],
  })
    .option("--dry-run", "show what would change, and change nothing")
    .option("--yes", "carry it out without asking")
    .action(act<ApplyFlags, [string]>(applyPlan));
};

async function applyPlan(context: CommandContext, flags: ApplyFlags, file: string): Promise<void> {
  const { parseMergePlan } = await import("../../domain/merge/merge-plan.ts");
  const { previewMerge, runMerge } = await import("../../domain/merge/run-merge.ts");
  const plan = parseMergePlan(readPlan(path.resolve(context.cwd, file)));
  const request = { ...plan.request, versions: new Map(Object.entries(plan.versions)) };
  const db = await context.database();
  const audit = context.audit("MERGE", plan.request.reason ?? undefined);
  const preview = await previewMerge(db, audit, request);
  const view = {
    isTerminal: context.output.isTerminal,
    width: context.output.width,
    style: context.output.style,
  };
  if (flags.dryRun === true) {
    return context.output.report(
      await mergeReport(preview.result, preview.records, { ...view, dryRun: true }),
    );
  }
  await requireYes(
    context.prompt,
    flags.yes,
    `Merge ${request.sources.map(short).join(", ")} into ${short(request.survivor)}, as ${plan.madeBy} planned on ${plan.madeAt.slice(0, 10)}?`,
  );
  const result = await runMerge(db, audit, request, plan.merges);
  await context.output.report(await mergeReport(result, preview.records, { ...view, dryRun: false }));
}

function readPlan(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new MpiError(
      code === "ENOENT" ? "not-found" : "usage",
      `${file} cannot be read (${code ?? "unknown reason"}).`,
    );
  }
}
