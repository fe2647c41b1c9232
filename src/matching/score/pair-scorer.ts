import { PairComparer } from "../compare/pair-comparer.ts";
import type { StoreTraits } from "../compare/store-traits.ts";
import type { ValueTables } from "../compare/value-tables.ts";
import { comparisonKinds } from "../model/comparison-kinds.ts";
import type { CompiledModel, CompiledRelation } from "../model/compile-model.ts";
import type { RecordStore } from "../store/record-store.ts";

/**
 * Weighs a pair of records of a store:
 *
 *   M = log2(P(match) / P(strangers)) + Σ (log2(m/u) + frequency adjustment)
 *       - log2(1 + Σ over relations of P(relation) / P(strangers) · Π P(level | relation) / u)
 *
 * and P(match | pair) = 2^M / (1 + 2^M). The last term, never positive, is what other explanations take away:
 * twins, members of one household, father and son agree on several fields at once, which counted field by field
 * would be so many pieces of evidence (Fellegi and Sunter 1969, with further classes of non-matches).
 */
export class PairScorer {
  readonly comparer: PairComparer;
  readonly compiled: CompiledModel;
  /** Weight of the last pair, prior and correction included. */
  weight = 0;
  /** The same before relations are taken into account: never less. */
  evidence = 0;

  constructor(store: RecordStore, compiled: CompiledModel, tables: ValueTables, traits: StoreTraits) {
    this.compiled = compiled;
    this.comparer = new PairComparer(store, compiled, tables, traits);
  }

  score(a: number, b: number): void {
    const { comparer, compiled } = this;
    comparer.compare(a, b);
    this.evidence = sumEvidence(compiled, comparer.levels, comparer.adjustments);
    this.weight = this.evidence + correctionOf(compiled, comparer.levels, comparer.adjustments);
  }
}

/** Prior and comparisons, in the order of the kinds: the order of a sum decides its last bits. */
export function sumEvidence(compiled: CompiledModel, levels: Int8Array, adjustments: Float64Array): number {
  let weight = compiled.priorWeight;
  for (let k = 0; k < levels.length; k++) {
    const level = levels[k]!;
    if (level >= 0) weight += compiled.comparisons[k]!.weights[level]! + adjustments[k]!;
  }
  return weight;
}

/** Bits that relations take away, 0 or less. */
export function correctionOf(compiled: CompiledModel, levels: Int8Array, adjustments: Float64Array): number {
  const { relations } = compiled;
  const odds = oddsOfLevels(compiled, levels, adjustments);
  let others = 0;
  for (let r = 0; r < relations.length; r++) others += relationOdds(relations[r]!, levels, adjustments, odds);
  return -Math.log2(1 + others);
}

/** P(relation) / P(strangers) · Π P(level | relation) / u. */
export function oddsOfRelation(
  compiled: CompiledModel,
  relation: CompiledRelation,
  levels: Int8Array,
  adjustments: Float64Array,
): number {
  return relationOdds(relation, levels, adjustments, oddsOfLevels(compiled, levels, adjustments));
}

const oddsScratch = new Float64Array(comparisonKinds.length);

/**
 * By comparison: m/u as the frequency of the value has it, which all relations ask for; only where it adjusts anything.
 * Valid until the next call.
 */
function oddsOfLevels(compiled: CompiledModel, levels: Int8Array, adjustments: Float64Array): Float64Array {
  for (let k = 0; k < levels.length; k++) {
    const adjustment = adjustments[k]!;
    if (adjustment === 0 || levels[k]! < 0) continue;
    oddsScratch[k] = powerOfTwo(compiled.comparisons[k]!.weights[levels[k]!]! + adjustment);
  }
  return oddsScratch;
}

function relationOdds(
  relation: CompiledRelation,
  levels: Int8Array,
  adjustments: Float64Array,
  odds: Float64Array,
): number {
  let weight = relation.priorWeight;
  let factor = 1;
  for (let k = 0; k < levels.length; k++) {
    const level = levels[k]!;
    const share = relation.share[k]!;
    if (level < 0 || share === 0) continue;
    const adjustment = adjustments[k]!;
    if (adjustment !== 0 && share > 0) factor *= share * odds[k]! + 1 - share;
    else weight += relation.ratios[k]![level]! + adjustment;
  }
  return powerOfTwo(weight) * factor;
}

/** Several times as quick as the general power, which is what a pair took longest for. */
const powerOfTwo = (exponent: number) => Math.exp(exponent * Math.LN2);
