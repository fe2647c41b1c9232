import { factBits } from "../compare/pair-comparer.ts";
import { comparisonIndex, levelIndex } from "../model/comparison-kinds.ts";
import type { DeterministicRule, MatchModel, RuleCondition } from "../model/match-model.ts";

/** The rules of a model, ready to be asked about many pairs. Rule r is bit r of every answer. */
export interface RuleSet {
  readonly rules: readonly DeterministicRule[];
  /** Bits of the rules that link, of those that forbid an automatic link, and so on. */
  readonly link: number;
  readonly review: number;
  /** Rules that veto or review: either forbids an automatic link. */
  readonly forbid: number;
  readonly separate: number;
  /** Bits of the rules that fire. */
  readonly evaluate: (levels: Int8Array, facts: number) => number;
}

type Test = (levels: Int8Array, facts: number) => boolean;

/** More than this would not fit the bits of an answer. */
export const mostRules = 30;

/** @param model at most 30 rules; parseModel sees to it. */
export function compileRules(model: MatchModel): RuleSet {
  const { rules } = model;
  const tests = rules.map((rule) => compileCondition(rule.when));
  const bitsOf = (matches: (rule: DeterministicRule) => boolean): number =>
    rules.reduce((bits, rule, r) => (matches(rule) ? bits | (1 << r) : bits), 0);
  return {
    rules,
    link: bitsOf((rule) => rule.action === "link"),
    review: bitsOf((rule) => rule.action === "review"),
    forbid: bitsOf((rule) => rule.action !== "link"),
    separate: bitsOf((rule) => rule.separates === true),
    evaluate: (levels, facts) => {
      let fired = 0;
      for (let r = 0; r < tests.length; r++) {
        if (tests[r]!(levels, facts)) fired |= 1 << r;
      }
      return fired;
    },
  };
}

/** The rules whose bits are set, in the model's order. */
export function listRules({ rules }: RuleSet, bits: number): readonly DeterministicRule[] {
  return rules.filter((_, r) => (bits & (1 << r)) !== 0);
}

function compileCondition(condition: RuleCondition): Test {
  if ("all" in condition) {
    const tests = condition.all.map(compileCondition);
    return (levels, facts) => tests.every((test) => test(levels, facts));
  }
  if ("any" in condition) {
    const tests = condition.any.map(compileCondition);
    return (levels, facts) => tests.some((test) => test(levels, facts));
  }
  if ("not" in condition) {
    const test = compileCondition(condition.not);
    return (levels, facts) => !test(levels, facts);
  }
  if ("fact" in condition) {
    const bit = factBits[condition.fact];
    return (_, facts) => (facts & bit) !== 0;
  }
  const { comparison } = condition;
  const index = comparisonIndex[comparison];
  // Shifted by one, so that "unavailable" (-1) has a bit too.
  const mask = condition.levels.reduce(
    (bits, name) => bits | (1 << ((name === "unavailable" ? -1 : levelIndex(comparison, name)) + 1)),
    0,
  );
  return (levels) => ((mask >> (levels[index]! + 1)) & 1) === 1;
}
