import path from "node:path";
import type { Command } from "commander";
import { evaluateMatch, type EvaluationRow } from "../../../domain/match/evaluate-match.ts";
import { readTruth } from "../../../domain/match/read-truth.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { addModelOption, loadModel, type ModelFlag } from "./model-option.ts";

interface EvaluateFlags extends ModelFlag {
  readonly truth: string;
}

/** Registers `mpi match evaluate`. */
export function registerEvaluate(match: Command, act: Act): void {
  const command = defineCommand(match, "evaluate", {
    summary: "measure matching against a known truth",
    description:
      "Compares all records as a run would and measures the result against a CSV file with the columns source_id and " +
      "cluster. Recall counts every true pair, those that were never compared included. Nothing is stored.",
    examples: [
      { command: "mpi match evaluate --truth truth.csv", does: "precision, recall and F1 as a table" },
      { command: "mpi match evaluate --truth truth.csv --output json", does: "the same for a program" },
    ],
  });
  addModelOption(command)
    .requiredOption("--truth <file>", "CSV with the columns source_id and cluster")
    .action(act<EvaluateFlags>(evaluate));
}

const share = (value: number) => value.toFixed(4);

async function evaluate(context: CommandContext, flags: EvaluateFlags): Promise<void> {
  const model = await loadModel(context, flags);
  const file = flags.truth === "-" ? "-" : path.resolve(context.cwd, flags.truth);
  const truth = await readTruth(file, context.streams.stdin);
  const result = await evaluateMatch(
    await context.database(),
    await context.target(),
    truth,
    model,
    context.signal,
  );
  const metric = (key: "precision" | "recall" | "f1", header: string) =>
    ({
      key,
      header,
      value: (row: EvaluationRow) => row[key],
      text: (row: EvaluationRow) => share(row[key]),
      align: "right",
    }) as const;
  const count = (key: "truePositives" | "falsePositives" | "falseNegatives", header: string) =>
    ({ key, header, value: (row: EvaluationRow) => row[key], align: "right" }) as const;
  await context.output.list({
    columns: [
      { key: "name", header: "Measured", value: (row) => row.name },
      metric("precision", "Precision"),
      metric("recall", "Recall"),
      metric("f1", "F1"),
      count("truePositives", "True pairs found"),
      count("falsePositives", "False pairs"),
      count("falseNegatives", "Missed"),
      { key: "definition", header: "Meaning", value: (row) => row.definition },
    ],
    rows: result.rows,
    meta: () => ({
      records: result.records,
      truePairs: result.truePairs,
      candidatePairs: result.candidatePairs,
      lostInBlocking: result.lostInBlocking,
    }),
    footer: () =>
      `${result.records} records, ${result.truePairs} true pairs, ${result.candidatePairs} pairs compared; ${result.lostInBlocking} true pairs were never compared.`,
  });
}
