import type { CalibratedComparison, Calibration } from "../model/calibration.ts";
import {
  comparisonIndex,
  comparisonKinds,
  levelIndex,
  unrecordedLevels,
  type ComparisonKind,
  type ComparisonName,
} from "../model/comparison-kinds.ts";
import type { CompiledModel } from "../model/compile-model.ts";
import type { Expected } from "./expect-matches.ts";
import type { TrainingCounts } from "./training-counts.ts";

/** The model's own m weighs like so many matches, so that a small registry cannot run away with it. */
const priorMatches = 20;

/** Fewer expected matches with both values present teach nothing: m is in fact the model's own. */
const fewestMatches = 5;

/**
 * The maximisation step for the comparisons: m is the share of each level among expected matches, or among those that
 * people decided, with the model's m as a Dirichlet prior; u its share among strangers.
 */
export function estimateComparisons(
  compiled: CompiledModel,
  frequencies: Calibration["frequencies"],
  expected: Expected,
  counts: TrainingCounts,
): CalibratedComparison[] {
  return comparisonKinds.flatMap(({ name }, k) =>
    compiled.comparisons[k]!.isUsed
      ? [estimateComparison(name, compiled, frequencies, expected, counts)]
      : [],
  );
}

function estimateComparison(
  name: ComparisonName,
  compiled: CompiledModel,
  frequencies: Calibration["frequencies"],
  expected: Expected,
  counts: TrainingCounts,
): CalibratedComparison {
  const k = comparisonIndex[name];
  const kind = comparisonKinds[k]!;
  const own = compiled.model.comparisons.find((each) => each.name === name)!;
  const matches = matchesOf(k, expected, counts);
  const unrecorded = unrecordedLevels[k]!;
  const recorded = matches.reduce((sum, each, at) => (at === unrecorded ? sum : sum + each), 0);
  const learned = recorded >= fewestMatches;
  // Of what a registry does not record at all, "never seen" says nothing.
  if (!learned && unrecorded >= 0) {
    return {
      name,
      learned,
      levels: own.levels.map((level) => ({ name: level.name, m: level.m, u: level.u })),
    };
  }
  const groupOf = (level: string): string => kind.levels[levelIndex(name, level)]!.group;
  const levels = own.levels.map((level) => {
    const group = own.levels
      .filter((each) => groupOf(each.name) === groupOf(level.name))
      .map((each) => levelIndex(name, each.name));
    const index = levelIndex(name, level.name);
    const groupMatches = group.reduce((sum, at) => sum + matches[at]!, 0);
    return {
      name: level.name,
      m: (matches[index]! + priorMatches * level.m) / (groupMatches + priorMatches),
      u: findCountedU(name, level.name, frequencies) ?? estimateU(level.u, index, group, counts, expected, k),
    };
  });
  return { name, learned, levels };
}

/** What people decided goes before what is expected, where they decided enough to tell. */
function matchesOf(k: number, expected: Expected, { decidedLevels }: TrainingCounts): Float64Array {
  const decided = decidedLevels?.[k];
  return decided !== undefined && decided.reduce((sum, each) => sum + each, 0) >= fewestMatches
    ? decided
    : expected.levels[k]!;
}

/** u that is known without a sample: of the same value, from its counts; of the order of names, by definition. */
function findCountedU(
  comparison: ComparisonName,
  name: string,
  frequencies: Calibration["frequencies"],
): number | undefined {
  if (comparison === "name-order") return 1;
  if (name !== "exact") return undefined;
  const kind = comparisonKinds[comparisonIndex[comparison]] as ComparisonKind;
  const field = kind.levels.find((each) => each.name === name)?.field;
  return field === undefined || field === "street" ? undefined : frequencies[field].collision;
}

/**
 * Share of the level among pairs picked at random, less the matches and relatives among them. The model's own u
 * weighs like one observation: a level never seen keeps it where it is rarer than the sample could show.
 */
function estimateU(
  own: number,
  index: number,
  group: readonly number[],
  counts: TrainingCounts,
  expected: Expected,
  k: number,
): number {
  const sampled = counts.allPairs === 0 ? 0 : counts.randomPairs / counts.allPairs;
  const random = counts.randomLevels[k]!;
  const strangers = (at: number): number => {
    const related = expected.relativeLevels.reduce((sum, each) => sum + each[k]![at]!, 0);
    return Math.max(0, random[at]! - (expected.levels[k]![at]! + related) * sampled);
  };
  const seen = group.reduce((sum, at) => sum + strangers(at), 0);
  return (strangers(index) + 1) / (seen + 1 / own);
}
