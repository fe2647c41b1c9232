import type { ComparisonName, FrequencyField } from "./comparison-kinds.ts";
import type { KeyPart } from "./key-parts.ts";

/**
 * How records are matched, as data: what a site may read, change, version and compare. A score depends on
 * two records, a model and a calibration alone.
 */
export interface MatchModel {
  readonly format: "mpi-match-model/1";
  readonly name: string;
  /** Raised by whoever changes the model; a run stores it with the hash. */
  readonly version: string;
  readonly description: string;
  /** Where nothing has been learned: true duplicates that a record has on average, among all others. */
  readonly duplicatesPerRecord: number;
  readonly comparisons: readonly ComparisonModel[];
  readonly relations: readonly RelationModel[];
  readonly blocking: readonly BlockingRule[];
  readonly rules: readonly DeterministicRule[];
  readonly thresholds: Thresholds;
  readonly limits: Limits;
  /** Identifier types that name a person everywhere; any other is local to the system that issued it. */
  readonly nationalIdentifierTypes: readonly string[];
  /**
   * For each field, how many unrelated records share a value that is not known to be frequent. It bounds what
   * agreement on a rare value can weigh.
   */
  readonly strangersPerValue: Readonly<Record<FrequencyField, number>>;
}

export interface ComparisonModel {
  readonly name: ComparisonName;
  /** In the order of the kind; a level left out falls to the next one below in its group. */
  readonly levels: readonly LevelModel[];
}

export interface LevelModel {
  readonly name: string;
  /** P(level | same person, group applies), greater than 0 and at most 1. */
  readonly m: number;
  /** P(level | two persons picked at random, group applies), greater than 0 and at most 1. */
  readonly u: number;
  /** 0 to 1: how far the frequency of the value adjusts the weight. Absent is 0. */
  readonly termFrequency?: number;
}

/**
 * A way in which two different persons come to agree on several fields at once: twins, one household, father
 * and son. Beside "same person" and "strangers" it is a further explanation of what two records have in
 * common, so that dependent fields count once.
 */
export interface RelationModel {
  readonly name: string;
  readonly label: string;
  /** How many records of such relatives a record has on average. */
  readonly pairsPerRecord: number;
  /** What is left out agrees as among strangers. */
  readonly comparisons: Readonly<Partial<Record<ComparisonName, RelationComparison>>>;
}

/**
 * Either the share of such pairs that agree as one person's records do, the rest agreeing as strangers do; or
 * the probability of each level, by name, where what is left out shares the rest as strangers do.
 */
export type RelationComparison = number | Readonly<Record<string, number>>;

export interface BlockingRule {
  readonly name: string;
  /** Two records become a candidate pair where all of these are known and equal. */
  readonly on: readonly KeyPart[];
  /** Blocks with more records than this are split by `refine`, or left out and counted. */
  readonly largestBlock: number;
  /** Further parts of the key for blocks that are too large. */
  readonly refine?: readonly KeyPart[];
}

export interface DeterministicRule {
  /** Appears in explanations. */
  readonly name: string;
  readonly label: string;
  /**
   * link: automatic whatever the weight, unless another rule forbids it. veto: never automatic. review: never
   * automatic, and shown to a person even where the weight lies below the review line.
   */
  readonly action: "link" | "veto" | "review";
  /** True where the two must not become one person by way of a third record either. */
  readonly separates?: boolean;
  readonly when: RuleCondition;
}

/** What must hold of the compared pair. */
export type RuleCondition =
  | { readonly all: readonly RuleCondition[] }
  | { readonly any: readonly RuleCondition[] }
  | { readonly not: RuleCondition }
  /** The comparison came out at one of these levels; "unavailable" where nothing could be compared. */
  | { readonly comparison: ComparisonName; readonly levels: readonly string[] }
  /** A fact about the pair that is not a comparison's level. */
  | { readonly fact: PairFact };

/** Facts that rules may ask for. */
export const pairFacts = [
  /** Both birth orders are known and differ. */
  "birth-orders-differ",
  /** One of the records says multiple birth, or carries a birth order. */
  "multiple-birth",
  /** A received given name is a placeholder on at least one side. */
  "placeholder-given-name",
  /** The birth dates are more than 12 years apart. */
  "a-generation-apart",
  /** Both have a current value in an authoritative domain, and none in common. */
  "authoritative-identifiers-differ",
  /** Both carry the same value in an authoritative domain. */
  "authoritative-identifier-agrees",
  /** Fewer than two of name, birth date, address and identifier agree. */
  "single-piece-of-evidence",
] as const;

export type PairFact = (typeof pairFacts)[number];

export interface Thresholds {
  /** Match probabilities, each at most the next. */
  readonly possible: number;
  readonly review: number;
  readonly automatic: number;
  /** Bits of weight that an automatic link inside one source needs beyond one across sources. */
  readonly sameSourceMargin: number;
  /** Bits of weight that an automatic link needs over the runner-up that is somebody else. */
  readonly runnerUpMargin: number;
}

export interface Limits {
  /** Records in one person, beyond which nothing is joined automatically. */
  readonly personSize: number;
  /** Share of the pairs between two groups that must be links themselves before the groups are joined. */
  readonly directSupport: number;
  /** Pairs that one blocking rule may give before its large blocks are split or left out. */
  readonly pairsPerRule: number;
  /** Automatic links of one run, beyond which it stops. */
  readonly linksPerRun: number;
  /** Automatic links per record looked at, beyond which a run stops. */
  readonly linksPerRecord: number;
}
