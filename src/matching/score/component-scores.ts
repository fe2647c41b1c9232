import { comparisonKinds, type Component } from "../model/comparison-kinds.ts";
import type { CompiledModel } from "../model/compile-model.ts";

/** The seed's columns: 0 to 1, or null where nothing of the component could be compared. */
export interface ComponentScores {
  readonly name: number | null;
  readonly birthDate: number | null;
  readonly gender: number | null;
  readonly address: number | null;
  readonly identifier: number | null;
}

const placesOf = (component: Component): readonly number[] =>
  comparisonKinds.flatMap((kind, k) => (kind.component === component ? [k] : []));

/** Places of the comparisons of each component. */
const places = {
  name: placesOf("name"),
  birthDate: placesOf("birth-date"),
  gender: placesOf("gender"),
  address: placesOf("address"),
  identifier: placesOf("identifier"),
} as const;

/**
 * How far each component agrees: the weight of its comparisons, placed between the most that they can speak against
 * (0) and for a match (1). It describes the pair to people; the total is computed from the weights alone.
 */
export function componentScores(
  compiled: CompiledModel,
  levels: Int8Array,
  adjustments: Float64Array,
): ComponentScores {
  return {
    name: scoreOf(compiled, levels, adjustments, places.name),
    birthDate: scoreOf(compiled, levels, adjustments, places.birthDate),
    gender: scoreOf(compiled, levels, adjustments, places.gender),
    address: scoreOf(compiled, levels, adjustments, places.address),
    identifier: scoreOf(compiled, levels, adjustments, places.identifier),
  };
}

function scoreOf(
  { comparisons }: CompiledModel,
  levels: Int8Array,
  adjustments: Float64Array,
  ofComponent: readonly number[],
): number | null {
  let weight = 0;
  let least = 0;
  let most = 0;
  let isKnown = false;
  for (const k of ofComponent) {
    const level = levels[k]!;
    if (level < 0) continue;
    const { weights, leastWeight, greatestWeight } = comparisons[k]!;
    const own = weights[level]! + adjustments[k]!;
    weight += own;
    least += Math.min(own, leastWeight);
    most += Math.max(own, greatestWeight);
    isKnown = true;
  }
  if (!isKnown) return null;
  return most === least ? 1 : Math.min(1, Math.max(0, (weight - least) / (most - least)));
}
