import { describe, expect, it } from "vitest";
import { factBits } from "../../../src/matching/compare/pair-comparer.ts";
import { defaultCalibration } from "../../../src/matching/model/calibration.ts";
import {
  comparisonIndex,
  comparisonKinds,
  levelIndex,
  type ComparisonName,
} from "../../../src/matching/model/comparison-kinds.ts";
import { compileModel } from "../../../src/matching/model/compile-model.ts";
import { defaultModel } from "../../../src/matching/model/default-model.ts";
import {
  pairFacts,
  type DeterministicRule,
  type MatchModel,
  type RuleCondition,
} from "../../../src/matching/model/match-model.ts";
import { automaticLine, judgePair } from "../../../src/matching/score/judge-pair.ts";
import { compileRules, listRules, mostRules } from "../../../src/matching/score/rules.ts";
import { fc } from "../../support/properties.ts";

const withRules = (rules: readonly DeterministicRule[]): MatchModel => ({ ...defaultModel, rules });
const rule = (
  name: string,
  when: RuleCondition,
  action: DeterministicRule["action"] = "veto",
): DeterministicRule => ({ name, label: name, action, when });

/** What a condition means, read from its definition. */
function holds(condition: RuleCondition, levels: Int8Array, facts: number): boolean {
  if ("all" in condition) return condition.all.every((each) => holds(each, levels, facts));
  if ("any" in condition) return condition.any.some((each) => holds(each, levels, facts));
  if ("not" in condition) return !holds(condition.not, levels, facts);
  if ("fact" in condition) return (facts & factBits[condition.fact]) !== 0;
  const level = levels[comparisonIndex[condition.comparison]]!;
  const name =
    level < 0 ? "unavailable" : comparisonKinds[comparisonIndex[condition.comparison]]!.levels[level]!.name;
  return condition.levels.includes(name);
}

const { condition: conditions } = fc.letrec<{ condition: RuleCondition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(...pairFacts).map((fact) => ({ fact })),
    fc
      .constantFrom(...comparisonKinds)
      .chain((kind) =>
        fc
          .subarray(["unavailable", ...kind.levels.map((level) => level.name)], { minLength: 1 })
          .map((levels) => ({ comparison: kind.name, levels })),
      ),
    fc.array(tie("condition"), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie("condition"), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie("condition").map((not) => ({ not })),
  ),
}));
const pairLevels = fc
  .tuple(...comparisonKinds.map((kind) => fc.integer({ min: -1, max: kind.levels.length - 1 })))
  .map((levels) => Int8Array.from(levels));
const pairFactsBits = fc.integer({ min: 0, max: 2 ** pairFacts.length - 1 });

