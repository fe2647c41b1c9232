import { KeyValues } from "../blocking/key-values.ts";
import { describeStore } from "../compare/store-traits.ts";
import { lookUpValues } from "../compare/value-tables.ts";
import { comparisonKinds, type ComparisonKind, type FrequencyField } from "../model/comparison-kinds.ts";
import { probabilityOfWeight, type CompiledModel } from "../model/compile-model.ts";
import { normaliseRecord, type NormalRecord } from "../normal-record.ts";
import type { MatchRecord } from "../record.ts";
import { builtInPlaceholders, type PlaceholderList } from "../reference/placeholders.ts";
import { encodeRecords } from "../store/encode-records.ts";
import { findCounterfactuals, type Counterfactual } from "./counterfactuals.ts";
import { displayValues } from "./display-values.ts";
import { explainBlocking, type ExplainedBlocking } from "./explain-blocking.ts";
import { automaticLine, isWorthRules, judgePair, type Judgement } from "./judge-pair.ts";
import { oddsOfRelation, PairScorer } from "./pair-scorer.ts";
import { compileRules, listRules } from "./rules.ts";

/** Why two records weigh what they weigh together: the bars of a waterfall, from the prior to the total. */
export interface PairExplanation extends Judgement {
  readonly prior: { readonly weight: number; readonly probability: number };
  readonly comparisons: readonly ExplainedComparison[];
  /** What other explanations of so much agreement take away. */
  readonly relations: ExplainedRelations;
  readonly weight: number;
  readonly probability: number;
  /** Weights of the lines, in bits; the automatic one is that of this pair, higher inside one source. */
  readonly thresholds: { readonly possible: number; readonly review: number; readonly automatic: number };
  readonly rules: readonly ExplainedRule[];
  /** What keeps the pair from being linked automatically; empty where nothing does. */
  readonly stoppedBy: readonly string[];
  /** Single changes that would make it automatic. */
  readonly counterfactuals: readonly Counterfactual[];
  /** Null where a run never compares the two. */
  readonly blockingRule: string | null;
  /** What each blocking rule makes of the two, in the model's order. */
  readonly blocking: readonly ExplainedBlocking[];
}

export interface ExplainedComparison {
  readonly name: string;
  readonly label: string;
  /** Null where nothing could be compared. */
  readonly level: string | null;
  readonly levelLabel: string;
  readonly agrees: boolean;
  /** The two values that were compared, as received. */
  readonly values: readonly [string | null, string | null];
  readonly m: number | null;
  readonly u: number | null;
  /** log2(m/u). */
  readonly levelWeight: number;
  /** What the frequency of the value adds to it or takes from it. */
  readonly frequencyWeight: number;
  /** Both together. */
  readonly weight: number;
  readonly frequencyField: FrequencyField | null;
}

export interface ExplainedRelations {
  /** Bits, 0 or less. */
  readonly weight: number;
  /** Strongest first. */
  readonly candidates: readonly {
    readonly name: string;
    readonly label: string;
    /** Probability that the two are such relatives. */
    readonly probability: number;
  }[];
}

export interface ExplainedRule {
  readonly name: string;
  readonly label: string;
  readonly action: "link" | "veto" | "review";
}

export function explainPair(
  a: MatchRecord,
  b: MatchRecord,
  compiled: CompiledModel,
  placeholders: PlaceholderList = builtInPlaceholders,
): PairExplanation {
  const { model, calibration } = compiled;
  const nationalTypes = new Set(model.nationalIdentifierTypes);
  const records: readonly [NormalRecord, NormalRecord] = [
    normaliseRecord(a, nationalTypes, placeholders),
    normaliseRecord(b, nationalTypes, placeholders),
  ];
  const store = encodeRecords(records);
  const traits = describeStore(store);
  const scorer = new PairScorer(store, compiled, lookUpValues(store, calibration), traits);
  scorer.score(0, 1);
  const { comparer, weight } = scorer;
  const { levels, adjustments, facts } = comparer;
  const rules = compileRules(model);
  const fired = isWorthRules(compiled, scorer.evidence, levels, facts) ? rules.evaluate(levels, facts) : 0;
  const isSameSource = a.sourceSystem !== null && a.sourceSystem === b.sourceSystem;
  const judgement = judgePair(compiled, rules, weight, fired, isSameSource);
  const blocking = explainBlocking(new KeyValues(store, traits), model, calibration, 0, 1);
  const firedRules = listRules(rules, fired);
  const line = automaticLine(compiled, isSameSource);
  return {
    ...judgement,
    prior: { weight: compiled.priorWeight, probability: probabilityOfWeight(compiled.priorWeight) },
    comparisons: comparisonKinds.map((kind, k) =>
      explainComparison(
        kind,
        compiled,
        k,
        levels[k]!,
        adjustments[k]!,
        displayValues(kind.name, records, [comparer.firstValues[k]!, comparer.secondValues[k]!]),
      ),
    ),
    relations: explainRelations(compiled, levels, adjustments, weight - scorer.evidence, weight),
    weight,
    probability: probabilityOfWeight(weight),
    thresholds: { ...compiled.thresholds, automatic: line },
    rules: firedRules.map(({ name, label, action }) => ({ name, label, action })),
    stoppedBy: judgement.isAutomatic
      ? []
      : [
          ...firedRules.filter((rule) => rule.action !== "link").map((rule) => rule.name),
          ...(weight < line ? ["weight below the automatic line"] : []),
        ],
    counterfactuals: judgement.isAutomatic
      ? []
      : findCounterfactuals(compiled, rules, levels, adjustments, facts, line),
    blockingRule: blocking.find((each) => each.outcome === "found")?.rule ?? null,
    blocking,
  };
}

function explainComparison(
  kind: ComparisonKind,
  compiled: CompiledModel,
  k: number,
  level: number,
  adjustment: number,
  values: readonly [string | null, string | null],
): ExplainedComparison {
  const { name, label } = kind;
  const found = kind.levels[level];
  if (found === undefined) {
    return {
      name,
      label,
      level: null,
      levelLabel: "not known of both",
      agrees: false,
      values,
      m: null,
      u: null,
      levelWeight: 0,
      frequencyWeight: 0,
      weight: 0,
      frequencyField: null,
    };
  }
  const comparison = compiled.comparisons[k]!;
  const levelWeight = comparison.weights[level]!;
  return {
    name,
    label,
    level: found.name,
    levelLabel: found.label,
    agrees: found.agrees,
    values,
    m: comparison.m[level]!,
    u: comparison.u[level]!,
    levelWeight,
    frequencyWeight: adjustment,
    weight: levelWeight + adjustment,
    frequencyField: comparison.termFrequency[level]! > 0 ? (found.field ?? null) : null,
  };
}

function explainRelations(
  compiled: CompiledModel,
  levels: Int8Array,
  adjustments: Float64Array,
  correction: number,
  weight: number,
): ExplainedRelations {
  const odds = compiled.relations.map((relation) => oddsOfRelation(compiled, relation, levels, adjustments));
  const strangers = 1 + odds.reduce((sum, each) => sum + each, 0);
  const notMatch = 1 - probabilityOfWeight(weight);
  const candidates = compiled.relations
    .map((relation, r) => ({
      name: relation.name,
      label: compiled.model.relations[r]!.label,
      probability: (notMatch * odds[r]!) / strangers,
    }))
    .sort((x, y) => y.probability - x.probability);
  return { weight: correction, candidates };
}
