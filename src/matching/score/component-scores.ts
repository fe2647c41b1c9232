import { components, comparisonKinds, type Component } from "../model/comparison-kinds.ts";
import type { CompiledModel } from "../model/compile-model.ts";

/** The seed's columns: 0 to 1, or null where nothing of the component could be compared. */
export interface ComponentScores {
  readonly name: number | null;
  readonly birthDate: number | null;
  readonly gender: number | null;
  readonly address: number | null;
  readonly identifier: number | null;
}

const componentOf: readonly Component[] = comparisonKinds.map((kind) => kind.component);

/**
 * How far each component agrees: the weight of its comparisons, placed between the most that they can speak against
 * (0) and for a match (1). It describes the pair to people; the total is computed from the weights alone.
 */
export function componentScores(
  compiled: CompiledModel,
  levels: Int8Array,
  adjustments: Float64Array,
): ComponentScores {
  const [name, birthDate, gender, address, identifier] = components.map((component) =>
    scoreOf(compiled, levels, adjustments, component),
  ) as [number | null, number | null, number | null, number | null, number | null];
  return { name, birthDate, gender, address, identifier };
}

function scoreOf(
  compiled: CompiledModel,
  levels: Int8Array,
  adjustments: Float64Array,
  component: Component,
): number | null {
  let weight = 0;
  let least = 0;
  let most = 0;
  let isKnown = false;
  for (let k = 0; k < levels.length; k++) {
    if (componentOf[k] !== component || levels[k]! < 0) continue;
    const { weights } = compiled.comparisons[k]!;
    const own = weights[levels[k]!]! + adjustments[k]!;
    weight += own;
    least += Math.min(own, ...weights);
    most += Math.max(own, ...weights);
    isKnown = true;
  }
  if (!isKnown) return null;
  return most === least ? 1 : Math.min(1, Math.max(0, (weight - least) / (most - least)));
}
