import { birthDateLevelOf } from "../compare/compare-birth-dates.ts";
import type { PairComparer } from "../compare/pair-comparer.ts";
import { comparisonIndex, levelIndex, type ComparisonName } from "../model/comparison-kinds.ts";
import type { CompiledComparison, CompiledModel } from "../model/compile-model.ts";
import { mayBeNear } from "../compare/edit-signatures.ts";
import { digest, digestBits } from "./row-digests.ts";

/**
 * Turns away pairs that cannot reach a weight, without comparing them in full: it adds up the most that each
 * comparison could still give. Lossless: a pair that is turned away would have less evidence than the line. Pairs
 * that share an identifier, and records with more than one value of a kind, always pass.
 */
export class PairFilter {
  readonly #rows: Int32Array;
  readonly #comparer: PairComparer;
  readonly #line: number;
  readonly #prior: number;
  readonly #birthDate: Limits;
  readonly #middle: Limits;
  readonly #gender: Limits;
  readonly #place: Limits;
  readonly #samePlace: Limits;
  readonly #otherPlace: Limits;
  readonly #phone: Limits;
  readonly #email: Limits;
  readonly #national: Limits;
  readonly #local: Limits;
  readonly #mother: Limits;
  readonly #birth: Limits;
  readonly #generation: Limits;
  readonly #middleAsGiven: number;
  readonly #bestOtherPlace: number;

  /** @param line total weight that a pair must be able to reach. */
  constructor(rows: Int32Array, compiled: CompiledModel, comparer: PairComparer, line: number) {
    this.#rows = rows;
    this.#comparer = comparer;
    // Sums in another order differ in their last bits: no pair may be lost to that.
    this.#line = line - 1e-6;
    const order = compiled.comparisons[comparisonIndex["name-order"]]!;
    this.#prior = compiled.priorWeight + Math.max(0, order.mostWeights[levelIndex("name-order", "same")]!);
    const limits = (name: ComparisonName): Limits => new Limits(compiled.comparisons[comparisonIndex[name]]!);
    this.#birthDate = limits("birth-date");
    this.#middle = limits("middle-name");
    this.#gender = limits("gender");
    this.#place = limits("place");
    this.#bestOtherPlace = Math.max(
      ...["close", "only-close-postal-code", "only-close-city"].map((name) =>
        this.#place.mostFrom(levelIndex("place", name)),
      ),
    );
    this.#samePlace = limits("street").inGroup("same-place");
    this.#otherPlace = limits("street").inGroup("other-place");
    this.#phone = limits("phone");
    this.#email = limits("email");
    this.#national = limits("national-identifier");
    this.#local = limits("local-identifier");
    this.#mother = limits("mother");
    this.#birth = limits("multiple-birth");
    this.#generation = limits("generation");
    this.#middleAsGiven = limits("given-name").most(levelIndex("given-name", "middle"));
  }

  /**
   * False where the evidence of the pair is certain to stay below the line. What is cheap to look at comes first;
   * what is still to come is taken at its best.
   */
  mayReach(a: number, b: number): boolean {
    const rows = this.#rows;
    const x = a * digest.width;
    const y = b * digest.width;
    const factsX = rows[x + digest.facts]!;
    const factsY = rows[y + digest.facts]!;
    if (((factsX | factsY) & digestBits.isPartial) !== 0) return true;
    const nationals = this.#boundOfIdentifiers(
      x,
      y,
      factsX,
      factsY,
      digest.nationalIdentifier,
      this.#national,
    );
    const locals = this.#boundOfIdentifiers(x, y, factsX, factsY, digest.localIdentifier, this.#local);
    if (nationals === Infinity || locals === Infinity) return true;
    let most = this.#prior + this.#boundOfFacts(factsX, factsY) + nationals + locals;
    const dateX = rows[x]!;
    const dateY = rows[y]!;
    if (dateX !== 0 && dateY !== 0) most += this.#birthDate.most(birthDateLevelOf(dateX, dateY));
    most += this.#boundOfPhones(x, y);

    const emails = this.#bestOfEmails(rows[x + digest.email]!, rows[y + digest.email]!);
    const places = this.#bestOfPlaces(x, y);
    most += this.#boundOfNames(x, y);
    if (most + emails + places < this.#line) return false;
    most += this.#boundOfAddresses(x, y);
    if (most + emails < this.#line) return false;
    return most + this.#boundOfEmails(rows[x + digest.email]!, rows[y + digest.email]!) >= this.#line;
  }

  #boundOfNames(x: number, y: number): number {
    const rows = this.#rows;
    const familyX = rows[x + digest.family]!;
    const familyY = rows[y + digest.family]!;
    const givenX = rows[x + digest.given]!;
    const givenY = rows[y + digest.given]!;
    const { names } = this.#comparer;
    if (names.mayReadSwapped(familyX, givenX, familyY, givenY)) return Infinity;
    let bound = 0;
    if (familyX >= 0 && familyY >= 0) bound += names.familyWeight(familyX, familyY);
    const middleX = rows[x + digest.middle]!;
    const middleY = rows[y + digest.middle]!;
    if (givenX >= 0 && givenY >= 0) {
      const given = names.givenWeight(givenX, givenY);
      bound += middleX < 0 && middleY < 0 ? given : Math.max(given, this.#middleAsGiven);
    }
    if (middleX >= 0 && middleY >= 0) bound += this.#middle.best;
    return bound;
  }

  #boundOfFacts(factsX: number, factsY: number): number {
    let bound = 0;
    const genderX = (factsX >> digestBits.genderShift) & 3;
    const genderY = (factsY >> digestBits.genderShift) & 3;
    if (genderX !== 0 && genderY !== 0) {
      bound += genderX === genderY ? this.#gender.bestAgreement : this.#gender.bestConflict;
    }
    const generationX = (factsX >> digestBits.generationShift) & 15;
    const generationY = (factsY >> digestBits.generationShift) & 15;
    if (generationX !== 0 && generationY !== 0) bound += this.#generation.best;
    if ((factsX & factsY & digestBits.hasMother) !== 0) bound += this.#mother.best;
    if (((factsX | factsY) & digestBits.hasBirthFacts) !== 0) bound += Math.max(0, this.#birth.best);
    return bound;
  }

  /** Infinity for the same identifier: such a pair is always looked at. */
  #boundOfIdentifiers(
    x: number,
    y: number,
    factsX: number,
    factsY: number,
    place: number,
    limits: Limits,
  ): number {
    const first = this.#rows[x + place]!;
    const second = this.#rows[y + place]!;
    if (first < 0 || second < 0) return 0;
    const shift =
      place === digest.nationalIdentifier ? digestBits.nationalDomainShift : digestBits.localDomainShift;
    if ((((factsX ^ factsY) >> shift) & digestBits.domainMask) !== 0) return 0;
    if (first === second) return Infinity;
    const signature = place === digest.nationalIdentifier ? digest.nationalSignature : digest.localSignature;
    const mayAgree =
      mayBeNear(this.#rows[x + signature]!, this.#rows[y + signature]!) &&
      this.#comparer.identifiers.mayAgree(first, second);
    // Different values of a domain in which a person may have several say nothing: 0 is the most.
    return mayAgree ? Math.max(0, limits.bestBelowExact) : 0;
  }

  #boundOfPhones(x: number, y: number): number {
    const first = this.#rows[x + digest.phone]!;
    const second = this.#rows[y + digest.phone]!;
    if (first < 0 || second < 0) return 0;
    if (first === second) return this.#phone.best;
    const mayAgree =
      mayBeNear(this.#rows[x + digest.phoneSignature]!, this.#rows[y + digest.phoneSignature]!) &&
      this.#comparer.phones.mayAgree(first, second);
    return mayAgree ? this.#phone.best : this.#phone.bestConflict;
  }

  /** At a glance: any likeness that is not equality counts as the best there is. */
  #bestOfEmails(first: number, second: number): number {
    if (first < 0 || second < 0) return 0;
    return first === second ? this.#email.best : Math.max(0, this.#email.bestBelowExact);
  }

  /** At a glance: places that share neither postal code nor town are close at best. */
  #bestOfPlaces(x: number, y: number): number {
    const rows = this.#rows;
    const postalCode = rows[x + digest.postalCode]!;
    const city = rows[x + digest.city]!;
    const sharesPlace =
      (postalCode >= 0 && postalCode === rows[y + digest.postalCode]) ||
      (city >= 0 && city === rows[y + digest.city]);
    const place = sharesPlace ? this.#place.best : this.#bestOtherPlace;
    return Math.max(0, place) + Math.max(0, this.#samePlace.best, this.#otherPlace.best);
  }

  #boundOfEmails(first: number, second: number): number {
    if (first < 0 || second < 0) return 0;
    if (first === second) return this.#email.best;
    return this.#comparer.emails.mayAgree(first, second)
      ? this.#email.bestBelowExact
      : this.#email.bestConflict;
  }

  #boundOfAddresses(x: number, y: number): number {
    const rows = this.#rows;
    const { addresses } = this.#comparer;
    const place = addresses.placeLevelOf(
      rows[x + digest.postalCode]!,
      rows[x + digest.city]!,
      rows[y + digest.postalCode]!,
      rows[y + digest.city]!,
    );
    let bound = place < 0 ? 0 : this.#place.most(place);
    const numberX = rows[x + digest.houseNumber]!;
    const numberY = rows[y + digest.houseNumber]!;
    const nameX = rows[x + digest.streetName]!;
    const nameY = rows[y + digest.streetName]!;
    if ((numberX < 0 && nameX < 0) || (numberY < 0 && nameY < 0)) return bound;
    if (place >= 0 && addresses.isSamePlace(place)) bound += this.#samePlace.best;
    else bound += numberX === numberY ? this.#otherPlace.best : this.#otherPlace.bestConflict;
    return bound;
  }
}

