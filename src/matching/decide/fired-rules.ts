import { factBits } from "../compare/pair-comparer.ts";
import { comparisonIndex, findComparisonKind } from "../model/comparison-kinds.ts";
import type { MatchModel, RuleCondition } from "../model/match-model.ts";

type Test = (levels: Int8Array, facts: number) => boolean;

/** A model has at most so many rules: those that fired are bits of one number. */
export const mostRules = 30;

/** Tells which of a model's deterministic rules a compared pair meets. */
export class FiredRules {
  readonly #tests: readonly Test[];
  readonly #links: number;
  readonly #forbids: number;
  readonly #reviews: number;
  readonly #separates: number;
  readonly #names: readonly string[];

  /** @throws {RangeError} for a model with more than `mostRules` rules. */
  constructor(model: MatchModel) {
    if (model.rules.length > mostRules) throw new RangeError(`a model has at most ${mostRules} rules`);
    this.#tests = model.rules.map((rule) => compile(rule.when));
    const bits = (wanted: (rule: MatchModel["rules"][number]) => boolean) =>
      model.rules.reduce((sum, rule, place) => (wanted(rule) ? sum | (1 << place) : sum), 0);
    this.#links = bits((rule) => rule.action === "link");
    this.#forbids = bits((rule) => rule.action !== "link");
    this.#reviews = bits((rule) => rule.action === "review");
    this.#separates = bits((rule) => rule.separates === true);
    this.#names = model.rules.map((rule) => rule.name);
  }

  /** Bits of the rules that fire, by place in the model. */
  evaluate(levels: Int8Array, facts: number): number {
    let fired = 0;
    for (let place = 0; place < this.#tests.length; place++) {
      if (this.#tests[place]!(levels, facts)) fired |= 1 << place;
    }
    return fired;
  }

  /** A rule links the pair whatever its weight, and none forbids it. */
  links = (fired: number): boolean => (fired & this.#links) !== 0 && !this.forbids(fired);
  /** A rule keeps the pair from being linked automatically. */
  forbids = (fired: number): boolean => (fired & this.#forbids) !== 0;
  /** A rule shows the pair to a person, whatever its weight. */
  asksForReview = (fired: number): boolean => (fired & this.#reviews) !== 0;
  /** The two must not become one person by way of a third record either. */
  separates = (fired: number): boolean => (fired & this.#separates) !== 0;

  namesOf(fired: number): readonly string[] {
    return this.#names.filter((_, place) => (fired & (1 << place)) !== 0);
  }
}

function compile(condition: RuleCondition): Test {
  if ("all" in condition) {
    const tests = condition.all.map(compile);
    return (levels, facts) => tests.every((test) => test(levels, facts));
  }
  if ("any" in condition) {
    const tests = condition.any.map(compile);
    return (levels, facts) => tests.some((test) => test(levels, facts));
  }
  if ("not" in condition) {
    const test = compile(condition.not);
    return (levels, facts) => !test(levels, facts);
  }
  if ("fact" in condition) {
    const bit = factBits[condition.fact];
    return (_, facts) => (facts & bit) !== 0;
  }
  const place = comparisonIndex[condition.comparison];
  const kind = findComparisonKind(condition.comparison)!;
  const wanted = new Set(
    condition.levels.map((name) =>
      name === "unavailable" ? -1 : kind.levels.findIndex((level) => level.name === name),
    ),
  );
  return (levels) => wanted.has(levels[place]!);
}
