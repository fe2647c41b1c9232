import type { CalibratedComparison, CalibratedRelation, Calibration } from "../model/calibration.ts";
import {
  comparisonIndex,
  levelIndex,
  type ComparisonName,
  type FrequencyField,
} from "../model/comparison-kinds.ts";
import { compileModel, type CompiledModel } from "../model/compile-model.ts";
import type { MatchModel } from "../model/match-model.ts";
import { estimateComparisons } from "./estimate-comparisons.ts";
import { estimateRelations } from "./estimate-relations.ts";
import { expectMatches, type Expected } from "./expect-matches.ts";
import type { TrainingCounts } from "./training-counts.ts";

export interface EstimatedParameters {
  readonly probabilityTwoRandomRecordsMatch: number;
  readonly comparisons: readonly CalibratedComparison[];
  readonly frequencies: Calibration["frequencies"];
  readonly relations: readonly CalibratedRelation[];
  readonly rounds: number;
  readonly converged: boolean;
  /** Expected number of true pairs among the candidates. */
  readonly expectedMatches: number;
}

const mostRounds = 60;
/** Of the expected matches, as a share, and of every m. */
const smallestChange = 1e-4;

/**
 * Expectation maximisation over all pairs of the registry, those that no blocking rule finds being taken as no
 * matches. In each round every pattern gets its match probability from the figures so far, relations included; then
 * m, u, the relations, and the share of matches among all pairs are taken from what was expected.
 */
export function estimateParameters(
  model: MatchModel,
  start: Calibration,
  counts: TrainingCounts,
): EstimatedParameters {
  const initial = compileModel(model, start);
  let compiled = initial;
  let matches = 0;
  for (let round = 1; ; round++) {
    const expected = expectMatches(compiled, initial, counts.patterns);
    const next = compileModel(model, maximise(compiled, start, expected, counts));
    const change = largestChange(compiled, next, matches, expected.matches);
    compiled = next;
    matches = expected.matches;
    if (change >= smallestChange && round < mostRounds) continue;
    const { probabilityTwoRandomRecordsMatch, comparisons, frequencies, relations } = compiled.calibration;
    return {
      probabilityTwoRandomRecordsMatch,
      comparisons,
      frequencies,
      relations,
      rounds: round,
      converged: change < smallestChange,
      expectedMatches: matches,
    };
  }
}

function maximise(
  compiled: CompiledModel,
  start: Calibration,
  expected: Expected,
  counts: TrainingCounts,
): Calibration {
  const frequencies = withoutMatches(start, expected);
  return {
    ...start,
    frequencies,
    probabilityTwoRandomRecordsMatch: estimateLambda(start, expected.matches, counts.allPairs),
    comparisons: estimateComparisons(compiled, frequencies, expected, counts),
    relations: estimateRelations(compiled, expected, counts.allPairs),
  };
}

/** Half a pair of prior, so that a registry without duplicates does not end at 0. */
function estimateLambda(start: Calibration, matches: number, allPairs: number): number {
  const prior = start.probabilityTwoRandomRecordsMatch;
  return Math.min(0.5, (matches + 0.5) / (allPairs + 0.5 / prior));
}

/** Fields of which agreement by chance is counted value by value, and the level that says "the same". */
const countedFields = [
  ["family-name", "family-name"],
  ["given-name", "given-name"],
  ["birth-date", "birth-date"],
] as const satisfies readonly (readonly [FrequencyField, ComparisonName])[];

/** P(two different persons carry the same value): agreeing pairs without the matches among them. */
function withoutMatches(start: Calibration, expected: Expected): Calibration["frequencies"] {
  const frequencies = { ...start.frequencies };
  for (const [field, comparison] of countedFields) {
    const table = start.frequencies[field];
    const pairs = (table.records * (table.records - 1)) / 2;
    if (pairs === 0) continue;
    const matches = expected.levels[comparisonIndex[comparison]]![levelIndex(comparison, "exact")]!;
    const strangers = Math.max(table.collision * pairs - matches, 0.1 * table.collision * pairs);
    frequencies[field] = { ...table, collision: strangers / pairs };
  }
  return frequencies;
}

function largestChange(a: CompiledModel, b: CompiledModel, matchesA: number, matchesB: number): number {
  let change = Math.abs(matchesA - matchesB) / Math.max(1, matchesB);
  for (const [k, comparison] of a.comparisons.entries()) {
    for (let level = 0; level < comparison.m.length; level++) {
      change = Math.max(change, Math.abs(comparison.m[level]! - b.comparisons[k]!.m[level]!));
    }
  }
  return change;
}
