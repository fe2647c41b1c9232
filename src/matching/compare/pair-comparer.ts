import { yearsApart } from "../comparators/birth-date.ts";
import { comparisonIndex, comparisonKinds, levelIndex } from "../model/comparison-kinds.ts";
import type { CompiledModel } from "../model/compile-model.ts";
import { pairFacts, type PairFact } from "../model/match-model.ts";
import { genderCodes, recordFlags, valueFlags, type RecordStore } from "../store/record-store.ts";
import { digest, digestBits } from "../score/row-digests.ts";
import { BestLevel } from "./best-level.ts";
import { AddressComparer } from "./compare-addresses.ts";
import { BirthDateComparer } from "./compare-birth-dates.ts";
import { MotherComparer } from "./compare-mothers.ts";
import { NameComparer } from "./compare-names.ts";
import {
  createEmailComparer,
  createPhoneComparer,
  IdentifierComparer,
  type ValueListComparer,
} from "./compare-values.ts";
import { NameBounds } from "./name-bounds.ts";
import type { StoreTraits } from "./store-traits.ts";
import type { ValueTables } from "./value-tables.ts";

/** Births further apart than this belong to two generations. */
const generationInYears = 12;

const gender = {
  sameAsName: levelIndex("gender", "same-as-name"),
  differsFromName: levelIndex("gender", "differs-from-name"),
  same: levelIndex("gender", "same"),
  differs: levelIndex("gender", "differs"),
} as const;

const generation = {
  same: levelIndex("generation", "same"),
  differs: levelIndex("generation", "differs"),
} as const;

const multipleBirth = {
  sameOrder: levelIndex("multiple-birth", "same-order"),
  otherOrder: levelIndex("multiple-birth", "other-order"),
  multiple: levelIndex("multiple-birth", "multiple"),
  single: levelIndex("multiple-birth", "single"),
} as const;

/** Given names that agree so far that the sex follows. */
const lastNamedLevel = levelIndex("given-name", "very-close");

/** Bit of each fact in PairComparer.facts. */
export const factBits = Object.fromEntries(pairFacts.map((fact, index) => [fact, 1 << index])) as Readonly<
  Record<PairFact, number>
>;

/**
 * Compares two records of a store, comparison by comparison in the order of the kinds. The results stay until
 * the next call; nothing is allocated.
 */
export class PairComparer {
  /** By comparison: the level of the kind, or -1 where nothing could be compared. */
  readonly levels = new Int8Array(comparisonKinds.length);
  /** By comparison: bits that the frequency of the value adds to the level's weight. */
  readonly adjustments = new Float64Array(comparisonKinds.length);
  /** By comparison: which of the values of each record it was, -1 where it is none in particular. */
  readonly firstValues = new Int32Array(comparisonKinds.length);
  readonly secondValues = new Int32Array(comparisonKinds.length);
  /** Bits of factBits. */
  facts = 0;
  readonly #digests: Int32Array;
  readonly #store: RecordStore;
  readonly #compiled: CompiledModel;
  readonly names: NameComparer;
  readonly nameBounds: NameBounds;
  readonly #birthDates: BirthDateComparer;
  readonly addresses: AddressComparer;
  readonly phones: ValueListComparer;
  readonly emails: ValueListComparer;
  readonly identifiers: IdentifierComparer;
  readonly #mothers: MotherComparer;
  readonly #gender = new BestLevel();
  readonly #generation = new BestLevel();
  readonly #multipleBirth = new BestLevel();

  constructor(store: RecordStore, compiled: CompiledModel, tables: ValueTables, traits: StoreTraits) {
    this.#digests = traits.digests;
    this.#store = store;
    this.#compiled = compiled;
    this.names = new NameComparer(store, compiled, tables, traits);
    this.nameBounds = new NameBounds(store, compiled, tables, traits);
    this.#birthDates = new BirthDateComparer(compiled, tables);
    this.addresses = new AddressComparer(store, compiled, tables, traits);
    this.phones = createPhoneComparer(store, compiled, tables, traits);
    this.emails = createEmailComparer(store, compiled, tables, traits);
    this.identifiers = new IdentifierComparer(store, compiled, tables, traits);
    this.#mothers = new MotherComparer(store, compiled);
  }

  compare(a: number, b: number): void {
    const x = a * digest.width;
    const y = b * digest.width;
    const factsX = this.#digests[x + digest.facts]!;
    const factsY = this.#digests[y + digest.facts]!;
    const dateX = this.#digests[x + digest.birthDate]!;
    const dateY = this.#digests[y + digest.birthDate]!;
    const hasBirthFacts = ((factsX | factsY) & digestBits.hasBirthFacts) !== 0;
    this.names.compare(a, b);
    this.#birthDates.compare(dateX, dateY);
    this.#compareGenders(factsX, factsY);
    this.addresses.compare(a, b);
    this.phones.compare(a, b);
    this.emails.compare(a, b);
    this.identifiers.compare(a, b);
    this.#generation.clear();
    if (((factsX | factsY) & digestBits.hasMoreNames) !== 0) this.#compareGenerations(a, b);
    else this.#compareGeneration(factsX, factsY);
    this.#mothers.best.clear();
    if ((factsX & factsY & digestBits.hasMother) !== 0) this.#mothers.compare(a, b);
    this.#multipleBirth.clear();
    if (hasBirthFacts) this.#compareMultipleBirths(a, b);
    this.#put(comparisonIndex["family-name"], this.names.family);
    this.#put(comparisonIndex["given-name"], this.names.given);
    this.#put(comparisonIndex["middle-name"], this.names.middle);
    this.#put(comparisonIndex["name-order"], this.names.order);
    this.#put(comparisonIndex["birth-date"], this.#birthDates.best);
    this.#put(comparisonIndex.gender, this.#gender);
    this.#put(comparisonIndex.place, this.addresses.place);
    this.#put(comparisonIndex.street, this.addresses.street);
    this.#put(comparisonIndex.phone, this.phones.best);
    this.#put(comparisonIndex.email, this.emails.best);
    this.#put(comparisonIndex["national-identifier"], this.identifiers.national);
    this.#put(comparisonIndex["local-identifier"], this.identifiers.local);
    this.#put(comparisonIndex.generation, this.#generation);
    this.#put(comparisonIndex.mother, this.#mothers.best);
    this.#put(comparisonIndex["multiple-birth"], this.#multipleBirth);
    this.facts = this.#findFacts(dateX, dateY) | (hasBirthFacts ? this.#findBirthFacts(a, b) : 0);
  }

