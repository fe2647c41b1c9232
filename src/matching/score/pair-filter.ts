import { birthDateLevelOf } from "../compare/compare-birth-dates.ts";
import type { NameBounds } from "../compare/name-bounds.ts";
import type { PairComparer } from "../compare/pair-comparer.ts";
import { comparisonIndex, levelIndex, type ComparisonName } from "../model/comparison-kinds.ts";
import type { CompiledComparison, CompiledModel } from "../model/compile-model.ts";
import { mayBeNear } from "../compare/edit-signatures.ts";
import { anyWeight, inUnits, unitsPerBit } from "../compare/whole-weights.ts";
import { digest, digestBits } from "./row-digests.ts";

const exactNational = levelIndex("national-identifier", "exact");
const exactLocal = levelIndex("local-identifier", "exact");

/** Levels of places of which neither the postal code nor the town is the same. */
const unlikePlaces = [
  "close",
  "area",
  "differs",
  "only-close-postal-code",
  "only-area",
  "only-postal-code-differs",
  "only-close-city",
  "only-city-differs",
];

/** Levels of streets in one place of which both have numbers, and not the same. */
const otherNumbers = ["other-line", "number-one-edit", "street", "same-number", "differs"];

/**
 * Turns away pairs that cannot reach a weight, without comparing them in full: it adds up the most that each
 * comparison could still give. Kinds of values of which a digest does not tell all are compared as they would be
 * later. Lossless: a pair that is turned away would have less evidence than the line. Pairs that share an identifier
 * always pass.
 */
export class PairFilter {
  readonly #rows: Int32Array;
  readonly #comparer: PairComparer;
  readonly #line: number;
  readonly #prior: number;
  /** Of the order of names, as far as the prior counts it. */
  readonly #order: number;
  readonly #birthDate: Limits;
  readonly #gender: Limits;
  readonly #place: Limits;
  readonly #samePlace: Limits;
  readonly #otherPlace: Limits;
  /** Of places that have neither postal code nor town in common. */
  readonly #unlikePlace: number;
  /** Of streets in one place, but not with one number. */
  readonly #samePlaceOtherNumber: number;
  readonly #phone: Limits;
  readonly #email: Limits;
  readonly #national: Limits;
  readonly #local: Limits;
  readonly #mother: Limits;
  readonly #birth: Limits;
  readonly #generation: Limits;

  /** @param line total weight that a pair must be able to reach. */
  constructor(rows: Int32Array, compiled: CompiledModel, comparer: PairComparer, line: number) {
    this.#rows = rows;
    this.#comparer = comparer;
    // Sums in another order differ in their last bits: no pair may be lost to that.
    this.#line = Math.floor((line - 1e-6) * unitsPerBit);
    const order = compiled.comparisons[comparisonIndex["name-order"]]!;
    this.#order = inUnits(Math.max(0, order.mostWeights[levelIndex("name-order", "same")]!));
    this.#prior = inUnits(compiled.priorWeight) + this.#order;
    const limits = (name: ComparisonName): Limits => new Limits(compiled.comparisons[comparisonIndex[name]]!);
    this.#birthDate = limits("birth-date");
    this.#gender = limits("gender");
    this.#place = limits("place");
    this.#samePlace = limits("street").inGroup("same-place");
    this.#otherPlace = limits("street").inGroup("other-place");
    const most = (name: "place" | "street", levels: readonly string[]): number =>
      Math.max(...levels.map((level) => limits(name).most(levelIndex(name, level))));
    this.#unlikePlace = most("place", unlikePlaces);
    this.#samePlaceOtherNumber = most("street", otherNumbers);
    this.#phone = limits("phone");
    this.#email = limits("email");
    this.#national = limits("national-identifier");
    this.#local = limits("local-identifier");
    this.#mother = limits("mother");
    this.#birth = limits("multiple-birth");
    this.#generation = limits("generation");
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
    const facts = factsX | factsY;
    const identifiers =
      (facts & digestBits.hasMoreIdentifiers) === 0
        ? this.#boundOfIdentifiers(x, y, factsX, factsY)
        : this.#weightOfIdentifiers(a, b);
    if (identifiers >= anyWeight) return true;
    let most = this.#prior + this.#boundOfFacts(factsX, factsY) + identifiers;
    const dateX = rows[x]!;
    const dateY = rows[y]!;
    if (dateX !== 0 && dateY !== 0) most += this.#birthDate.most(birthDateLevelOf(dateX, dateY));
    most += (facts & digestBits.hasMorePhones) === 0 ? this.#boundOfPhones(x, y) : this.#weightOfPhones(a, b);

    const hasMoreEmails = (facts & digestBits.hasMoreEmails) !== 0;
    const hasMoreAddresses = (facts & digestBits.hasMoreAddresses) !== 0;
    const hasMoreNames = (facts & digestBits.hasMoreNames) !== 0;
    const emails = hasMoreEmails
      ? this.#email.best
      : this.#boundOfEmails(rows[x + digest.email]!, rows[y + digest.email]!);
    const places = hasMoreAddresses ? this.#weightOfAddresses(a, b) : this.#bestOfAddresses(x, y);
    const needed = this.#line - most - emails - places;
    const names = hasMoreNames
      ? this.#comparer.nameBounds.recordWeight(a, b)
      : this.#boundOfNames(x, y, this.#comparer.nameBounds, needed);
    if (names < needed) return false;
    const addresses = hasMoreAddresses ? places : this.#boundOfAddresses(x, y);
    if (most + names + emails + addresses < this.#line) return false;
    most += this.#weightOfEmails(a, b);
    if (most + names + addresses < this.#line) return false;
    most += this.#weightOfNames(a, b);
    if (most + addresses < this.#line) return false;
    most += this.#weightOfAddresses(a, b);
    return most >= this.#line;
  }

  #weightOfIdentifiers(a: number, b: number): number {
    const { identifiers } = this.#comparer;
    identifiers.compare(a, b);
    const { national, local, authoritativeAgrees } = identifiers;
    if (authoritativeAgrees || national.level === exactNational || local.level === exactLocal)
      return anyWeight;
    return inUnits(national.weight + local.weight);
  }

  #weightOfPhones(a: number, b: number): number {
    const { phones } = this.#comparer;
    phones.compare(a, b);
    return inUnits(phones.best.weight);
  }

  #weightOfEmails(a: number, b: number): number {
    const { emails } = this.#comparer;
    emails.compare(a, b);
    return inUnits(emails.best.weight);
  }