describe("rules", () => {
  it("fire where their condition holds, for every condition that can be written", () => {
    fc.assert(
      fc.property(
        fc.array(conditions, { minLength: 1, maxLength: mostRules }),
        pairLevels,
        pairFactsBits,
        (whens, levels, facts) => {
          const rules = compileRules(withRules(whens.map((when, at) => rule(`rule ${at}`, when))));
          const fired = listRules(rules, rules.evaluate(levels, facts)).map((each) => each.name);
          expect(fired).toEqual(
            whens.flatMap((when, at) => (holds(when, levels, facts) ? [`rule ${at}`] : [])),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("know the last of thirty from the first", () => {
    const rules = compileRules(
      withRules(
        Array.from({ length: mostRules }, (_, at) =>
          rule(`rule ${at}`, { fact: pairFacts[at === mostRules - 1 ? 0 : 1] }),
        ),
      ),
    );
    const levels = new Int8Array(comparisonKinds.length).fill(-1);
    expect(listRules(rules, rules.evaluate(levels, factBits[pairFacts[0]])).map((each) => each.name)).toEqual(
      [`rule ${mostRules - 1}`],
    );
  });
});

describe("the judgement of a pair", () => {
  const model = withRules([
    rule("links", { fact: "authoritative-identifier-agrees" }, "link"),
    rule("forbids", { fact: "birth-orders-differ" }, "veto"),
    rule("asks", { fact: "a-generation-apart" }, "review"),
  ]);
  const compiled = compileModel(model, defaultCalibration(model, 1000, "1"));
  const rules = compileRules(model);
  const { possible, review, automatic } = compiled.thresholds;
  const judge = (weight: number, fired: number, isSameSource = false) =>
    judgePair(compiled, rules, weight, fired, isSameSource);
  const [links, forbids, asks] = [1, 2, 4];

  it.each([
    ["below all lines", possible - 0.1, "certainly-not", false, false],
    ["at the lowest line", possible, "possible", false, false],
    ["at the review line", review, "probable", true, false],
    ["at the automatic line", automatic, "certain", true, true],
  ] as const)("follows the lines: %s", (_, weight, grade, isAboveReviewLine, isAutomatic) => {
    expect(judge(weight, 0)).toEqual({ grade, isAboveReviewLine, isAutomatic });
  });

  it("is never automatic where a rule forbids or asks, whatever the weight and whatever else fires", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -50, max: 200, noNaN: true }),
        fc.integer({ min: 0, max: 7 }),
        fc.boolean(),
        (weight, fired, isSameSource) => {
          const judged = judge(weight, fired, isSameSource);
          if ((fired & (forbids | asks)) !== 0) expect(judged).toMatchObject({ isAutomatic: false });
          else if ((fired & links) !== 0)
            expect(judged).toMatchObject({ isAutomatic: true, grade: "certain" });
          if ((fired & asks) !== 0) expect(judged.isAboveReviewLine).toBe(true);
          if (judged.isAutomatic) expect(judged).toMatchObject({ grade: "certain", isAboveReviewLine: true });
          if (judged.grade === "certain") expect((fired & forbids) === 0).toBe(true);
        },
      ),
    );
  });

  it("rises with the weight, and never falls", () => {
    const order = ["certainly-not", "possible", "probable", "certain"];
    const weight = fc.double({ min: -30, max: 60, noNaN: true });
    fc.assert(
      fc.property(
        weight,
        weight,
        fc.integer({ min: 0, max: 7 }),
        fc.boolean(),
        (one, other, fired, isSameSource) => {
          const [low, high] = [
            judge(Math.min(one, other), fired, isSameSource),
            judge(Math.max(one, other), fired, isSameSource),
          ];
          expect(order.indexOf(high.grade)).toBeGreaterThanOrEqual(order.indexOf(low.grade));
          expect(Number(high.isAutomatic)).toBeGreaterThanOrEqual(Number(low.isAutomatic));
          expect(Number(high.isAboveReviewLine)).toBeGreaterThanOrEqual(Number(low.isAboveReviewLine));
        },
      ),
    );
  });

  it("asks for more inside one source", () => {
    expect(automaticLine(compiled, true)).toBe(
      automaticLine(compiled, false) + model.thresholds.sameSourceMargin,
    );
    expect(judge(automatic, 0, true).isAutomatic).toBe(false);
    expect(judge(automatic + model.thresholds.sameSourceMargin, 0, true).isAutomatic).toBe(true);
  });
});

describe("levels that a model leaves out", () => {
  const compiled = compileModel(defaultModel, defaultCalibration(defaultModel, 1000, "1"));
  const levelOf = (comparison: ComparisonName, level: string) => {
    const { levelInModel, kind } = compiled.comparisons[comparisonIndex[comparison]]!;
    return kind.levels[levelInModel[levelIndex(comparison, level)]!]?.name;
  };

  it("fall to the next one below in their group", () => {
    expect(levelOf("family-name", "close")).toBe("phonetic");
    expect(levelOf("birth-date", "year-off-by-one-or-ten")).toBe("same-month-and-day");
    expect(levelOf("family-name", "exact")).toBe("exact");
  });

  it("never fall into another group", () => {
    for (const comparison of compiled.comparisons) {
      for (const [at, level] of comparison.kind.levels.entries()) {
        const stands = comparison.kind.levels[comparison.levelInModel[at]!];
        if (stands !== undefined) expect(stands.group).toBe(level.group);
      }
    }
  });
});
