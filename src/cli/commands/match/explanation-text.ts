import type { ExaminedPair } from "../../../domain/match/analyse-evaluation.ts";
import type { RecordsExplanation } from "../../../domain/match/explain-records.ts";

type Explanation = RecordsExplanation["explanation"];

/** What the rules that fired do. */
export function describeRules({ rules }: Explanation): readonly string[] {
  const actions = { link: "links", veto: "forbids an automatic link", review: "asks for a review" } as const;
  return rules.map((rule) => `Rule "${rule.name}" ${actions[rule.action]}: ${rule.label}.`);
}

export function describeRelations({ relations }: Explanation): readonly string[] {
  const [likeliest] = relations.candidates;
  return likeliest === undefined || likeliest.probability < 0.01
    ? []
    : [`May also be ${likeliest.label}: probability ${likeliest.probability.toFixed(3)}.`];
}

/** Whether it would be linked, what stops it, and which single change would let it through. */
export function describeOutcome({ isAutomatic, stoppedBy, counterfactuals }: Explanation): readonly string[] {
  if (isAutomatic) return ["Nothing in the two records keeps them from being linked automatically."];
  const changes = counterfactuals.map(
    (each) => `Would be automatic if the ${lowerFirst(each.label)} agreed (${each.levelLabel}).`,
  );
  return [
    `Not automatic: ${stoppedBy.join(", ")}.`,
    ...(changes.length > 0 ? changes : ["No single field, had it agreed, would make it automatic."]),
  ];
}

/** Under which rule a run compares the two, or why it never does. */
export function describeBlocking({ blockingRule, blocking }: Explanation): readonly string[] {
  if (blockingRule !== null) return [`A run compares them under the blocking rule "${blockingRule}".`];
  const partsOf = (outcome: Explanation["blocking"][number]["outcome"]) => [
    ...new Set(blocking.filter((each) => each.outcome === outcome).flatMap((each) => each.parts)),
  ];
  const leftOut = blocking.filter((each) => each.outcome === "left-out").map((each) => `"${each.rule}"`);
  const [differing, unknown] = [partsOf("differs"), partsOf("unknown")];
  return [
    `A run never compares them: none of the ${blocking.length} blocking rules makes them a candidate pair.`,
    ...(leftOut.length === 0
      ? []
      : [`  ${leftOut.join(", ")}: they share the key, with so many others that the block is left out.`]),
    ...(differing.length === 0 ? [] : [`  No value in common: ${differing.join(", ")}.`]),
    ...(unknown.length === 0 ? [] : [`  Not known of both: ${unknown.join(", ")}.`]),
  ];
}

/** One line of what agrees, what does not, and which rules fired; no values. */
export function describeExamined({ comparisons, rules, blockingRule }: ExaminedPair): string {
  const list = (agrees: boolean) =>
    comparisons
      .filter((each) => each.agrees === agrees)
      .map((each) => `${lowerFirst(each.label)} (${each.level})`)
      .join(", ");
  const [same, other] = [list(true), list(false)];
  return [
    ...(same === "" ? [] : [`Agree: ${same}.`]),
    ...(other === "" ? [] : [`Differ: ${other}.`]),
    ...(rules.length === 0 ? [] : [`Rules: ${rules.join(", ")}.`]),
    ...(blockingRule === null ? ["Never compared."] : []),
  ].join(" ");
}

// "E-mail" and "Phone" begin with capitals because they begin a line.
const lowerFirst = (text: string) => text.slice(0, 1).toLowerCase() + text.slice(1);
