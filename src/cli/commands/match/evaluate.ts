import path from "node:path";
import type { Command } from "commander";
import { evaluateMatch, type Evaluation, type EvaluationRow } from "../../../domain/match/evaluate-match.ts";
import { readTruth } from "../../../domain/match/read-truth.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { section } from "../../output/output.ts";
import { describeExamined } from "./explanation-text.ts";
import { addModelOption, loadModel, type ModelFlag } from "./model-option.ts";
import { formatProbability } from "./waterfall.ts";

interface EvaluateFlags extends ModelFlag {
  readonly truth: string;
  readonly worst: number;
  readonly html?: string;
}

/** Registers `mpi match evaluate`. */
export function registerEvaluate(match: Command, act: Act): void {
  const command = defineCommand(match, "evaluate", {
    summary: "measure matching against a known truth",
    description:
      "Compares all records as a run would and measures the result against a CSV file with the columns source_id and " +
      "cluster: at the lines, over the range of thresholds, and pair by pair where it is most wrong. Recall counts every true " +
      "pair, those that were never compared included. Nothing is stored.",
    examples: [
      { command: "mpi match evaluate --truth truth.csv", does: "precision, recall and F1 as a table" },
      { command: "mpi match evaluate --truth truth.csv --output json", does: "the same for a program" },
      {
        command: "mpi match evaluate --truth truth.csv --model site.json --html report.html",
        does: "another model, as a page with charts",
      },
    ],
  });
  addModelOption(command)
    .requiredOption("--truth <file>", "CSV with the columns source_id and cluster")
    .option(
      "--worst <n>",
      "how many false matches and misses to look into",
      integer({ min: 0, max: 1000 }),
      5,
    )
    .option("--html <file>", "write a page with charts; it needs no network and runs no script")
    .action(act<EvaluateFlags>(evaluate));
}

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
    flags.worst,
  );
  if (context.output.format === "table") await printTables(context, result);
  else await printList(context, result);
  if (flags.html === undefined) return;
  const { evaluationPage } = await import("./evaluation-page.ts");
  const { writeReport } = await import("../../output/html/page.ts");
  await writeReport(path.resolve(context.cwd, flags.html), evaluationPage(result, model));
  context.info(`Wrote ${flags.html}.`);
}

const share = (value: number) => value.toFixed(4);

type Measured = Pick<
  EvaluationRow,
  "precision" | "recall" | "f1" | "truePositives" | "falsePositives" | "falseNegatives"
>;

const metric = (key: "precision" | "recall" | "f1", header: string): Column<Measured> => ({
  key,
  header,
  value: (row) => row[key],
  text: (row) => share(row[key]),
  align: "right",
});
const count = (
  key: "truePositives" | "falsePositives" | "falseNegatives",
  header: string,
): Column<Measured> => ({ key, header, value: (row) => row[key], align: "right" });

const measures: readonly Column<Measured>[] = [
  metric("precision", "Precision"),
  metric("recall", "Recall"),
  metric("f1", "F1"),
  count("truePositives", "True pairs found"),
  count("falsePositives", "False pairs"),
  count("falseNegatives", "Missed"),
];
const rowColumns: readonly Column<EvaluationRow>[] = [
  { key: "name", header: "Measured", value: (row) => row.name },
  ...measures,
  { key: "definition", header: "Meaning", value: (row) => row.definition },
];

const summary = (result: Evaluation) =>
  `${result.records} records, ${result.truePairs} true pairs, ${result.candidatePairs} pairs compared; ${result.lostInBlocking} true pairs were never compared.`;

async function printList(context: CommandContext, result: Evaluation): Promise<void> {
  const { records, truePairs, candidatePairs, lostInBlocking, analysis } = result;
  await context.output.list({
    columns: rowColumns,
    rows: result.rows,
    meta: () => ({ records, truePairs, candidatePairs, lostInBlocking, ...analysis }),
  });
}

/** Every fourth half bit, and the lines: as many as can be read. */
const isShown = ({ weight }: Threshold, lines: Evaluation["analysis"]["lines"]) =>
  weight % 2 === 0 || Object.values(lines).includes(weight);

async function printTables(context: CommandContext, result: Evaluation): Promise<void> {
  const { analysis } = result;
  const pairs: readonly Column<Examined>[] = [
    { key: "a", header: "Record", value: (row) => row.a },
    { key: "b", header: "Other record", value: (row) => row.b },
    {
      key: "weight",
      header: "Weight",
      value: (row) => row.weight,
      text: (row) => row.weight.toFixed(1),
      align: "right",
    },
    { key: "why", header: "Why", value: describeExamined },
  ];
  await context.output.record({
    fields: [
      { key: "records", label: "Records", value: result.records },
      { key: "truePairs", label: "True pairs", value: result.truePairs },
      { key: "candidatePairs", label: "Pairs compared", value: result.candidatePairs },
      { key: "lostInBlocking", label: "True pairs never compared", value: result.lostInBlocking },
    ],
    sections: [
      section("Measures", rowColumns, result.rows),
      section<Threshold>(
        "Pairs, over the range of thresholds",
        [
          {
            key: "weight",
            header: "Bits",
            value: (row) => row.weight,
            text: (row) => row.weight.toFixed(1),
            align: "right",
          },
          {
            key: "probability",
            header: "Probability",
            value: (row) => row.probability,
            text: (row) => formatProbability(row.probability),
            align: "right",
          },
          ...measures,
        ],
        analysis.thresholds.filter((each) => isShown(each, analysis.lines)),
      ),
      section("Worst false matches", pairs, analysis.falseMatches),
      section("Worst misses", pairs, analysis.misses),
    ],
  });
  context.info(summary(result));
}

type Threshold = Evaluation["analysis"]["thresholds"][number];
type Examined = Evaluation["analysis"]["falseMatches"][number];
