import type { CompiledComparison } from "../model/compile-model.ts";

/**
 * Collects what the pairs of values of two lists say, and keeps the best: the strongest agreement of any pair,
 * former values included; where nothing agrees, the mildest conflict among pairs of current values.
 */
export class BestLevel {
  /** Level of the kind, mapped to the model; -1 where nothing could be compared. */
  level = -1;
  /** log2 frequency of the value agreed upon; 0 for levels that no frequency adjusts. */
  adjustment = 0;
  weight = 0;
  /** Places in the lists of the two values. */
  first = -1;
  second = -1;
  #isAgreement = false;

  clear(): void {
    this.level = -1;
    this.adjustment = 0;
    this.weight = 0;
    this.first = -1;
    this.second = -1;
    this.#isAgreement = false;
  }

  /**
   * @param frequency log2 frequency of the value.
   * @param isCurrent true where both values are current.
   */
  offer(
    comparison: CompiledComparison,
    kindLevel: number,
    frequency: number,
    isCurrent: boolean,
    first: number,
    second: number,
  ): void {
    const level = comparison.levelInModel[kindLevel]!;
    if (level < 0) return;
    const adjustment = adjustmentOf(comparison, level, frequency);
    const weight = comparison.weights[level]! + adjustment;
    const isAgreement = weight > 0;
    if (!isAgreement && !isCurrent) return;
    if (this.level >= 0) {
      if (this.#isAgreement && !isAgreement) return;
      if (this.#isAgreement === isAgreement) {
        if (weight < this.weight) return;
        // The level decides between equals, so that the order of the lists never does.
        if (weight === this.weight && level >= this.level) return;
      }
    }
    this.level = level;
    this.adjustment = adjustment;
    this.weight = weight;
    this.first = first;
    this.second = second;
    this.#isAgreement = isAgreement;
  }
}

/** Whether the frequency of the value counts at a level: it is not to be looked up for nothing. */
export function isAdjusted(comparison: CompiledComparison, kindLevel: number): boolean {
  const level = comparison.levelInModel[kindLevel]!;
  return level >= 0 && comparison.termFrequency[level] !== 0;
}

/** Bits that the frequency of the value adds to the level's weight, or takes from it. */
export function adjustmentOf(comparison: CompiledComparison, level: number, frequency: number): number {
  const share = comparison.termFrequency[level]!;
  return share === 0 ? 0 : share * (comparison.averageFrequency[level]! - frequency);
}
