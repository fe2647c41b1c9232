import { comparisonIndex, levelIndex, type ComparisonName } from "../model/comparison-kinds.ts";
import type { CompiledModel } from "../model/compile-model.ts";
import { valueFlags, type NameColumns, type RecordStore } from "../store/record-store.ts";
import {
  hasSeveralWords,
  haveCrossedInitials,
  likeness,
  likenessOfFamilyNames,
  likenessOfGivenNames,
  mayBeVeryClose,
  type Likeness,
} from "./name-traits.ts";
import type { StoreTraits } from "./store-traits.ts";
import { areBothEstablished, type NameTable, type ValueTables } from "./value-tables.ts";
import { anyWeight, inUnits } from "./whole-weights.ts";

/** What NameComparer says of two names, at its most, in units: without looking at what they say. */
export class NameBounds {
  readonly #names: NameColumns;
  readonly #traits: Int32Array;
  readonly #tables: ValueTables;
  readonly #family: LikenessLimits;
  readonly #given: LikenessLimits;
  readonly #middle: number;
  readonly #otherMiddle: number;
  readonly #middleAsGiven: number;

  constructor(store: RecordStore, compiled: CompiledModel, tables: ValueTables, traits: StoreTraits) {
    this.#names = store.names;
    this.#traits = traits.names;
    this.#tables = tables;
    this.#family = new LikenessLimits(compiled, "family-name");
    this.#given = new LikenessLimits(compiled, "given-name");
    const middles = compiled.comparisons[comparisonIndex["middle-name"]]!.mostWeights;
    const givens = compiled.comparisons[comparisonIndex["given-name"]]!.mostWeights;
    this.#middle = inUnits(Math.max(0, ...middles));
    this.#otherMiddle = inUnits(middles[levelIndex("middle-name", "differs")]!);
    this.#middleAsGiven = inUnits(givens[levelIndex("given-name", "middle")]!);
  }

  /** The most that two family names weigh, neither absent. */
  familyWeight(a: number, b: number): number {
    return a === b
      ? this.#family.same(this.#tables.family, a)
      : this.#family.most(likenessOfFamilyNames(this.#traits, a, b), this.#tables.family, a, b);
  }

  /** The most that two given names weigh, neither absent, middle names aside. */
  givenWeight(a: number, b: number): number {
    return a === b
      ? this.#given.same(this.#tables.given, a)
      : this.#given.most(likenessOfGivenNames(this.#traits, a, b), this.#tables.given, a, b);
  }