  #weightOfAddresses(a: number, b: number): number {
    const { addresses } = this.#comparer;
    addresses.compare(a, b);
    return inUnits(addresses.place.weight + addresses.street.weight);
  }

  #weightOfNames(a: number, b: number): number {
    const { names } = this.#comparer;
    names.compare(a, b);
    const { family, given, middle, order } = names;
    return inUnits(family.weight + given.weight + middle.weight + order.weight) - this.#order;
  }

  /** At a glance, and exact only where it is not below what is needed; anyWeight where names may be swapped. */
  #boundOfNames(x: number, y: number, names: NameBounds, needed: number): number {
    const rows = this.#rows;
    const familyX = rows[x + digest.family]!;
    const familyY = rows[y + digest.family]!;
    const givenX = rows[x + digest.given]!;
    const givenY = rows[y + digest.given]!;
    if (names.mayReadSwapped(familyX, givenX, familyY, givenY)) return anyWeight;
    let bound = 0;
    if (familyX >= 0 && familyY >= 0) bound += names.familyWeight(familyX, familyY);
    const middleX = rows[x + digest.middle]!;
    const middleY = rows[y + digest.middle]!;
    return bound + names.givenAndMiddleWeight(givenX, middleX, givenY, middleY, needed - bound);
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
    if (((factsX | factsY) & digestBits.hasMoreNames) !== 0) bound += Math.max(0, this.#generation.best);
    else if (generationX !== 0 && generationY !== 0) bound += this.#generation.best;
    if ((factsX & factsY & digestBits.hasMother) !== 0) bound += this.#mother.best;
    if (((factsX | factsY) & digestBits.hasBirthFacts) !== 0) bound += Math.max(0, this.#birth.best);
    return bound;
  }

  /** anyWeight for the same identifier: such a pair is always looked at. */
  #boundOfIdentifiers(x: number, y: number, factsX: number, factsY: number): number {
    const domains = factsX ^ factsY;
    return (
      this.#boundOfIdentifier(
        this.#national,
        (domains >> digestBits.nationalDomainShift) & digestBits.domainMask,
        x + digest.nationalIdentifier,
        y + digest.nationalIdentifier,
        digest.nationalSignature - digest.nationalIdentifier,
      ) +
      this.#boundOfIdentifier(
        this.#local,
        (domains >> digestBits.localDomainShift) & digestBits.domainMask,
        x + digest.localIdentifier,
        y + digest.localIdentifier,
        digest.localSignature - digest.localIdentifier,
      )
    );
  }

  /** @param toSignature from the place of the identifier to that of its signature. */
  #boundOfIdentifier(limits: Limits, domains: number, x: number, y: number, toSignature: number): number {
    const first = this.#rows[x]!;
    const second = this.#rows[y]!;
    if (first < 0 || second < 0 || domains !== 0) return 0;
    if (first === second) return anyWeight;
    const mayAgree =
      mayBeNear(this.#rows[x + toSignature]!, this.#rows[y + toSignature]!) &&
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
  #boundOfEmails(first: number, second: number): number {
    if (first < 0 || second < 0) return 0;
    return first === second ? this.#email.best : Math.max(0, this.#email.bestBelowExact);
  }

  /** At a glance: any likeness of towns and postal codes counts as the best there is. */
  #bestOfAddresses(x: number, y: number): number {
    const rows = this.#rows;
    const code = rows[x + digest.postalCode]!;
    const city = rows[x + digest.city]!;
    const isEqual =
      (code >= 0 && code === rows[y + digest.postalCode]) || (city >= 0 && city === rows[y + digest.city]);
    const numberX = rows[x + digest.houseNumber]!;
    const numberY = rows[y + digest.houseNumber]!;
    const hasOtherNumber = numberX >= 0 && numberY >= 0 && numberX !== numberY;
    const streets = hasOtherNumber
      ? Math.max(this.#samePlaceOtherNumber, this.#otherPlace.bestConflict)
      : Math.max(this.#samePlace.best, this.#otherPlace.best);
    return Math.max(0, isEqual ? this.#place.best : this.#unlikePlace) + Math.max(0, streets);
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

/** The most that levels of a comparison can give, frequency adjustments included, in units. */
class Limits {
  readonly #most: Int32Array;
  readonly #comparison: CompiledComparison;
  readonly best: number;
  readonly bestAgreement: number;
  readonly bestConflict: number;
  /** Of all levels but the first. */
  readonly bestBelowExact: number;

  constructor(comparison: CompiledComparison, isCounted: (level: number) => boolean = () => true) {
    const { levels } = comparison.kind;
    this.#comparison = comparison;
    this.#most = Int32Array.from(comparison.mostWeights, inUnits);
    const bestOf = (matches: (level: number) => boolean): number =>
      levels.reduce(
        (best, _, level) => (isCounted(level) && matches(level) ? Math.max(best, this.#most[level]!) : best),
        -anyWeight,
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
}