/** The most that levels of a comparison can give, frequency adjustments included. */
class Limits {
  readonly #most: Float64Array;
  readonly #comparison: CompiledComparison;
  readonly best: number;
  readonly bestAgreement: number;
  readonly bestConflict: number;
  /** Of all levels but the first. */
  readonly bestBelowExact: number;

  constructor(comparison: CompiledComparison, isCounted: (level: number) => boolean = () => true) {
    const { levels } = comparison.kind;
    this.#comparison = comparison;
    this.#most = comparison.mostWeights;
    const bestOf = (matches: (level: number) => boolean): number =>
      levels.reduce(
        (best, _, level) => (isCounted(level) && matches(level) ? Math.max(best, this.#most[level]!) : best),
        -Infinity,
      );
    this.best = bestOf(() => true);
    this.bestAgreement = bestOf((level) => levels[level]!.agrees);
    this.bestConflict = bestOf((level) => !levels[level]!.agrees);
    this.bestBelowExact = bestOf((level) => level > 0);
  }

  inGroup(group: string): Limits {
    return new Limits(this.#comparison, (level) => this.#comparison.kind.levels[level]!.group === group);
  }

  most(level: number): number {
    return this.#most[level]!;
  }

  /** Of a level and those below it in its group. */
  mostFrom(level: number): number {
    const { levels } = this.#comparison.kind;
    const { group } = levels[level]!;
    return levels.reduce(
      (best, each, at) => (at >= level && each.group === group ? Math.max(best, this.#most[at]!) : best),
      -Infinity,
    );
  }
}
