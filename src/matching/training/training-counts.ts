import type { AgreementPatterns } from "./agreement-patterns.ts";

/** What the data shows, as counts: all that estimating needs. */
export interface TrainingCounts {
  /** Patterns of the candidate pairs of all blocking rules. */
  readonly patterns: AgreementPatterns;
  /** By comparison and level: pairs among those picked at random. */
  readonly randomLevels: readonly Float64Array[];
  readonly randomPairs: number;
  /** n(n-1)/2. */
  readonly allPairs: number;
  /** By comparison and level: pairs that people said are one person. Left out where nobody was asked. */
  readonly decidedLevels?: readonly Float64Array[];
}
