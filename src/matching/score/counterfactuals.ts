import { comparisonKinds, type ComparisonKind } from "../model/comparison-kinds.ts";
import type { CompiledModel } from "../model/compile-model.ts";
import { correctionOf, sumEvidence } from "./pair-scorer.ts";
import type { RuleSet } from "./rules.ts";

/** One comparison that, had it come out as full agreement, would make the pair automatic. */
export interface Counterfactual {
  readonly comparison: string;
  readonly label: string;
  readonly level: string;
  readonly levelLabel: string;
  /** Total weight it would then have. */
  readonly weight: number;
}

/**
 * Tries full agreement in one comparison at a time, on a value of average frequency, and lists what would
 * carry the pair over the line with no rule against it. Facts of the pair stay as they are.
 */
export function findCounterfactuals(
  compiled: CompiledModel,
  rules: RuleSet,
  levels: Int8Array,
  adjustments: Float64Array,
  facts: number,
  line: number,
): readonly Counterfactual[] {
  const found: Counterfactual[] = [];
  for (const [k, kind] of comparisonKinds.entries()) {
    const best = fullAgreement(kind, levels[k]!);
    if (!compiled.comparisons[k]!.isUsed || best === levels[k] || kind.name === "name-order") continue;
    const triedLevels = levels.slice();
    const triedAdjustments = adjustments.slice();
    triedLevels[k] = best;
    triedAdjustments[k] = 0;
    const weight =
      sumEvidence(compiled, triedLevels, triedAdjustments) +
      correctionOf(compiled, triedLevels, triedAdjustments);
    const isForbidden = (rules.evaluate(triedLevels, facts) & rules.forbid) !== 0;
    if (weight < line || isForbidden) continue;
    const level = (kind as ComparisonKind).levels[best]!;
    found.push({
      comparison: kind.name,
      label: kind.label,
      level: level.name,
      levelLabel: level.label,
      weight,
    });
  }
  return found.sort((x, y) => y.weight - x.weight);
}

/** The strongest level of the group that the pair is in, or of the comparison where nothing was known. */
function fullAgreement(kind: ComparisonKind, level: number): number {
  const group = kind.levels[level]?.group;
  return group === undefined ? 0 : kind.levels.findIndex((each) => each.group === group);
}
