import { factBits } from "../compare/pair-comparer.ts";
import { comparisonIndex, levelIndex } from "../model/comparison-kinds.ts";
import type { CompiledModel } from "../model/compile-model.ts";
import type { RuleSet } from "./rules.ts";

const nationalIdentifier = comparisonIndex["national-identifier"];
const localIdentifier = comparisonIndex["local-identifier"];
const exactNational = levelIndex("national-identifier", "exact");
const exactLocal = levelIndex("local-identifier", "exact");

/** FHIR's match grades. */
export type MatchGrade = "certain" | "probable" | "possible" | "certainly-not";

export interface Judgement {
  readonly grade: MatchGrade;
  /** Belongs before a person's eyes, unless it is linked automatically. */
  readonly isAboveReviewLine: boolean;
  /**
   * May be linked automatically as far as the two records alone can tell. The run still asks that no other
   * candidate is nearly as good, and that the person it makes holds together.
   */
  readonly isAutomatic: boolean;
}

/**
 * Judges a weighed pair by the lines and the rules.
 *
 * @param fired bits of the rules that fired.
 * @param isSameSource both records come from one source, which already issued two ids.
 */
export function judgePair(
  compiled: CompiledModel,
  rules: RuleSet,
  weight: number,
  fired: number,
  isSameSource: boolean,
): Judgement {
  const { thresholds } = compiled;
  const isForbidden = (fired & rules.forbid) !== 0;
  const isLinked = (fired & rules.link) !== 0;
  const isAutomatic = !isForbidden && (isLinked || weight >= automaticLine(compiled, isSameSource));
  return {
    grade: gradeOf(compiled, weight, isForbidden, isLinked),
    isAboveReviewLine: weight >= thresholds.review || isLinked || (fired & rules.review) !== 0,
    isAutomatic,
  };
}

/**
 * Rules are asked about pairs that could be one person's: those whose evidence, before relations take from it,
 * reaches the lowest line, and those that share an identifier. About all others nothing needs to be said.
 */
export function isWorthRules(
  compiled: CompiledModel,
  evidence: number,
  levels: Int8Array,
  facts: number,
): boolean {
  return (
    evidence >= compiled.thresholds.possible ||
    levels[nationalIdentifier] === exactNational ||
    levels[localIdentifier] === exactLocal ||
    (facts & factBits["authoritative-identifier-agrees"]) !== 0
  );
}

/** Weight that an automatic link needs. */
export function automaticLine(compiled: CompiledModel, isSameSource: boolean): number {
  const margin = isSameSource ? compiled.model.thresholds.sameSourceMargin : 0;
  return compiled.thresholds.automatic + margin;
}

function gradeOf(
  compiled: CompiledModel,
  weight: number,
  isForbidden: boolean,
  isLinked: boolean,
): MatchGrade {
  const { thresholds } = compiled;
  // What no rule lets through is not certain, however much agrees.
  if (!isForbidden && (isLinked || weight >= thresholds.automatic)) return "certain";
  if (weight >= thresholds.review) return "probable";
  return weight >= thresholds.possible ? "possible" : "certainly-not";
}
