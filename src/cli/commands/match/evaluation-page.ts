import type { Evaluation } from "../../../domain/match/evaluate-match.ts";
import { histogramChart, lineChart } from "../../output/html/charts.ts";
import { html, htmlPage, htmlTable, type Html } from "../../output/html/page.ts";
import { describeExamined } from "./explanation-text.ts";
import { formatProbability } from "./waterfall.ts";

const colours = { matches: "#1f7a4d", others: "#b3402a", f1: "#3a6ea5" } as const;
const share = (value: number) => value.toFixed(4);

/** A measurement as one page: the figures, precision and recall over the thresholds, the weights, the worst pairs. */
export function evaluationPage(
  { records, truePairs, candidatePairs, lostInBlocking, rows, analysis }: Evaluation,
  model: { readonly name: string; readonly version: string },
): string {
  const figures: readonly (readonly [string, number])[] = [
    ["records", records],
    ["true pairs", truePairs],
    ["pairs compared", candidatePairs],
    ["true pairs never compared", lostInBlocking],
  ];
  return htmlPage(
    "Matching measured",
    html`<h1>Matching measured against a known truth</h1>
      <p class="soft">
        Model ${model.name}, version ${model.version}. Recall is over all true pairs, those never compared
        included.
      </p>
      <div class="card figures">
        ${figures.map(([label, value]) => html`<span><b>${value.toLocaleString("en")}</b>${label}</span>`)}
      </div>
      ${htmlTable(
        ["Measured", "Precision", "Recall", "F1", "True pairs found", "False pairs", "Missed", "Meaning"],
        rows.map((row) => [
          row.name,
          share(row.precision),
          share(row.recall),
          share(row.f1),
          row.truePositives,
          row.falsePositives,
          row.falseNegatives,
          row.definition,
        ]),
        [0, 7],
      )}
      <h2>Precision and recall</h2>
      ${precisionRecallChart(analysis)}
      <h2>Over the range of thresholds</h2>
      ${thresholdChart(analysis)}
      <h2>How the weights spread</h2>
      ${weightChart(analysis)}
      <p class="soft">
        The scale is that of square roots, so that the few pairs on the wrong side can be seen beside the many
        that are clear.
      </p>
      <h2>Worst false matches</h2>
      ${pairTable(analysis.falseMatches, "No pair of two persons reaches the lowest line.")}
      <h2>Worst misses</h2>
      ${pairTable(analysis.misses, "No pair of one person falls below the lowest line.")}
      <p class="soft"><code>mpi match explain A B</code> shows a pair in full.</p>`,
  );
}

type Analysis = Evaluation["analysis"];

function precisionRecallChart({ thresholds }: Analysis): Html {
  const lowest = (key: "precision" | "recall") =>
    Math.floor(Math.max(0, Math.min(...thresholds.map((each) => each[key])) - 0.01) * 20) / 20;
  return lineChart(
    {
      title: "Precision over recall",
      x: { label: "recall", from: lowest("recall"), to: 1 },
      y: { label: "precision", from: lowest("precision"), to: 1 },
    },
    [
      {
        label: "pairs",
        colour: colours.f1,
        points: thresholds.map((each) => [each.recall, each.precision] as const),
      },
    ],
  );
}

const lineMarks = ({ lines }: Analysis) => [
  { label: "possible", x: lines.possible },
  { label: "review", x: lines.review },
  { label: "automatic", x: lines.automatic },
];

function thresholdChart(analysis: Analysis): Html {
  const { thresholds } = analysis;
  const [first, last] = [thresholds[0]?.weight ?? 0, thresholds.at(-1)?.weight ?? 1];
  const points = (key: "precision" | "recall" | "f1") =>
    thresholds.map((each) => [each.weight, each[key]] as const);
  return lineChart(
    {
      title: "Precision, recall and F1 by threshold",
      x: { label: "threshold (bits)", from: first, to: last },
      y: { label: "share", from: 0, to: 1 },
      lines: lineMarks(analysis),
    },
    [
      { label: "precision", colour: colours.matches, points: points("precision") },
      { label: "recall", colour: colours.others, points: points("recall") },
      { label: "F1", colour: colours.f1, points: points("f1") },
    ],
  );
}

function weightChart(analysis: Analysis): Html {
  const bins = analysis.histogram;
  return histogramChart(
    {
      title: "Weights of matches and of others",
      x: { label: "weight (bits)", from: bins[0]?.from ?? 0, to: bins.at(-1)?.to ?? 1 },
      y: { label: "pairs" },
      lines: lineMarks(analysis),
    },
    bins.map(({ from, to, matches, others }) => ({ from, to, counts: [matches, others] })),
    [
      { label: "one person", colour: colours.matches },
      { label: "two persons", colour: colours.others },
    ],
  );
}

const pairTable = (pairs: Analysis["falseMatches"], none: string): Html =>
  pairs.length === 0
    ? html`<p>${none}</p>`
    : htmlTable(
        ["Records", "Weight", "Probability", "Why"],
        pairs.map((pair) => [
          html`<code>${pair.a}</code><br /><code>${pair.b}</code>`,
          pair.weight.toFixed(2),
          formatProbability(pair.probability),
          describeExamined(pair),
        ]),
        [0, 3],
      );
