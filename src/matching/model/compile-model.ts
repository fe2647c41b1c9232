import type { Calibration } from "./calibration.ts";
import {
  comparisonKinds,
  frequencyFields,
  type ComparisonKind,
  type FrequencyField,
} from "./comparison-kinds.ts";
import type { ComparisonModel, MatchModel, RelationComparison, RelationModel } from "./match-model.ts";

/** Weights may not run away where m or u is nearly 0. */
const smallestProbability = 1e-12;

/**
 * A model with its calibration as numbers, in the order of the comparison kinds: what the record path, the
 * bulk path and training all score with. Weights are in bits (log2).
 */
export interface CompiledModel {
  readonly model: MatchModel;
  readonly calibration: Calibration;
  /** log2 of the odds that two random records are one person's rather than strangers'. */
  readonly priorWeight: number;
  readonly comparisons: readonly CompiledComparison[];
  readonly relations: readonly CompiledRelation[];
  readonly thresholds: {
    readonly possible: number;
    readonly review: number;
    readonly automatic: number;
  };
}

export interface CompiledComparison {
  readonly kind: ComparisonKind;
  /** False where the model leaves the comparison out. */
  readonly isUsed: boolean;
  /** For each level of the kind, the level that stands for it in this model. */
  readonly levelInModel: Int8Array;
  readonly m: Float64Array;
  readonly u: Float64Array;
  /** log2(m/u) by level of the kind. */
  readonly weights: Float64Array;
  /** The smallest and the greatest of `weights`. */
  readonly leastWeight: number;
  readonly greatestWeight: number;
  /** By level: how far value frequency counts, 0 to 1. */
  readonly termFrequency: Float64Array;
  /** By level: log2 of the average frequency that u stands for. */
  readonly averageFrequency: Float64Array;
  /** By level of the kind: the most that it can weigh, whatever the value; 0 where the level is not judged. */
  readonly mostWeights: Float64Array;
}

export interface CompiledRelation {
  readonly name: string;
  /** log2 of the odds that two random records are such relatives' rather than strangers'. */
  readonly priorWeight: number;
  /** By comparison: the share that agrees as one person's records, or NaN where `ratios` tells. */
  readonly share: Float64Array;
  /** By comparison and level: log2(P(level | relation) / u) for a value of average frequency. */
  readonly ratios: readonly Float64Array[];
}

export function compileModel(model: MatchModel, calibration: Calibration): CompiledModel {
  const comparisons = comparisonKinds.map((kind) => compileComparison(kind, model, calibration));
  const match = calibration.probabilityTwoRandomRecordsMatch;
  const others = Math.max(1, calibration.records - 1);
  const related = model.relations.map((relation) => {
    const learned = calibration.relations.find((each) => each.name === relation.name);
    return Math.min(0.2, (learned ?? relation).pairsPerRecord / others);
  });
  const strangers = Math.max(0.1, 1 - match - related.reduce((sum, each) => sum + each, 0));
  return {
    model,
    calibration,
    priorWeight: Math.log2(match / strangers),
    comparisons,
    relations: model.relations.map((relation, index) => ({
      name: relation.name,
      priorWeight: Math.log2(Math.max(smallestProbability, related[index] ?? 0) / strangers),
      ...compileRelation(comparisons, (name) => findRelationComparison(relation, calibration, name)),
    })),
    thresholds: {
      possible: weightOfProbability(model.thresholds.possible),
      review: weightOfProbability(model.thresholds.review),
      automatic: weightOfProbability(model.thresholds.automatic),
    },
  };
}

/** Total weight, prior included, at which the match probability is p: log2(p / (1 - p)). */
export function weightOfProbability(probability: number): number {
  return Math.log2(probability / (1 - probability));
}

/** 2^M / (1 + 2^M), without overflow for large M. */
export function probabilityOfWeight(weight: number): number {
  return 1 / (1 + 2 ** -weight);
}

