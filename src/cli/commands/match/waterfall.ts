import type { RecordsExplanation } from "../../../domain/match/explain-records.ts";
import { safeText } from "../../output/safe-text.ts";
import type { Style } from "../../output/style.ts";
import { padText, textWidth } from "../../output/width.ts";

type Explanation = RecordsExplanation["explanation"];

/** So many characters stand for the longest bar. */
const barLength = 20;
const longestLabel = 44;

interface Step {
  readonly label: string;
  readonly detail: string;
  readonly weight: number;
  readonly values: readonly [string | null, string | null] | undefined;
}

/** Masks everything but the first letter or the last two digits, so that likeness can be seen and the value cannot. */
const mask = (value: string): string =>
  /^\d/.test(value) ? `****${value.slice(-2)}` : `${Array.from(value)[0] ?? ""}***`;

/** The explanation of a pair as text: one line a step, a bar for its weight, then the rules and what is missing. */
export function waterfall({ ids, explanation }: RecordsExplanation, style: Style, reveal: boolean): string {
  const steps = listSteps(explanation);
  const longest = Math.max(1, ...steps.map((step) => Math.abs(step.weight)));
  const show = (value: string | null) => (value === null ? "–" : safeText(reveal ? value : mask(value)));
  const labelWidth = Math.min(
    longestLabel,
    Math.max(...steps.map((step) => textWidth(`${step.label}: ${step.detail}`))),
  );
  const lines = steps.map(({ label, detail, weight, values }) => {
    const length = Math.round((Math.abs(weight) / longest) * barLength);
    const bar = weight >= 0 ? "+".repeat(length) : "-".repeat(length);
    const pair =
      values === undefined || (values[0] === null && values[1] === null)
        ? ""
        : `  ${show(values[0])} | ${show(values[1])}`;
    const text = `${label}: ${detail}`;
    return `  ${padText(text, labelWidth)} ${signed(weight).padStart(7)} ${bar.padEnd(barLength)}${pair}`.trimEnd();
  });
  return [
    style(
      "bold",
      `${ids[0].slice(0, 8)} and ${ids[1].slice(0, 8)}: probability ${explanation.probability.toFixed(6)}, ${explanation.grade}`,
    ),
    "",
    "Weights in bits (log2 of the odds); above 0 speaks for one person.",
    ...lines,
    `  ${padText("total", labelWidth)} ${signed(explanation.weight).padStart(7)}`,
    "",
    ...describeRules(explanation),
    ...describeRelations(explanation),
    ...describeOutcome(explanation),
  ].join("\n");
}

const signed = (weight: number) => `${weight >= 0 ? "+" : ""}${weight.toFixed(2)}`;

function listSteps({ prior, comparisons, relations }: Explanation): readonly Step[] {
  return [
    { label: "prior", detail: "two records picked at random", weight: prior.weight, values: undefined },
    ...comparisons
      .filter((comparison) => comparison.level !== null)
      .map((comparison) => ({
        label: comparison.label,
        detail: `${comparison.levelLabel}${comparison.frequencyWeight === 0 ? "" : comparison.frequencyWeight > 0 ? ", rare value" : ", common value"}`,
        weight: comparison.weight,
        values: comparison.values,
      })),
    ...(relations.weight < -0.005
      ? [{ label: "relatives", detail: "agree like this too", weight: relations.weight, values: undefined }]
      : []),
  ];
}

function describeRules({ rules }: Explanation): readonly string[] {
  const actions = { link: "links", veto: "forbids an automatic link", review: "asks for a review" } as const;
  return rules.map((rule) => `Rule "${rule.name}" ${actions[rule.action]}: ${rule.label}.`);
}

function describeRelations({ relations }: Explanation): readonly string[] {
  const [likeliest] = relations.candidates;
  return likeliest === undefined || likeliest.probability < 0.01
    ? []
    : [`May also be ${likeliest.label}: probability ${likeliest.probability.toFixed(3)}.`];
}

function describeOutcome({
  isAutomatic,
  stoppedBy,
  counterfactuals,
  blockingRule,
}: Explanation): readonly string[] {
  return [
    isAutomatic
      ? "Nothing in the two records keeps them from being linked automatically."
      : `Not automatic: ${stoppedBy.join(", ")}.`,
    ...counterfactuals.map((each) => `Would be automatic with ${each.label}: ${each.levelLabel}.`),
    blockingRule === null
      ? "A run never compares them: no blocking rule makes them a candidate pair."
      : `A run compares them under the rule "${blockingRule}".`,
  ];
}
