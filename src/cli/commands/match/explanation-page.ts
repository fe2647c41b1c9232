import type { RecordsExplanation } from "../../../domain/match/explain-records.ts";
import { waterfallChart } from "../../output/html/charts.ts";
import { html, htmlPage, htmlTable } from "../../output/html/page.ts";
import { describeBlocking, describeOutcome, describeRelations, describeRules } from "./explanation-text.ts";
import { maskValue } from "./mask-value.ts";
import { formatBits, formatProbability, formatShare, listSteps } from "./waterfall.ts";

/** The explanation of a pair as one page: a chart of the running total, the figures, and what follows from them. */
export function explanationPage(
  { ids, model, calibrationId, explanation }: RecordsExplanation,
  { reveal }: { readonly reveal: boolean },
): string {
  const steps = listSteps(explanation);
  const show = (value: string | null) => (value === null ? "–" : reveal ? value : maskValue(value));
  const unknown = explanation.comparisons.filter((each) => each.level === null).map((each) => each.label);
  const { thresholds } = explanation;
  const chart = waterfallChart(
    steps.map((step) => ({
      label: `${step.label}: ${step.detail}`,
      weight: step.weight,
      text: formatBits(step.weight),
    })),
    { weight: explanation.weight, text: formatBits(explanation.weight) },
    [
      { label: "review", weight: thresholds.review },
      { label: "automatic", weight: thresholds.automatic },
    ],
  );
  const table = htmlTable(
    ["Step", "m", "u", "m/u", "Frequency", "Weight", ids[0].slice(0, 8), ids[1].slice(0, 8)],
    [
      ...steps.map((step) => [
        `${step.label}: ${step.detail}`,
        formatShare(step.m),
        formatShare(step.u),
        formatBits(step.level),
        formatBits(step.frequency),
        html`<span class="${step.weight >= 0 ? "for" : "against"}">${formatBits(step.weight)}</span>`,
        step.values === null ? "" : show(step.values[0]),
        step.values === null ? "" : show(step.values[1]),
      ]),
      ["Total", "", "", "", "", html`<b>${formatBits(explanation.weight)}</b>`, "", ""],
    ],
    [0, 6, 7],
  );
  const findings = [...describeRules(explanation), ...describeRelations(explanation)];
  return htmlPage(
    `Pair ${ids[0].slice(0, 8)} ${ids[1].slice(0, 8)}`,
    html`<h1>Why these two records score what they score</h1>
      <p class="soft"><code>${ids[0]}</code> and <code>${ids[1]}</code></p>
      <div class="card figures">
        <span><b>${formatProbability(explanation.probability)}</b>probability that they are one person</span>
        <span><b>${explanation.grade}</b>grade</span>
        <span><b>${formatBits(explanation.weight)}</b>bits</span>
        <span><b>${explanation.isAutomatic ? "yes" : "no"}</b>automatic</span>
      </div>
      <div class="card">
        ${describeOutcome(explanation).map((line) => html`<p>${line}</p> `)}${findings.map((line) => html`<p>${line}</p> `)}${describeBlocking(explanation).map((line) => html`<p>${line}</p> `)}
      </div>
      <h2>How the evidence adds up</h2>
      ${chart}
      <p class="soft">Weights are bits: log2 of the odds. Above 0 speaks for one person.</p>
      <h2>The figures</h2>
      ${table}
      <p class="soft">
        m is how often records of one person agree like this, u how often those of strangers do; the weight is
        log2(m/u) and what the frequency of the value adds or
        takes.${unknown.length === 0 ? "" : ` Not known of both, so no evidence: ${unknown.join(", ")}.`}${reveal ? "" : " Values are masked."}
      </p>
      <p class="soft">
        Model ${model.name}, version ${model.version};
        ${calibrationId === null ? "nothing learned yet, the model's own figures" : html`calibration <code>${calibrationId}</code>`}.
      </p>`,
  );
}