function compileComparison(
  kind: ComparisonKind,
  model: MatchModel,
  calibration: Calibration,
): CompiledComparison {
  const own = model.comparisons.find((comparison) => comparison.name === kind.name);
  const learned = calibration.comparisons.find((comparison) => comparison.name === kind.name);
  const size = kind.levels.length;
  const m = new Float64Array(size).fill(1);
  const u = new Float64Array(size).fill(1);
  const termFrequency = new Float64Array(size);
  const averageFrequency = new Float64Array(size);
  const levelInModel = own === undefined ? new Int8Array(size).fill(-1) : mapLevels(kind, own);
  for (const [index, level] of kind.levels.entries()) {
    const stands = kind.levels[levelInModel[index] ?? -1];
    if (stands === undefined) continue;
    const figures =
      learned?.levels.find((each) => each.name === stands.name) ??
      own?.levels.find((each) => each.name === stands.name);
    m[index] = Math.max(smallestProbability, figures?.m ?? 1);
    u[index] = Math.max(smallestProbability, figures?.u ?? 1);
    if (stands.field !== undefined && level.field === stands.field) {
      termFrequency[index] = own?.levels.find((each) => each.name === stands.name)?.termFrequency ?? 0;
      averageFrequency[index] = Math.log2(calibration.frequencies[stands.field].collision);
    }
  }
  const weights = m.map((each, index) => Math.log2(each / (u[index] ?? 1)));
  const mostWeights = Float64Array.from(kind.levels, (level, index) => {
    if (levelInModel[index]! < 0) return 0;
    const rarest = level.field === undefined ? 0 : Math.log2(rarestFrequency(calibration, level.field));
    const adjustment = termFrequency[index]! * (averageFrequency[index]! - rarest);
    return weights[index]! + Math.max(0, adjustment);
  });
  return {
    kind,
    isUsed: own !== undefined,
    levelInModel,
    m,
    u,
    weights,
    leastWeight: Math.min(...weights),
    greatestWeight: Math.max(...weights),
    termFrequency,
    averageFrequency,
    mostWeights,
  };
}

function rarestFrequency(calibration: Calibration, field: FrequencyField): number {
  const table = calibration.frequencies[field];
  const last = table.values.at(-1);
  const rarestListed = last === undefined || table.records === 0 ? 1 : last[1] / table.records;
  return Math.min(table.unlisted, rarestListed);
}

/** A level that the model leaves out falls to the next one below in its group, or is not judged. */
function mapLevels(kind: ComparisonKind, own: ComparisonModel): Int8Array {
  const map = new Int8Array(kind.levels.length).fill(-1);
  for (const [index, level] of kind.levels.entries()) {
    map[index] = kind.levels.findIndex(
      (other, at) =>
        at >= index && other.group === level.group && own.levels.some((each) => each.name === other.name),
    );
  }
  return map;
}

/** What was learned of it, or else what the model says. */
function findRelationComparison(
  relation: RelationModel,
  calibration: Calibration,
  name: string,
): RelationComparison | undefined {
  const learned = calibration.relations
    .find((each) => each.name === relation.name)
    ?.comparisons.find((each) => each.name === name);
  if (learned === undefined) return relation.comparisons[name as keyof typeof relation.comparisons];
  return Object.fromEntries(learned.levels.map((level) => [level.name, level.probability]));
}

function compileRelation(
  comparisons: readonly CompiledComparison[],
  find: (name: string) => RelationComparison | undefined,
): { share: Float64Array; ratios: readonly Float64Array[] } {
  const share = new Float64Array(comparisons.length);
  const ratios = comparisons.map((comparison, index) => {
    const relation = find(comparison.kind.name) ?? 0;
    share[index] = typeof relation === "number" ? relation : NaN;
    return typeof relation === "number"
      ? sharedRatios(comparison, relation)
      : levelRatios(comparison, relation);
  });
  return { share, ratios };
}

function sharedRatios({ weights }: CompiledComparison, share: number): Float64Array {
  return weights.map((weight) => Math.log2(share * 2 ** weight + 1 - share));
}

function levelRatios(comparison: CompiledComparison, named: Readonly<Record<string, number>>): Float64Array {
  const { levels } = comparison.kind;
  return Float64Array.from(levels, (level, index) => {
    const u = comparison.u[index] ?? 1;
    const own = named[level.name];
    if (own !== undefined) return Math.log2(Math.max(smallestProbability, own) / u);
    let rest = 1;
    let others = 0;
    for (const [at, other] of levels.entries()) {
      if (other.group !== level.group) continue;
      const given = named[other.name];
      if (given === undefined) others += comparison.u[at] ?? 0;
      else rest -= given;
    }
    return Math.log2(Math.max(smallestProbability, rest / Math.max(others, smallestProbability)));
  });
}

export const fieldIndex: Readonly<Record<FrequencyField, number>> = Object.fromEntries(
  frequencyFields.map((field, index) => [field, index]),
) as Record<FrequencyField, number>;