  /** The most that two entries of middle names weigh, neither absent. */
  middleWeight(a: number, b: number): number {
    const differ = a !== b && likenessOfGivenNames(this.#traits, a, b) === likeness.none;
    return differ ? this.#otherMiddle : this.#middle;
  }

  /**
   * The most that given and middle names weigh together, of two records with one name each; -1 for what is missing.
   *
   * @param needed below this it need not be exact: middle names are not looked at for nothing.
   */
  givenAndMiddleWeight(
    givenA: number,
    middleA: number,
    givenB: number,
    middleB: number,
    needed: number,
  ): number {
    const haveGiven = givenA >= 0 && givenB >= 0;
    const isAmong = haveGiven && (this.#mayBeAmong(givenA, middleB) || this.#mayBeAmong(givenB, middleA));
    let givens = haveGiven ? this.givenWeight(givenA, givenB) : 0;
    if (isAmong) givens = Math.max(givens, this.#middleAsGiven);
    if (middleA < 0 || middleB < 0) return givens;
    if (givens + this.#middle < needed) return givens + this.#middle;
    const middles = this.middleWeight(middleA, middleB);
    return givens + (isAmong ? Math.max(0, middles) : middles);
  }

  /** False only where two names are certain not to be read as swapped. */
  mayReadSwapped(familyA: number, givenA: number, familyB: number, givenB: number): boolean {
    return (
      haveCrossedInitials(this.#traits, familyA, givenA, familyB, givenB) &&
      this.#mayCross(familyA, givenA, familyB, givenB)
    );
  }

  /**
   * The most that all names of two records weigh together, their order aside; anyWeight where some may be read as
   * swapped.
   */
  recordWeight(a: number, b: number): number {
    const { starts, family: families, given: givens, middle: middles, flags } = this.#names;
    let bestFamily = nothing;
    let bestGiven = nothing;
    let bestMiddle = nothing;
    let mayBeMiddle = false;
    let isCrossed = false;
    let mayCross = false;
    for (let x = starts[a]!; x < starts[a + 1]!; x++) {
      for (let y = starts[b]!; y < starts[b + 1]!; y++) {
        const [familyX, givenX, familyY, givenY] = [families[x]!, givens[x]!, families[y]!, givens[y]!];
        // The initials of any two names open all of them to a swapped reading.
        isCrossed ||= haveCrossedInitials(this.#traits, familyX, givenX, familyY, givenY);
        mayCross ||= this.#mayCross(familyX, givenX, familyY, givenY);
        // Former names agree, and never conflict.
        const least = (flags[x]! & flags[y]! & valueFlags.current) !== 0 ? nothing : 0;
        if (familyX >= 0 && familyY >= 0) {
          const most = this.familyWeight(familyX, familyY);
          if (most > least) bestFamily = Math.max(bestFamily, most);
        }
        if (givenX >= 0 && givenY >= 0) {
          mayBeMiddle ||= this.#mayBeAmong(givenX, middles[y]!) || this.#mayBeAmong(givenY, middles[x]!);
          const most = this.givenWeight(givenX, givenY);
          if (most > least) bestGiven = Math.max(bestGiven, most);
        }
        if (middles[x]! >= 0 && middles[y]! >= 0) {
          const most = this.middleWeight(middles[x]!, middles[y]!);
          if (most > least) bestMiddle = Math.max(bestMiddle, most);
        }
      }
    }
    if (isCrossed && mayCross) return anyWeight;
    const familyAndMiddle = orNothing(bestFamily) + orNothing(bestMiddle);
    if (!mayBeMiddle) return familyAndMiddle + orNothing(bestGiven);
    // Where it counts as a middle name, middle names do not count.
    return Math.max(
      familyAndMiddle + orNothing(bestGiven),
      orNothing(bestFamily) + Math.max(0, this.#middleAsGiven, orNothing(bestGiven)),
    );
  }

  /** False only where a given name is certain not to be among the middle names. */
  #mayBeAmong(givenName: number, middleNames: number): boolean {
    return middleNames >= 0 && (givenName === middleNames || hasSeveralWords(this.#traits, middleNames));
  }

  #mayCross(familyA: number, givenA: number, familyB: number, givenB: number): boolean {
    return this.#mayBeClose(familyA, givenB) || this.#mayBeClose(familyB, givenA);
  }

  #mayBeClose(a: number, b: number): boolean {
    return a >= 0 && b >= 0 && (a === b || mayBeVeryClose(this.#traits, a, b));
  }
}

/** Where no two values were there to compare. */
const nothing = -anyWeight;
const orNothing = (best: number): number => (best === nothing ? 0 : best);

/** The most that two names weigh, in units: by how alike they can be, and how common they are. */
class LikenessLimits {
  readonly #differs: number;
  readonly #bothCommon: number;
  /** Of one name and the same: the weight, the frequency aside, and its share. */
  readonly #exact: Float64Array;
  /** Shares of the frequency adjustment that occur among the levels. */
  readonly #shares: Float64Array;
  /** By likeness and share: the most that a level of that share weighs, the frequency aside; -Infinity for none. */
  readonly #most: Float64Array;

  constructor(compiled: CompiledModel, name: Extract<ComparisonName, "family-name" | "given-name">) {
    const comparison = compiled.comparisons[comparisonIndex[name]]!;
    const at = (level: string) => levelIndex(name, level);
    const figures = comparison.kind.levels.map((_, kindLevel) => {
      const level = comparison.levelInModel[kindLevel]!;
      if (level < 0) return { weight: 0, share: 0 };
      const share = comparison.termFrequency[level]!;
      return { weight: comparison.weights[level]! + share * comparison.averageFrequency[level]!, share };
    });
    const exact = figures[at("exact")]!;
    this.#exact = Float64Array.of(exact.weight, exact.share);
    this.#differs = inUnits(figures[at("differs")]!.weight);
    this.#bothCommon = Math.max(this.#differs, inUnits(figures[at("both-common")]!.weight));
    this.#shares = Float64Array.from(new Set(figures.map(({ share }) => share)));
    // Levels stand in order of likeness.
    const first = {
      [likeness.none]: at("differs"),
      [likeness.similar]: at("both-common"),
      [likeness.alike]: at("exact") + 1,
      [likeness.close]: at("exact") + 1,
      [likeness.any]: at("exact"),
    };
    this.#most = new Float64Array(Object.keys(likeness).length * this.#shares.length).fill(-Infinity);
    for (const like of Object.values(likeness)) {
      for (const { weight, share } of figures.slice(first[like])) {
        const place = like * this.#shares.length + this.#shares.indexOf(share);
        this.#most[place] = Math.max(this.#most[place]!, weight);
      }
    }
  }

  /** Of two different names. */
  most(like: Likeness, table: NameTable, a: number, b: number): number {
    if (like === likeness.none) return this.#differs;
    // What such names have in common says nothing, as the comparer has it.
    if (like <= likeness.alike && areBothEstablished(table, a, b)) {
      return this.#bothCommon;
    }
    const frequency = Math.max(table.figures[a * 2]!, table.figures[b * 2]!);
    const shares = this.#shares.length;
    let most = -Infinity;
    for (let s = 0; s < shares; s++) {
      const own = this.#most[like * shares + s]! - this.#shares[s]! * frequency;
      if (own > most) most = own;
    }
    return inUnits(most);
  }

  /** Of a name with itself. */
  same({ figures }: NameTable, code: number): number {
    return inUnits(this.#exact[0]! - this.#exact[1]! * figures[code * 2]!);
  }
}
