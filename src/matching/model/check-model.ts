import { findComparisonKind, type ComparisonKind } from "./comparison-kinds.ts";
import type { ComparisonModel, MatchModel, RelationModel, RuleCondition } from "./match-model.ts";

/** Something in a model that makes no sense, and where it stands. */
export interface ModelProblem {
  readonly path: readonly (string | number)[];
  readonly reason: string;
}

/** Written figures are rounded. */
const rounding = 0.001;

/** What a model of the right shape may still have wrong. Empty where it can be used. */
export function checkModel(model: MatchModel): readonly ModelProblem[] {
  return [
    ...checkNames(model),
    ...model.comparisons.flatMap((comparison, at) => checkComparison(comparison, ["comparisons", at])),
    ...model.relations.flatMap((relation, at) => checkRelation(relation, ["relations", at])),
    ...model.blocking.flatMap(({ on, refine }, at) => [
      ...repeatedIn(on, ["blocking", at, "on"]),
      ...(refine ?? []).flatMap((part, place) =>
        on.includes(part)
          ? [
              {
                path: ["blocking", at, "refine", place],
                reason: `splits nothing: "${part}" is in "on" already`,
              },
            ]
          : [],
      ),
    ]),
    ...model.rules.flatMap((rule, at) => [
      ...(rule.action === "link" && rule.separates === true
        ? [{ path: ["rules", at, "separates"], reason: "cannot be true of a rule that links" }]
        : []),
      ...checkCondition(rule.when, model, ["rules", at, "when"]),
    ]),
    ...checkThresholds(model),
  ];
}

function checkNames(model: MatchModel): readonly ModelProblem[] {
  return (["comparisons", "relations", "blocking", "rules"] as const).flatMap((list) =>
    repeatedIn(
      model[list].map((each) => each.name),
      [list],
      ["name"],
    ),
  );
}

function repeatedIn(
  values: readonly string[],
  path: readonly (string | number)[],
  below: readonly string[] = [],
): readonly ModelProblem[] {
  return values.flatMap((value, at) =>
    values.indexOf(value) < at
      ? [{ path: [...path, at, ...below], reason: `"${value}" is there for the second time` }]
      : [],
  );
}

function checkComparison(
  { name, levels }: ComparisonModel,
  path: readonly (string | number)[],
): readonly ModelProblem[] {
  const kind = findComparisonKind(name);
  if (kind === undefined) return [{ path: [...path, "name"], reason: `"${name}" is not known` }];
  const places = levels.map((level) => kind.levels.findIndex((each) => each.name === level.name));
  return [
    ...levels.flatMap((level, at): readonly ModelProblem[] => {
      const place = places[at]!;
      const own = [...path, "levels", at];
      if (place < 0) return [{ path: [...own, "name"], reason: `"${level.name}" is no level of ${name}` }];
      const before = Math.max(-1, ...places.slice(0, at));
      if (place === before || places.slice(0, at).includes(place)) {
        return [{ path: [...own, "name"], reason: `"${level.name}" is there for the second time` }];
      }
      if (place < before) {
        return [
          {
            path: [...own, "name"],
            reason: `"${level.name}" comes before "${kind.levels[before]!.name}": levels are tried in their order`,
          },
        ];
      }
      return level.termFrequency !== undefined &&
        level.termFrequency > 0 &&
        kind.levels[place]!.field === undefined
        ? [{ path: [...own, "termFrequency"], reason: `no values are counted for "${level.name}"` }]
        : [];
    }),
    ...checkSums(kind, levels, path),
  ];
}

/** The levels of a group exclude each other: together they are certain, or less where the last is left out. */
function checkSums(
  kind: ComparisonKind,
  levels: ComparisonModel["levels"],
  path: readonly (string | number)[],
): readonly ModelProblem[] {
  const groups = [...new Set(kind.levels.map((level) => level.group))];
  return groups.flatMap((group) => {
    const members = kind.levels.filter((level) => level.group === group).map((level) => level.name);
    const own = levels.filter((level) => members.includes(level.name));
    const isWhole = own.some((level) => level.name === members.at(-1));
    const first = levels.findIndex((level) => members.includes(level.name));
    // Swapped names agree both ways round, so both orders are sure of what they say among strangers.
    const figures = kind.name === "name-order" ? (["m"] as const) : (["m", "u"] as const);
    return figures.flatMap((figure) => {
      const sum = own.reduce((total, level) => total + level[figure], 0);
      const isRight = sum <= 1 + rounding && (!isWhole || sum >= 1 - rounding);
      if (own.length === 0 || isRight) return [];
      return [
        {
          path: [...path, "levels", first, figure],
          reason: `${figure} of ${own.map((level) => `"${level.name}"`).join(", ")} must add up to 1, not ${Number(sum.toFixed(4))}`,
        },
      ];
    });
  });
}

function checkRelation(relation: RelationModel, path: readonly (string | number)[]): readonly ModelProblem[] {
  return Object.entries(relation.comparisons).flatMap(([name, agreement]) => {
    if (typeof agreement === "number") return [];
    const kind = findComparisonKind(name);
    const own = [...path, "comparisons", name];
    if (kind === undefined) return [{ path: own, reason: "is not known" }];
    const unknown = Object.keys(agreement).flatMap((level) =>
      kind.levels.some((each) => each.name === level)
        ? []
        : [{ path: [...own, level], reason: `"${level}" is no level of ${name}` }],
    );
    const groups = new Map<string, number>();
    for (const level of kind.levels) {
      groups.set(level.group, (groups.get(level.group) ?? 0) + (agreement[level.name] ?? 0));
    }
    const tooMuch = Math.max(...groups.values());
    return [
      ...unknown,
      ...(tooMuch > 1 + rounding
        ? [
            {
              path: own,
              reason: `probabilities of levels that exclude each other add up to ${Number(tooMuch.toFixed(4))}`,
            },
          ]
        : []),
    ];
  });
}

function checkCondition(
  condition: RuleCondition,
  model: MatchModel,
  path: readonly (string | number)[],
): readonly ModelProblem[] {
  if ("all" in condition) {
    return condition.all.flatMap((each, at) => checkCondition(each, model, [...path, "all", at]));
  }
  if ("any" in condition) {
    return condition.any.flatMap((each, at) => checkCondition(each, model, [...path, "any", at]));
  }
  if ("not" in condition) return checkCondition(condition.not, model, [...path, "not"]);
  if ("fact" in condition) return [];
  const { comparison, levels } = condition;
  const kind = findComparisonKind(comparison);
  const used = model.comparisons.find((each) => each.name === comparison);
  if (kind === undefined || used === undefined) {
    return [{ path: [...path, "comparison"], reason: `"${comparison}" is not compared by this model` }];
  }
  return levels.flatMap((level, at) => {
    if (level === "unavailable" || used.levels.some((each) => each.name === level)) return [];
    const reason = kind.levels.some((each) => each.name === level)
      ? `this model leaves out the level "${level}" of ${comparison}`
      : `"${level}" is no level of ${comparison}`;
    return [{ path: [...path, "levels", at], reason }];
  });
}

function checkThresholds({ thresholds }: MatchModel): readonly ModelProblem[] {
  const { possible, review, automatic } = thresholds;
  return [
    ...(review < possible
      ? [{ path: ["thresholds", "review"], reason: `is below "possible": lines must not descend` }]
      : []),
    ...(automatic < review
      ? [{ path: ["thresholds", "automatic"], reason: `is below "review": lines must not descend` }]
      : []),
  ];
}
