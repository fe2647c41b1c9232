import { comparisonIndex, levelIndex, type ComparisonName } from "../model/comparison-kinds.ts";
import type { CompiledModel } from "../model/compile-model.ts";
import { valueFlags, type NameColumns, type RecordStore } from "../store/record-store.ts";
import type { NameComparer } from "./compare-names.ts";
import { haveCrossedInitials, likeness, likenessOfFamilyNames, likenessOfGivenNames } from "./name-traits.ts";
import type { StoreTraits } from "./store-traits.ts";
import type { ValueTables } from "./value-tables.ts";

/** What NameComparer says of two names, at its most: without looking at what they say. */
export class NameBounds {
  readonly #exact: NameComparer;
  readonly #names: NameColumns;
  readonly #traits: Int32Array;
  readonly #initials: Uint8Array;
  /** By likeness of two different names: the most that they can weigh. */
  readonly #family: Float64Array;
  readonly #given: Float64Array;
  readonly #middle: number;
  readonly #middleAsGiven: number;

  constructor(
    exact: NameComparer,
    store: RecordStore,
    compiled: CompiledModel,
    tables: ValueTables,
    traits: StoreTraits,
  ) {
    this.#exact = exact;
    this.#names = store.names;
    this.#traits = traits.names;
    this.#initials = tables.initials;
    this.#family = mostByLikeness(compiled, "family-name");
    this.#given = mostByLikeness(compiled, "given-name");
    this.#middle = Math.max(0, ...compiled.comparisons[comparisonIndex["middle-name"]]!.mostWeights);
    this.#middleAsGiven =
      compiled.comparisons[comparisonIndex["given-name"]]!.mostWeights[levelIndex("given-name", "middle")]!;
  }

  /** The most that two family names weigh, neither absent. */
  familyWeight(a: number, b: number): number {
    return a === b
      ? this.#exact.familyWeight(a, b)
      : this.#family[likenessOfFamilyNames(this.#traits, a, b)]!;
  }

  /** The most that two given names weigh, neither absent, middle names aside. */
  givenWeight(a: number, b: number): number {
    return a === b ? this.#exact.givenWeight(a, b) : this.#given[likenessOfGivenNames(this.#traits, a, b)]!;
  }

  /** False only where two names are certain not to be read as swapped. */
  mayReadSwapped(familyA: number, givenA: number, familyB: number, givenB: number): boolean {
    return (
      haveCrossedInitials(this.#initials, familyA, givenA, familyB, givenB) &&
      this.#mayCross(familyA, givenA, familyB, givenB)
    );
  }

  /**
   * The most that all names of two records weigh together, their order aside; Infinity where some may be read as
   * swapped.
   */
  recordWeight(a: number, b: number): number {
    const { starts, family: families, given: givens, middle: middles, flags } = this.#names;
    let bestFamily = -Infinity;
    let bestGiven = -Infinity;
    let bestMiddle = 0;
    let isCrossed = false;
    let mayCross = false;
    for (let x = starts[a]!; x < starts[a + 1]!; x++) {
      for (let y = starts[b]!; y < starts[b + 1]!; y++) {
        const [familyX, givenX, familyY, givenY] = [families[x]!, givens[x]!, families[y]!, givens[y]!];
        // The initials of any two names open all of them to a swapped reading.
        isCrossed ||= haveCrossedInitials(this.#initials, familyX, givenX, familyY, givenY);
        mayCross ||= this.#mayCross(familyX, givenX, familyY, givenY);
        // Former names agree, and never conflict.
        const least = (flags[x]! & flags[y]! & valueFlags.current) !== 0 ? -Infinity : 0;
        const hasMiddle = middles[x]! >= 0 || middles[y]! >= 0;
        if (familyX >= 0 && familyY >= 0) {
          const most = this.familyWeight(familyX, familyY);
          if (most > least) bestFamily = Math.max(bestFamily, most);
        }
        if (givenX >= 0 && givenY >= 0) {
          const own = this.givenWeight(givenX, givenY);
          const most = hasMiddle ? Math.max(own, this.#middleAsGiven) : own;
          if (most > least) bestGiven = Math.max(bestGiven, most);
        }
        if (hasMiddle) bestMiddle = this.#middle;
      }
    }
    if (isCrossed && mayCross) return Infinity;
    return orNothing(bestFamily) + orNothing(bestGiven) + bestMiddle;
  }

  #mayCross(familyA: number, givenA: number, familyB: number, givenB: number): boolean {
    return this.#mayBeClose(familyA, givenB) || this.#mayBeClose(familyB, givenA);
  }

  #mayBeClose(a: number, b: number): boolean {
    return a >= 0 && b >= 0 && (a === b || likenessOfFamilyNames(this.#traits, a, b) >= likeness.close);
  }
}

/** -Infinity where no two values were there to compare. */
const orNothing = (best: number): number => (best === -Infinity ? 0 : best);

/** By likeness: levels stand in order of likeness, but that names which are both common say nothing more. */
function mostByLikeness(
  compiled: CompiledModel,
  name: Extract<ComparisonName, "family-name" | "given-name">,
): Float64Array {
  const { mostWeights } = compiled.comparisons[comparisonIndex[name]]!;
  const most = new Float64Array(Object.keys(likeness).length);
  most[likeness.none] = mostWeights[levelIndex(name, "differs")]!;
  most[likeness.similar] = Math.max(...mostWeights.subarray(levelIndex(name, "both-common")));
  most[likeness.close] = Math.max(...mostWeights.subarray(levelIndex(name, "exact") + 1));
  most[likeness.any] = Math.max(...mostWeights);
  return most;
}
