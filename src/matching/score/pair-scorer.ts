import { PairComparer } from "../compare/pair-comparer.ts";
import type { StoreTraits } from "../compare/store-traits.ts";
import type { ValueTables } from "../compare/value-tables.ts";
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
  let others = 0;
  for (let r = 0; r < relations.length; r++) {
    others += 2 ** relationWeight(compiled, relations[r]!, levels, adjustments);
  }
  return -Math.log2(1 + others);
}

/** log2 of P(relation) / P(strangers) · Π P(level | relation) / u. */
export function relationWeight(
  compiled: CompiledModel,
  relation: CompiledRelation,
  levels: Int8Array,
  adjustments: Float64Array,
): number {
  let weight = relation.priorWeight;
  for (let k = 0; k < levels.length; k++) {
    const level = levels[k]!;
    const share = relation.share[k]!;
    if (level < 0 || share === 0) continue;
    const adjustment = adjustments[k]!;
    if (adjustment === 0) weight += relation.ratios[k]![level]!;
    else if (share > 0) {
      const evidence = 2 ** (compiled.comparisons[k]!.weights[level]! + adjustment);
      weight += Math.log2(share * evidence + 1 - share);
    } else weight += relation.ratios[k]![level]! + adjustment;
  }
  return weight;
}
