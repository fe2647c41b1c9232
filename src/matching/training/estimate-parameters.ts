import type { CalibratedComparison, CalibratedRelation, Calibration } from "../model/calibration.ts";
import {
  comparisonIndex,
  comparisonKinds,
  levelIndex,
  type ComparisonKind,
  type ComparisonName,
  type FrequencyField,
} from "../model/comparison-kinds.ts";
import { compileModel, probabilityOfWeight, type CompiledModel } from "../model/compile-model.ts";
import type { MatchModel } from "../model/match-model.ts";
import { averageRelationWeight } from "../score/pair-scorer.ts";
import type { AgreementPatterns } from "./agreement-patterns.ts";

/** What the data shows, as counts. */
export interface TrainingCounts {
  /** Patterns of the candidate pairs of all blocking rules. */
  readonly patterns: AgreementPatterns;
  /** By comparison and level: pairs among those picked at random. */
  readonly randomLevels: readonly Float64Array[];
  readonly randomPairs: number;
  /** n(n-1)/2. */
  readonly allPairs: number;
}

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
const smallestChange = 1e-4;

/** The model's own m weighs like so many matches, so that a small registry cannot run away with it. */
const priorMatches = 20;

const relationPrior = 1;

/** Fewer expected matches with both values present teach nothing: the model's own m is kept. */
const fewestMatches = 5;

/**
 * Expectation maximisation over all pairs of the registry, those that no blocking rule finds being taken as no
 * matches. In each round every pattern gets its match probability from the figures so far, relations included;
 * then m is the share of each level among expected matches (with the model's m as a Dirichlet prior), u its share
 * among the others, and lambda the share of expected matches among all pairs.
 */
