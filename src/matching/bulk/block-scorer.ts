import { visitBlocks } from "../blocking/candidate-pairs.ts";
import type { RowGroups } from "../blocking/block-index.ts";
import type { FoundPairs } from "../blocking/block-numbers.ts";
import type { StoreTraits } from "../compare/store-traits.ts";
import { lookUpValues } from "../compare/value-tables.ts";
import { weightOfProbability, type CompiledModel } from "../model/compile-model.ts";
import { componentScores } from "../score/component-scores.ts";
import { isWorthRules, judgePair } from "../score/judge-pair.ts";
import { PairFilter } from "../score/pair-filter.ts";
import { correctionOf, sumEvidence } from "../score/pair-scorer.ts";
import { PairComparer } from "../compare/pair-comparer.ts";
import { compileRules } from "../score/rules.ts";
import type { RecordStore } from "../store/record-store.ts";
import { PairCollector, pairFlags, type ScoredPairs } from "./scored-pairs.ts";

export interface BlockScorerInput {
  readonly store: RecordStore;
  /** describeStore of the store. */
  readonly traits: StoreTraits;
  readonly compiled: CompiledModel;
  /** Probability from which pairs are kept; those above the review line always are. */
  readonly keepFrom: number;
  /** By row: where given, only pairs with a record that is 1 there. */
  readonly only?: Uint8Array | undefined;
}

/** Scores the candidate pairs of blocks, and keeps those that are worth it. One for each thread. */
export class BlockScorer {
  readonly #input: BlockScorerInput;
  readonly #keepFrom: number;
  readonly #found: FoundPairs;
  readonly #comparer: PairComparer;
  readonly #filter: PairFilter;
  readonly #rules: ReturnType<typeof compileRules>;
  readonly #collector = new PairCollector();
  /** Pairs that the filter did not turn away. */
  compared = 0;
  /** Pairs at or above the lowest line that were not kept. */
  possible = 0;

  /** @param found of the blocks of all rules. */
  constructor(input: BlockScorerInput, found: FoundPairs) {
    const { store, traits, compiled } = input;
    const { model, calibration, thresholds } = compiled;
    this.#input = input;
    this.#keepFrom = weightOfProbability(input.keepFrom);
    this.#found = found;
    this.#comparer = new PairComparer(store, compiled, lookUpValues(store, calibration), traits);
    const line = Math.min(this.#keepFrom, thresholds.possible);
    this.#filter = new PairFilter(traits.digests, compiled, this.#comparer, line);
    this.#rules = compileRules(model);
  }

  /**
   * Scores the pairs of blocks from to to - 1 of one rule.
   *
   * @returns candidate pairs that this rule is the first to find.
   */
  score(blocks: RowGroups, from: number, to: number, rule: number): number {
    return visitBlocks(blocks, from, to, rule, this.#found, (a, b) => this.#score(a, b), this.#input.only);
  }

  finish(): ScoredPairs {
    return this.#collector.finish();
  }

  #score(a: number, b: number): void {
    if (!this.#filter.mayReach(a, b)) return;
    this.compared++;
    const { store, compiled } = this.#input;
    const comparer = this.#comparer;
    comparer.compare(a, b);
    const { levels, adjustments, facts } = comparer;
    const evidence = sumEvidence(compiled, levels, adjustments);
    const { possible } = compiled.thresholds;
    const isWorth = isWorthRules(compiled, evidence, levels, facts);
    if (!isWorth && evidence < this.#keepFrom && evidence < possible) return;
    const weight = evidence + correctionOf(compiled, levels, adjustments);
    const fired = isWorth ? this.#rules.evaluate(levels, facts) : 0;
    const isSameSource = store.sources[a]! >= 0 && store.sources[a] === store.sources[b];
    const judged = judgePair(compiled, this.#rules, weight, fired, isSameSource);
    if (weight < this.#keepFrom && !judged.isAboveReviewLine) {
      if (weight >= possible) this.possible++;
      return;
    }
    const flags =
      (judged.isAutomatic ? pairFlags.automatic : 0) |
      (judged.isAboveReviewLine ? pairFlags.aboveReviewLine : 0) |
      ((fired & this.#rules.separate) === 0 ? 0 : pairFlags.separates);
    this.#collector.add(a, b, weight, fired, flags, levels, componentScores(compiled, levels, adjustments));
  }
}