  #put(comparison: number, best: BestLevel): void {
    this.levels[comparison] = best.level;
    this.adjustments[comparison] = best.adjustment;
    this.firstValues[comparison] = best.first;
    this.secondValues[comparison] = best.second;
  }

  #compareGenders(factsX: number, factsY: number): void {
    this.#gender.clear();
    const first = (factsX >> digestBits.genderShift) & 3;
    const second = (factsY >> digestBits.genderShift) & 3;
    if (first === genderCodes.none || second === genderCodes.none) return;
    const namesAgree = this.names.given.level >= 0 && this.names.given.level <= lastNamedLevel;
    const isSame = first === second;
    const sameLevel = namesAgree ? gender.sameAsName : gender.same;
    const otherLevel = namesAgree ? gender.differsFromName : gender.differs;
    const comparison = this.#compiled.comparisons[comparisonIndex.gender]!;
    this.#gender.offer(comparison, isSame ? sameLevel : otherLevel, 0, true, 0, 0);
  }

  /** Of two records that have one name each, or none. */
  #compareGeneration(factsX: number, factsY: number): void {
    const first = (factsX >> digestBits.generationShift) & 15;
    const second = (factsY >> digestBits.generationShift) & 15;
    if (first === 0 || second === 0) return;
    const comparison = this.#compiled.comparisons[comparisonIndex.generation]!;
    const level = first === second ? generation.same : generation.differs;
    this.#generation.offer(comparison, level, 0, true, 0, 0);
  }

  #compareGenerations(a: number, b: number): void {
    const { starts, generation: generations, flags } = this.#store.names;
    const comparison = this.#compiled.comparisons[comparisonIndex.generation]!;
    for (let x = starts[a]!; x < starts[a + 1]!; x++) {
      if (generations[x] === 0) continue;
      for (let y = starts[b]!; y < starts[b + 1]!; y++) {
        if (generations[y] === 0) continue;
        const isCurrent = (flags[x]! & flags[y]! & valueFlags.current) !== 0;
        const level = generations[x] === generations[y] ? generation.same : generation.differs;
        this.#generation.offer(comparison, level, 0, isCurrent, x - starts[a]!, y - starts[b]!);
      }
    }
  }

  #compareMultipleBirths(a: number, b: number): void {
    const { birthOrders, flags } = this.#store;
    const comparison = this.#compiled.comparisons[comparisonIndex["multiple-birth"]]!;
    const orderA = birthOrders[a]!;
    const orderB = birthOrders[b]!;
    if (orderA > 0 && orderB > 0) {
      const level = orderA === orderB ? multipleBirth.sameOrder : multipleBirth.otherOrder;
      this.#multipleBirth.offer(comparison, level, 0, true, 0, 0);
    } else if (((flags[a]! | flags[b]!) & recordFlags.multipleBirth) !== 0) {
      this.#multipleBirth.offer(comparison, multipleBirth.multiple, 0, true, 0, 0);
    } else if ((flags[a]! & flags[b]! & recordFlags.singleBirth) !== 0) {
      this.#multipleBirth.offer(comparison, multipleBirth.single, 0, true, 0, 0);
    }
  }

  /** Those that say something of the births, and of names that newborns are given before they have one. */
  #findBirthFacts(a: number, b: number): number {
    const { birthOrders, flags } = this.#store;
    let facts = 0;
    if (birthOrders[a]! > 0 && birthOrders[b]! > 0 && birthOrders[a] !== birthOrders[b]) {
      facts |= factBits["birth-orders-differ"];
    }
    if (((flags[a]! | flags[b]!) & recordFlags.multipleBirth) !== 0) facts |= factBits["multiple-birth"];
    if (((flags[a]! | flags[b]!) & recordFlags.placeholderGivenName) !== 0)
      facts |= factBits["placeholder-given-name"];
    return facts;
  }

  #findFacts(dateX: number, dateY: number): number {
    let facts = 0;
    if (yearsApart(dateX, dateY) > generationInYears) facts |= factBits["a-generation-apart"];
    if (this.identifiers.authoritativeDiffers) facts |= factBits["authoritative-identifiers-differ"];
    if (this.identifiers.authoritativeAgrees) facts |= factBits["authoritative-identifier-agrees"];
    if (this.#countEvidence() < 2) facts |= factBits["single-piece-of-evidence"];
    return facts;
  }

  /** How many of name, birth date, address with contacts, and identifiers speak for a match. */
  #countEvidence(): number {
    const name = Math.max(this.names.family.weight, this.names.given.weight);
    const address = Math.max(
      this.addresses.place.weight,
      this.addresses.street.weight,
      this.phones.best.weight,
      this.emails.best.weight,
    );
    const identifier = Math.max(this.identifiers.national.weight, this.identifiers.local.weight);
    return (
      Number(name > 0) +
      Number(this.#birthDates.best.weight > 0) +
      Number(address > 0) +
      Number(identifier > 0)
    );
  }
}