export function estimateParameters(
  model: MatchModel,
  start: Calibration,
  counts: TrainingCounts,
): EstimatedParameters {
  const initial = compileModel(model, start);
  let compiled = initial;
  let current = start;
  let matches = 0;
  let learned: readonly boolean[] = [];
  for (let round = 1; ; round++) {
    const expected = expectMatches(compiled, initial, counts.patterns);
    const next: Calibration = {
      ...current,
      frequencies: withoutMatches(start, expected),
      relations: estimateRelations(model, expected, counts.allPairs),
      probabilityTwoRandomRecordsMatch: estimateLambda(start, expected.matches, counts.allPairs),
      comparisons: comparisonKinds.flatMap((_, k) =>
        estimateComparison(compiled, withoutMatches(start, expected), expected, counts, k),
      ),
    };
    const change = largestChange(compiled, compileModel(model, next), matches, expected.matches);
    current = next;
    compiled = compileModel(model, current);
    matches = expected.matches;
    learned = next.comparisons.map((each) => each.learned);
    if (change < smallestChange || round === mostRounds) {
      return {
        probabilityTwoRandomRecordsMatch: current.probabilityTwoRandomRecordsMatch,
        comparisons: current.comparisons.map((each, k) => ({ ...each, learned: learned[k] ?? false })),
        frequencies: current.frequencies,
        relations: current.relations,
        rounds: round,
        converged: change < smallestChange,
        expectedMatches: matches,
      };
    }
  }
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

interface Expected {
  readonly matches: number;
  /** By relation of the model: expected pairs of such relatives. */
  readonly relatives: Float64Array;
  /** By comparison and level: expected matches. */
  readonly levels: readonly Float64Array[];
  /** By comparison and level: expected pairs of relatives of any kind. */
  readonly relativeLevels: readonly Float64Array[];
}

function expectMatches(
  compiled: CompiledModel,
  initial: CompiledModel,
  patterns: AgreementPatterns,
): Expected {
  const expected = comparisonKinds.map((kind) => new Float64Array(kind.levels.length));
  const relativeLevels = comparisonKinds.map((kind) => new Float64Array(kind.levels.length));
  const relatives = new Float64Array(compiled.relations.length);
  const odds = new Float64Array(compiled.relations.length);
  let matches = 0;
  for (let pattern = 0; pattern < patterns.size; pattern++) {
    const levels = patterns.levelsOf(pattern);
    const count = patterns.countOf(pattern);
    const weight = patternWeight(compiled, initial, levels, patterns.adjustmentOf(pattern));
    let others = 1;
    for (const [r, relation] of compiled.relations.entries()) {
      odds[r] = 2 ** averageRelationWeight(relation, levels);
      others += odds[r];
    }
    const probability = probabilityOfWeight(weight - Math.log2(others));
    const share = probability * count;
    for (let r = 0; r < relatives.length; r++)
      relatives[r]! += ((1 - probability) * count * odds[r]!) / others;
    const related = ((1 - probability) * count * (others - 1)) / others;
    matches += share;
    for (let k = 0; k < levels.length; k++) {
      const level = levels[k]!;
      if (level < 0) continue;
      expected[k]![level]! += share;
      relativeLevels[k]![level]! += related;
    }
  }
  return { matches, relatives, levels: expected, relativeLevels };
}

/** The adjustment was taken against the average frequencies of the start; they move with u. */
function patternWeight(
  compiled: CompiledModel,
  initial: CompiledModel,
  levels: Int8Array,
  adjustment: number,
): number {
  let weight = compiled.priorWeight + adjustment;
  for (let k = 0; k < levels.length; k++) {
    const level = levels[k]!;
    if (level < 0) continue;
    const comparison = compiled.comparisons[k]!;
    weight += comparison.weights[level]!;
    const share = comparison.termFrequency[level]!;
    if (share > 0) {
      weight +=
        share * (comparison.averageFrequency[level]! - initial.comparisons[k]!.averageFrequency[level]!);
    }
  }
  return weight;
}

/**
 * The model's own rate weighs like a few pairs seen, and is the most there can be: nature sets the rate of twins,
 * and a registry with one changed given name among its duplicates has not more of them.
 */
function estimateRelations(model: MatchModel, expected: Expected, allPairs: number): CalibratedRelation[] {
  const records = (1 + Math.sqrt(1 + 8 * allPairs)) / 2;
  return model.relations.map(({ name, pairsPerRecord }, r) => {
    const own = (pairsPerRecord * records) / 2;
    const seen = expected.relatives[r]!;
    // As gamma: shape relationPrior, mean as the model has it; every record has been looked at once.
    const learned = (2 / records) * ((seen + relationPrior) / (1 + relationPrior / own));
    return { name, pairsPerRecord: Math.min(pairsPerRecord, learned) };
  });
}

/** Half a pair of prior, so that a registry without duplicates does not end at 0. */
function estimateLambda(start: Calibration, matches: number, allPairs: number): number {
  const prior = start.probabilityTwoRandomRecordsMatch;
  return Math.min(0.5, (matches + 0.5) / (allPairs + 0.5 / prior));
}

function estimateComparison(
  compiled: CompiledModel,
  frequencies: Calibration["frequencies"],
  expected: Expected,
  counts: TrainingCounts,
  k: number,
): CalibratedComparison[] {
  const comparison = compiled.comparisons[k]!;
  const kind = comparisonKinds[k]!;
  if (!comparison.isUsed) return [];
  const own = compiled.model.comparisons.find((each) => each.name === kind.name)!;
  const matches = expected.levels[k]!;
  const indexOf = (name: string): number => levelIndex(kind.name, name);
  const groupOf = (name: string): string => kind.levels[indexOf(name)]!.group;
  const levels = own.levels.map((level) => {
    const group = own.levels
      .filter((each) => groupOf(each.name) === groupOf(level.name))
      .map((each) => indexOf(each.name));
    const index = indexOf(level.name);
    const groupMatches = group.reduce((sum, at) => sum + matches[at]!, 0);
    return {
      name: level.name,
      m: (matches[index]! + priorMatches * level.m) / (groupMatches + priorMatches),
      u:
        findCountedU(kind.name, level.name, frequencies) ??
        estimateU(level, index, group, counts, expected, k),
    };
  });
  const total = matches.reduce((sum, each) => sum + each, 0);
  return [{ name: kind.name, learned: total >= fewestMatches, levels }];
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
 * Share of the level among pairs picked at random, less the matches and relatives among them. The model's own u weighs like
 * one observation: a level never seen keeps it where it is rarer than the sample could show.
 */
function estimateU(
  level: { readonly u: number },
  index: number,
  group: readonly number[],
  counts: TrainingCounts,
  expected: Expected,
  k: number,
): number {
  const known = expected.levels[k]!;
  const related = expected.relativeLevels[k]!;
  const sampled = counts.randomPairs / counts.allPairs;
  const random = counts.randomLevels[k]!;
  const others = (at: number): number => Math.max(0, random[at]! - (known[at]! + related[at]!) * sampled);
  const seen = group.reduce((sum, at) => sum + others(at), 0);
  return (others(index) + 1) / (seen + 1 / level.u);
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
