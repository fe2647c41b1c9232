import { comparisonKinds, unrecordedLevels } from "../model/comparison-kinds.ts";
import { probabilityOfWeight, type CompiledModel, type CompiledRelation } from "../model/compile-model.ts";
import { cellCount, firstCells, type AgreementPatterns } from "./agreement-patterns.ts";

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

/** What is next to nothing costs as much to add up as the rest. */
const leastRelated = 1e-6;

/**
 * The expectation step: gives every pattern its probability of being a match, or one of the relations, and adds up.
 * Rounds are many and patterns are, so what a level weighs is looked up by its cell.
 *
 * @param initial the figures that the patterns' adjustments were taken with.
 */
export function expectMatches(
  compiled: CompiledModel,
  initial: CompiledModel,
  patterns: AgreementPatterns,
): Expected {
  const { relations } = compiled;
  const width = comparisonKinds.length;
  const { cells } = patterns;
  const weights = listWeights(compiled, initial);
  const relationWeights = relations.map(listRelationWeights);
  const matching = new Float64Array(cellCount);
  const related = relations.map(() => new Float64Array(cellCount));
  const relatives = new Float64Array(relations.length);
  const odds = new Float64Array(relations.length);
  let matches = 0;
  for (let pattern = 0; pattern < patterns.size; pattern++) {
    const from = pattern * width;
    const count = patterns.countOf(pattern);
    let others = 1;
    for (let r = 0; r < relations.length; r++) {
      const own = sumCells(relationWeights[r]!, cells, from, relations[r]!.priorWeight);
      odds[r] = 2 ** (own + patterns.relationAdjustmentOf(pattern, r));
      others += odds[r]!;
    }
    const evidence = sumCells(weights, cells, from, compiled.priorWeight + patterns.adjustmentOf(pattern));
    const probability = probabilityOfWeight(evidence - Math.log2(others));
    matches += probability * count;
    addToCells(matching, cells, from, probability * count);
    const notMatch = (1 - probability) * count;
    for (let r = 0; r < relations.length; r++) {
      const share = (notMatch * odds[r]!) / others;
      if (share < leastRelated) continue;
      relatives[r]! += share;
      addToCells(related[r]!, cells, from, share);
    }
  }
  return {
    matches,
    relatives,
    levels: splitCells(matching, matches),
    relativeLevels: related.map((sums, r) => splitCells(sums, relatives[r]!)),
  };
}

function sumCells(values: Float64Array, cells: Int16Array, from: number, start: number): number {
  let sum = start;
  for (let k = 0; k < comparisonKinds.length; k++) sum += values[cells[from + k]!]!;
  return sum;
}

function addToCells(sums: Float64Array, cells: Int16Array, from: number, share: number): void {
  for (let k = 0; k < comparisonKinds.length; k++) sums[cells[from + k]!]! += share;
}

/** By comparison and level; what could not be compared is left out, or counts at the level for it. */
function splitCells(sums: Float64Array, pairs: number): readonly Float64Array[] {
  return comparisonKinds.map((kind, k) => {
    const levels = sums.slice(firstCells[k], firstCells[k]! + kind.levels.length);
    const unrecorded = unrecordedLevels[k]!;
    if (unrecorded >= 0) levels[unrecorded]! += pairs - levels.reduce((sum, each) => sum + each, 0);
    return levels;
  });
}

/** Adjustments were taken against the average frequencies of the start, and those move with u. */
function listWeights(compiled: CompiledModel, initial: CompiledModel): Float64Array {
  const values = new Float64Array(cellCount);
  for (const [k, { weights, termFrequency, averageFrequency }] of compiled.comparisons.entries()) {
    const averageAtStart = initial.comparisons[k]!.averageFrequency;
    for (let level = 0; level < weights.length; level++) {
      const moved = termFrequency[level]! * (averageFrequency[level]! - averageAtStart[level]!);
      values[firstCells[k]! + level] = weights[level]! + moved;
    }
  }
  return values;
}

/** Values are taken to be of average frequency. */
function listRelationWeights({ share, ratios }: CompiledRelation): Float64Array {
  const values = new Float64Array(cellCount);
  for (const [k, ratio] of ratios.entries()) {
    if (share[k] !== 0) values.set(ratio, firstCells[k]);
  }
  return values;
}
