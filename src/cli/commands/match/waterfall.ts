import type { RecordsExplanation } from "../../../domain/match/explain-records.ts";
import { safeText } from "../../output/safe-text.ts";
import type { Style } from "../../output/style.ts";
import { padText, textWidth } from "../../output/width.ts";
import { describeBlocking, describeOutcome, describeRelations, describeRules } from "./explanation-text.ts";
import { maskValue } from "./mask-value.ts";

type Explanation = RecordsExplanation["explanation"];

/** So many characters stand for the longest bar. */
const barLength = 16;

/** One bar of the waterfall. */
export interface WaterfallStep {
  readonly label: string;
  readonly detail: string;
  readonly m: number | null;
  readonly u: number | null;
  /** Bits of the level, and what the frequency of the value adds; null where there is no level. */
  readonly level: number | null;
  readonly frequency: number | null;
  /** Both, or the bar as a whole. */
  readonly weight: number;
  readonly values: readonly [string | null, string | null] | null;
}

/** Prior, comparisons that could be made, and what relations take away: together they are the total. */
export function listSteps({ prior, comparisons, relations }: Explanation): readonly WaterfallStep[] {
  const bar = (label: string, detail: string, weight: number): WaterfallStep => ({
    label,
    detail,
    m: null,
    u: null,
    level: null,
    frequency: null,
    weight,
    values: null,
  });
  return [
    bar("Prior", "two records picked at random", prior.weight),
    ...comparisons
      .filter((comparison) => comparison.level !== null)
      .map((comparison) => ({
        label: comparison.label,
        detail: comparison.levelLabel,
        m: comparison.m,
        u: comparison.u,
        level: comparison.levelWeight,
        frequency: comparison.frequencyField === null ? null : comparison.frequencyWeight,
        weight: comparison.weight,
        values: comparison.values,
      })),
    ...(relations.weight < -0.005 ? [bar("Relatives", "agree like this too", relations.weight)] : []),
  ];
}

/**
 * The explanation of a pair as text: one line a step with its figures, then the rules and what is missing.
 *
 * @param width of the terminal; what does not fit is left out, bars first.
 */
export function waterfall(
  { ids, explanation }: RecordsExplanation,
  style: Style,
  options: { readonly reveal: boolean; readonly width: number },
): string {
  const steps = listSteps(explanation);
  const unknown = explanation.comparisons.filter((each) => each.level === null).map((each) => each.label);
  return [
    style(
      "bold",
      `${ids[0].slice(0, 8)} and ${ids[1].slice(0, 8)}: probability ${formatProbability(explanation.probability)}, ${explanation.grade}`,
    ),
    "",
    ...drawTable(steps, explanation.weight, style, options),
    "",
    "Weights are bits (log2 of the odds); above 0 speaks for one person. Frequency: what a rare value adds, a common one takes.",
    ...(unknown.length === 0 ? [] : [`Not known of both, so no evidence: ${unknown.join(", ")}.`]),
    "",
    ...describeRules(explanation),
    ...describeRelations(explanation),
    ...describeOutcome(explanation),
    ...describeBlocking(explanation),
  ].join("\n");
}

interface TableColumn {
  readonly header: string;
  readonly cells: readonly string[];
  readonly align: "left" | "right";
  /** Left out first where the width does not do. */
  readonly rank: number;
}

function drawTable(
  steps: readonly WaterfallStep[],
  total: number,
  style: Style,
  { reveal, width }: { readonly reveal: boolean; readonly width: number },
): readonly string[] {
  const longest = Math.max(1, ...steps.map((step) => Math.abs(step.weight)));
  const show = (value: string | null) => (value === null ? "–" : safeText(reveal ? value : maskValue(value)));
  const bar = ({ weight }: WaterfallStep) =>
    (weight >= 0 ? "+" : "-").repeat(Math.round((Math.abs(weight) / longest) * barLength));
  const pair = ({ values }: WaterfallStep) =>
    values === null || (values[0] === null && values[1] === null)
      ? ""
      : `${show(values[0])} | ${show(values[1])}`;
  const columns: readonly TableColumn[] = [
    {
      header: "Step",
      cells: [...steps.map((step) => `${step.label}: ${step.detail}`), "Total"],
      align: "left",
      rank: 0,
    },
    { header: "m", cells: [...steps.map((step) => formatShare(step.m)), ""], align: "right", rank: 2 },
    { header: "u", cells: [...steps.map((step) => formatShare(step.u)), ""], align: "right", rank: 2 },
    { header: "m/u", cells: [...steps.map((step) => formatBits(step.level)), ""], align: "right", rank: 2 },
    {
      header: "Frequency",
      cells: [...steps.map((step) => formatBits(step.frequency)), ""],
      align: "right",
      rank: 2,
    },
    {
      header: "Weight",
      cells: [...steps.map((step) => formatBits(step.weight)), formatBits(total)],
      align: "right",
      rank: 0,
    },
    { header: "", cells: [...steps.map(bar), ""], align: "left", rank: 3 },
    { header: "Values", cells: [...steps.map(pair), ""], align: "left", rank: 1 },
  ];
  const shown = [3, 2, 1, 0]
    .map((most) => columns.filter((column) => column.rank <= most))
    .find((some) => tableWidth(some) <= width);
  return drawColumns(shown ?? columns.filter((column) => column.rank === 0), style);
}

const columnWidth = ({ header, cells }: TableColumn) => Math.max(...[header, ...cells].map(textWidth));
const tableWidth = (columns: readonly TableColumn[]) =>
  columns.reduce((sum, column) => sum + columnWidth(column) + 2, 0);

function drawColumns(columns: readonly TableColumn[], style: Style): readonly string[] {
  const line = (cellOf: (column: TableColumn) => string) =>
    columns
      .map((column) => {
        const [cell, width] = [cellOf(column), columnWidth(column)];
        return column.align === "left" ? padText(cell, width) : " ".repeat(width - textWidth(cell)) + cell;
      })
      .join("  ")
      .trimEnd();
  const rows = columns[0]?.cells.length ?? 0;
  return [
    style(
      "bold",
      line((column) => column.header),
    ),
    ...Array.from({ length: rows }, (_, row) => line((column) => column.cells[row] ?? "")),
  ];
}

/** Six digits, and never a certainty that is none. */
export const formatProbability = (probability: number) =>
  probability < 0.000001
    ? "below 0.000001"
    : probability > 0.999999
      ? "above 0.999999"
      : probability.toFixed(6);

/** A number of bits with its sign. */
export const formatBits = (weight: number | null) =>
  weight === null ? "" : `${weight >= 0 ? "+" : ""}${weight.toFixed(2)}`;

/** A probability with the digits that count. */
export const formatShare = (share: number | null) =>
  share === null ? "" : share >= 0.001 ? share.toFixed(4) : share.toExponential(1);
