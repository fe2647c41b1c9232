/** How two partitions of the same records agree, pair by pair. */
export interface PairMetrics {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  /** 1 where nothing was claimed. */
  readonly precision: number;
  /** 1 where there was nothing to find. */
  readonly recall: number;
  /** 0 where both are 0. */
  readonly f1: number;
}

export function pairMetrics(truePositives: number, claimed: number, actual: number): PairMetrics {
  const precision = claimed === 0 ? 1 : truePositives / claimed;
  const recall = actual === 0 ? 1 : truePositives / actual;
  return {
    truePositives,
    falsePositives: claimed - truePositives,
    falseNegatives: actual - truePositives,
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
  };
}

/** Pairs of records with the same label: Σ n(n-1)/2. */
export function countPairs(labels: ArrayLike<number>): number {
  const sizes = new Map<number, number>();
  let pairs = 0;
  for (let row = 0; row < labels.length; row++) {
    const size = sizes.get(labels[row]!) ?? 0;
    pairs += size;
    sizes.set(labels[row]!, size + 1);
  }
  return pairs;
}

/**
 * Scores a partition against the truth, over all true pairs, those no blocking rule found included.
 *
 * @param truth and persons: a label for each record; equal labels are one person.
 */
export function comparePartitions(truth: ArrayLike<number>, persons: ArrayLike<number>): PairMetrics {
  const both = new Map<string, number>();
  let agreed = 0;
  for (let row = 0; row < truth.length; row++) {
    const key = `${truth[row]!}|${persons[row]!}`;
    const size = both.get(key) ?? 0;
    agreed += size;
    both.set(key, size + 1);
  }
  return pairMetrics(agreed, countPairs(persons), countPairs(truth));
}
