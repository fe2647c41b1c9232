import { RuleFinder } from "../blocking/candidate-pairs.ts";
import { KeyValues } from "../blocking/key-values.ts";
import { describeStore } from "../compare/store-traits.ts";
import { lookUpValues } from "../compare/value-tables.ts";
import { probabilityOfWeight, type CompiledModel } from "../model/compile-model.ts";
import { normaliseRecord } from "../normal-record.ts";
import type { MatchRecord } from "../record.ts";
import { builtInPlaceholders, type PlaceholderList } from "../reference/placeholders.ts";
import { encodeRecords } from "../store/encode-records.ts";
import type { RecordStore } from "../store/record-store.ts";
import { componentScores, type ComponentScores } from "./component-scores.ts";
import { isWorthRules, judgePair, type Judgement } from "./judge-pair.ts";
import { PairScorer } from "./pair-scorer.ts";
import { compileRules, listRules } from "./rules.ts";

/** What matching says of two records. */
export interface PairScore extends Judgement {
  /** log2 of the odds that the two are one person. */
  readonly weight: number;
  /** 0 to 1. */
  readonly probability: number;
  readonly components: ComponentScores;
  /** By comparison in the order of the kinds: the level's place, -1 where nothing could be compared. */
  readonly levels: readonly number[];
  /** Names of the rules that fired. */
  readonly rules: readonly string[];
  /** The first blocking rule that makes the two a candidate pair; null where a run never compares them. */
  readonly blockingRule: string | null;
}

export interface RankedScore extends PairScore {
  /** Place in the list of candidates. */
  readonly candidate: number;
}

/** Scores two records. Symmetric. */
export function scorePair(
  a: MatchRecord,
  b: MatchRecord,
  compiled: CompiledModel,
  placeholders: PlaceholderList = builtInPlaceholders,
): PairScore {
  const store = encodeForMatching([a, b], compiled, placeholders);
  return new RecordScorer(store, compiled).score(0, 1);
}

/** Scores a record against candidates and ranks them: heaviest first, equals in the order given. */
export function rankCandidates(
  record: MatchRecord,
  candidates: readonly MatchRecord[],
  compiled: CompiledModel,
  placeholders: PlaceholderList = builtInPlaceholders,
): readonly RankedScore[] {
  const store = encodeForMatching([record, ...candidates], compiled, placeholders);
  const scorer = new RecordScorer(store, compiled);
  return candidates
    .map((_, candidate) => ({ ...scorer.score(0, candidate + 1), candidate }))
    .sort((x, y) => y.weight - x.weight || x.candidate - y.candidate);
}

/** A store of a few records. */
export function encodeForMatching(
  records: readonly MatchRecord[],
  compiled: CompiledModel,
  placeholders: PlaceholderList = builtInPlaceholders,
): RecordStore {
  const nationalTypes = new Set(compiled.model.nationalIdentifierTypes);
  return encodeRecords(records.map((record) => normaliseRecord(record, nationalTypes, placeholders)));
}

/** Scores pairs of a store, with all that is said about one. */
export class RecordScorer {
  readonly #store: RecordStore;
  readonly #compiled: CompiledModel;
  readonly #scorer: PairScorer;
  readonly #rules: ReturnType<typeof compileRules>;
  readonly #blocking: RuleFinder;

  constructor(store: RecordStore, compiled: CompiledModel) {
    const { model, calibration } = compiled;
    this.#store = store;
    this.#compiled = compiled;
    const traits = describeStore(store);
    this.#scorer = new PairScorer(store, compiled, lookUpValues(store, calibration), traits);
    this.#rules = compileRules(model);
    this.#blocking = new RuleFinder(new KeyValues(store, traits), model, calibration);
  }

  score(a: number, b: number): PairScore {
    const { comparer } = this.#scorer;
    this.#scorer.score(a, b);
    const { weight } = this.#scorer;
    const { levels, facts } = comparer;
    const fired = isWorthRules(this.#compiled, this.#scorer.evidence, levels, facts)
      ? this.#rules.evaluate(levels, facts)
      : 0;
    const { sources } = this.#store;
    const isSameSource = sources[a]! >= 0 && sources[a] === sources[b];
    const rule = this.#blocking.find(a, b);
    return {
      ...judgePair(this.#compiled, this.#rules, weight, fired, isSameSource),
      weight,
      probability: probabilityOfWeight(weight),
      components: componentScores(this.#compiled, levels, comparer.adjustments),
      levels: [...levels],
      rules: listRules(this.#rules, fired).map((each) => each.name),
      blockingRule: this.#compiled.model.blocking[rule]?.name ?? null,
    };
  }
}
