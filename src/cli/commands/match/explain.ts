import path from "node:path";
import type { Command } from "commander";
import type { RecordsExplanation } from "../../../domain/match/explain-records.ts";
import { parseRecordReference } from "../../../domain/patient/resolve-record.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { requireReason } from "../../prompt.ts";
import { readContext } from "../../read-context.ts";
import { maskValue } from "./mask-value.ts";
import { addModelOption, loadModel, type ModelFlag } from "./model-option.ts";
import { waterfall } from "./waterfall.ts";

interface ExplainFlags extends ModelFlag {
  readonly reveal?: true;
  readonly reason?: string;
  readonly html?: string;
}

/** Registers `mpi match explain` and `mpi match score`. */
export function registerExplain(match: Command, act: Act): void {
  const explainCommand = defineCommand(match, "explain <a> <b>", {
    summary: "why two records score what they score",
    description:
      "Shows, step by step, how the evidence of two records adds up to the probability that they are one person: the " +
      "prior, the level of each comparison with m and u, how rare the value is, the rules that fired, and what would make the pair " +
      "automatic; of a pair that is never compared, why.",
    examples: [
      { command: "mpi match explain 3f2a9c01 77b0c4de", does: "values masked" },
      {
        command: "mpi match explain MRN:12345 77b0c4de --reveal --reason 'call from ward 3'",
        does: "values in full",
      },
      { command: "mpi match explain 3f2a9c01 77b0c4de --html pair.html", does: "a page to keep or to show" },
    ],
  });
  addModelOption(explainCommand)
    .option("--reveal", "values in full; needs --reason and is audited")
    .option("--reason <text>", "why, with --reveal")
    .option("--html <file>", "write the same as one page with charts; it needs no network and runs no script")
    .action(act<ExplainFlags, [string, string]>(explain));
  const scoreCommand = defineCommand(match, "score <a> <b>", {
    summary: "the score of two records",
    description: "Scores two records as a run would, with the component scores; mpi match explain says why.",
    examples: [{ command: "mpi match score 3f2a9c01 77b0c4de --output json", does: "for a program" }],
  });
  addModelOption(scoreCommand).action(act<ModelFlag, [string, string]>(score));
}

async function load(
  context: CommandContext,
  flags: ModelFlag,
  operation: string,
  a: string,
  b: string,
  reason?: string,
): Promise<RecordsExplanation> {
  const { explainRecords } = await import("../../../domain/match/explain-records.ts");
  const model = await loadModel(context, flags);
  const references = [parseRecordReference(a), parseRecordReference(b)] as const;
  const db = await context.database();
  const result = await explainRecords(db, await readContext(context, operation, reason), references, model);
  if (result.calibrationId === null) {
    context.info(
      "Nothing was learned from this index yet: the model's own figures are used. mpi match run --full learns.",
    );
  }
  return result;
}

async function explain(context: CommandContext, flags: ExplainFlags, a: string, b: string): Promise<void> {
  const reason = flags.reveal === true ? await requireReason(context.prompt, flags.reason) : flags.reason;
  const result = await load(context, flags, "MATCH_EXPLAIN", a, b, reason);
  const reveal = flags.reveal === true;
  await context.output.report({
    text: waterfall(result, context.output.style, { reveal, width: context.output.width }),
    json: toJson(result, reveal),
  });
  if (flags.html === undefined) return;
  const { explanationPage } = await import("./explanation-page.ts");
  const { writeReport } = await import("../../output/html/page.ts");
  await writeReport(path.resolve(context.cwd, flags.html), explanationPage(result, { reveal }));
  context.info(`Wrote ${flags.html}.`);
}

const toJson = ({ ids, calibrationId, explanation }: RecordsExplanation, reveal: boolean) => ({
  a: ids[0],
  b: ids[1],
  calibrationId,
  ...explanation,
  comparisons: explanation.comparisons.map((each) =>
    reveal
      ? each
      : { ...each, values: each.values.map((value) => (value === null ? null : maskValue(value))) },
  ),
});

async function score(context: CommandContext, flags: ModelFlag, a: string, b: string): Promise<void> {
  const { ids, explanation } = await load(context, flags, "MATCH_SCORE", a, b);
  await context.output.record({
    fields: [
      { key: "a", label: "Record", value: ids[0] },
      { key: "b", label: "Other record", value: ids[1] },
      { key: "probability", label: "Probability", value: explanation.probability },
      {
        key: "weight",
        label: "Weight (bits)",
        value: explanation.weight,
        text: explanation.weight.toFixed(2),
      },
      { key: "grade", label: "Grade", value: explanation.grade },
      {
        key: "isAutomatic",
        label: "Automatic",
        value: explanation.isAutomatic,
        text: explanation.isAutomatic ? "yes" : "no",
      },
      { key: "stoppedBy", label: "Stopped by", value: explanation.stoppedBy },
      { key: "rules", label: "Rules", value: explanation.rules.map((rule) => rule.name) },
      {
        key: "blockingRule",
        label: "Compared under",
        value: explanation.blockingRule,
        text: explanation.blockingRule ?? "no blocking rule: a run never compares them",
      },
    ],
  });
}
