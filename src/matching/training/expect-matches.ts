import { comparisonKinds } from "../model/comparison-kinds.ts";
import { probabilityOfWeight, type CompiledModel } from "../model/compile-model.ts";
import { averageRelationWeight } from "../score/pair-scorer.ts";
import type { AgreementPatterns } from "./agreement-patterns.ts";

/** What the patterns hold by the figures so far. */
export interface Expected {
  readonly matches: number;
  /** By comparison and level: expected matches. */
  readonly levels: readonly Float64Array[];
  /** By relation of the model: expected pairs of such relatives. */
  readonly relatives: Float64Array;
  /** By relation, comparison and level: expected pairs of such relatives. */
  readonly relativeLevels: readonly (readonly Float64Array[])[];
}

/**
 * The expectation step: gives every pattern its probability of being a match, or one of the relations, and adds up.
 *
 * @param initial the figures that the patterns' adjustments were taken with.
 */
export function expectMatches(
  compiled: CompiledModel,
  initial: CompiledModel,
  patterns: AgreementPatterns,
): Expected {
  const { relations } = compiled;
  const levelsOf = (): Float64Array[] => comparisonKinds.map((kind) => new Float64Array(kind.levels.length));
  const expected = levelsOf();
  const relativeLevels = relations.map(levelsOf);
  const relatives = new Float64Array(relations.length);
  const odds = new Float64Array(relations.length);
  const moved = movedAverages(compiled, initial);
  let matches = 0;
  for (let pattern = 0; pattern < patterns.size; pattern++) {
    const levels = patterns.levelsOf(pattern);
    const count = patterns.countOf(pattern);
    let others = 1;
    for (let r = 0; r < relations.length; r++) {
      odds[r] =
        2 ** (averageRelationWeight(relations[r]!, levels) + patterns.relationAdjustmentOf(pattern, r));
      others += odds[r]!;
    }
    const weight =
      compiled.priorWeight + patterns.adjustmentOf(pattern) + sumWeights(compiled, moved, levels);
    const probability = probabilityOfWeight(weight - Math.log2(others));
    matches += probability * count;
    addLevels(expected, levels, probability * count);
    const notMatch = (1 - probability) * count;
    for (let r = 0; r < relations.length; r++) {
      const related = (notMatch * odds[r]!) / others;
      // What is next to nothing costs as much to add up as the rest.
      if (related < 1e-6) continue;
      relatives[r]! += related;
      addLevels(relativeLevels[r]!, levels, related);
    }
  }
  return { matches, relatives, levels: expected, relativeLevels };
}

function addLevels(sums: readonly Float64Array[], levels: Int8Array, share: number): void {
  for (let k = 0; k < levels.length; k++) {
    const level = levels[k]!;
    if (level >= 0) sums[k]![level]! += share;
  }
}

/** Adjustments were taken against the average frequencies of the start, and those move with u. */
function movedAverages(compiled: CompiledModel, initial: CompiledModel): readonly Float64Array[] {
  return compiled.comparisons.map((comparison, k) =>
    comparison.averageFrequency.map(
      (average, level) =>
        comparison.termFrequency[level]! * (average - initial.comparisons[k]!.averageFrequency[level]!),
    ),
  );
}

function sumWeights(compiled: CompiledModel, moved: readonly Float64Array[], levels: Int8Array): number {
  let weight = 0;
  for (let k = 0; k < levels.length; k++) {
    const level = levels[k]!;
    if (level >= 0) weight += compiled.comparisons[k]!.weights[level]! + moved[k]![level]!;
  }
  return weight;
}
