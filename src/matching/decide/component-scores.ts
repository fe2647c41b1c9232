import type { CompiledModel } from "../model/compile-model.ts";
import { components } from "../model/comparison-kinds.ts";

/** The seed's component scores, in the order of `components`; null where nothing of the component could be compared. */
export type ComponentScores = readonly (number | null)[];

/**
 * How far each component agrees, 0 to 1: the evidence that its comparisons gave, placed between the most they can
 * speak against and the most they can speak for. It describes the pair to people; the total is computed from the
 * weights alone.
 */
export function componentScores(
  compiled: CompiledModel,
  levels: ArrayLike<number>,
  adjustments: ArrayLike<number>,
): ComponentScores {
  return components.map((component) => {
    let [evidence, worst, best, isKnown] = [0, 0, 0, false];
    for (let k = 0; k < compiled.comparisons.length; k++) {
      const comparison = compiled.comparisons[k]!;
      const level = levels[k]!;
      if (comparison.kind.component !== component || level < 0) continue;
      isKnown = true;
      const weight = comparison.weights[level]! + adjustments[k]!;
      evidence += weight;
      worst += Math.min(weight, ...comparison.weights);
      best += Math.max(weight, ...comparison.weights);
    }
    if (!isKnown) return null;
    return best > worst ? Math.min(1, Math.max(0, (evidence - worst) / (best - worst))) : 1;
  });
}
