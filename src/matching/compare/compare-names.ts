import {
  comparePreparedFamilyNames,
  familyNameLevel,
  prepareFamilyName,
  type PreparedFamilyName,
} from "../comparators/family-name.ts";
import {
  comparePreparedGivenNames,
  givenNameLevel,
  prepareGivenName,
  type PreparedGivenName,
} from "../comparators/given-name.ts";
import { createPhoneticLookup, type PhoneticLookup } from "../comparators/phonetic.ts";
import { comparisonIndex, levelIndex } from "../model/comparison-kinds.ts";
import type { CompiledComparison, CompiledModel } from "../model/compile-model.ts";
import { readValue } from "../store/byte-dictionary.ts";
import { valueFlags, type RecordStore } from "../store/record-store.ts";
import { digest, digestBits } from "../score/row-digests.ts";
import { BestLevel } from "./best-level.ts";
import { LastPair } from "./last-pair.ts";
import { LevelMemo, notKnown } from "./level-memo.ts";
import {
  hasSeveralWords,
  haveCrossedInitials,
  likeness,
  likenessOfFamilyNames,
  likenessOfGivenNames,
} from "./name-traits.ts";
import type { StoreTraits } from "./store-traits.ts";
import { areBothEstablished, frequencyOfCommoner, type ValueTables } from "./value-tables.ts";

/** Levels of the comparators to levels of the kinds, by place. */
const familyLevels = mapLevels(familyNameLevel, {
  exact: levelIndex("family-name", "exact"),
  veryClose: levelIndex("family-name", "very-close"),
  contained: levelIndex("family-name", "contained"),
  close: levelIndex("family-name", "close"),
  phonetic: levelIndex("family-name", "phonetic"),
  partInCommon: levelIndex("family-name", "part-in-common"),
  similar: levelIndex("family-name", "similar"),
  else: levelIndex("family-name", "differs"),
});

const givenLevels = mapLevels(givenNameLevel, {
  exact: levelIndex("given-name", "exact"),
  contained: levelIndex("given-name", "contained"),
  nickname: levelIndex("given-name", "nickname"),
  veryClose: levelIndex("given-name", "very-close"),
  initial: levelIndex("given-name", "initial"),
  sharedFormalName: levelIndex("given-name", "shared-formal-name"),
  close: levelIndex("given-name", "close"),
  phonetic: levelIndex("given-name", "phonetic"),
  similar: levelIndex("given-name", "similar"),
  else: levelIndex("given-name", "differs"),
});

const family = {
  exact: levelIndex("family-name", "exact"),
  veryClose: levelIndex("family-name", "very-close"),
  contained: levelIndex("family-name", "contained"),
  close: levelIndex("family-name", "close"),
  phonetic: levelIndex("family-name", "phonetic"),
  bothCommon: levelIndex("family-name", "both-common"),
  differs: levelIndex("family-name", "differs"),
} as const;

const given = {
  exact: levelIndex("given-name", "exact"),
  veryClose: levelIndex("given-name", "very-close"),
  middle: levelIndex("given-name", "middle"),
  bothCommon: levelIndex("given-name", "both-common"),
  differs: levelIndex("given-name", "differs"),
} as const;

const middle = {
  exact: levelIndex("middle-name", "exact"),
  initial: levelIndex("middle-name", "initial"),
  alike: levelIndex("middle-name", "alike"),
  differs: levelIndex("middle-name", "differs"),
} as const;

const order = {
  same: levelIndex("name-order", "same"),
  swapped: levelIndex("name-order", "swapped"),
} as const;

/** The level of a given name that stands in the other's family name, by level of the two as family names. */
const givenLevelOfFamilyLevel = new Uint8Array(32).fill(levelIndex("given-name", "differs"));
givenLevelOfFamilyLevel[family.exact] = given.exact;
givenLevelOfFamilyLevel[family.veryClose] = given.veryClose;
givenLevelOfFamilyLevel[family.contained] = levelIndex("given-name", "contained");
givenLevelOfFamilyLevel[family.close] = levelIndex("given-name", "close");
givenLevelOfFamilyLevel[family.phonetic] = levelIndex("given-name", "phonetic");
givenLevelOfFamilyLevel[levelIndex("family-name", "similar")] = levelIndex("given-name", "similar");

/** Levels of likeness that say nothing where both names are established names. */
const familyLikeness = flagLevels([
  family.veryClose,
  levelIndex("family-name", "close"),
  levelIndex("family-name", "phonetic"),
  levelIndex("family-name", "similar"),
]);
const givenLikeness = flagLevels([
  given.veryClose,
  levelIndex("given-name", "close"),
  levelIndex("given-name", "phonetic"),
  levelIndex("given-name", "similar"),
]);

/** Compares all names of two records of a store; the results stay until the next call. */
export class NameComparer {
  readonly family = new BestLevel();
  readonly given = new BestLevel();
  readonly middle = new BestLevel();
  readonly order = new BestLevel();
  readonly #digests: Int32Array;
  readonly #names: RecordStore["names"];
  readonly #dictionary: RecordStore["dictionaries"]["names"];
  readonly #tables: ValueTables;
  readonly #traits: Int32Array;
  readonly #comparisons: {
    readonly family: CompiledComparison;
    readonly given: CompiledComparison;
    readonly middle: CompiledComparison;
    readonly order: CompiledComparison;
  };
  readonly #texts: (string | undefined)[];
  readonly #familyNames: (PreparedFamilyName | undefined)[];
  readonly #givenNames: (PreparedGivenName | undefined)[];
  readonly #codesOf: PhoneticLookup = createPhoneticLookup();
  readonly #familyMemo: LevelMemo;
  readonly #givenMemo: LevelMemo;
  readonly #middleMemo: LevelMemo;
  readonly #last = new LastPair();
  readonly #swappedFamily = new BestLevel();
  readonly #swappedGiven = new BestLevel();

  constructor(store: RecordStore, compiled: CompiledModel, tables: ValueTables, traits: StoreTraits) {
    this.#digests = traits.digests;
    this.#names = store.names;
    this.#dictionary = store.dictionaries.names;
    this.#tables = tables;
    this.#traits = traits.names;
    const { size } = store.dictionaries.names;
    this.#texts = new Array<string | undefined>(size);
    this.#familyNames = new Array<PreparedFamilyName | undefined>(size);
    this.#givenNames = new Array<PreparedGivenName | undefined>(size);
    this.#familyMemo = new LevelMemo(size);
    this.#givenMemo = new LevelMemo(size);
    this.#middleMemo = new LevelMemo(size);
    this.#comparisons = {
      family: compiled.comparisons[comparisonIndex["family-name"]]!,
      given: compiled.comparisons[comparisonIndex["given-name"]]!,
      middle: compiled.comparisons[comparisonIndex["middle-name"]]!,
      order: compiled.comparisons[comparisonIndex["name-order"]]!,
    };
  }

  compare(a: number, b: number): void {
    if (this.#last.isSame(a, b)) return;
    this.family.clear();
    this.given.clear();
    this.middle.clear();
    this.order.clear();
    const x = a * digest.width;
    const y = b * digest.width;
    const facts = this.#digests[x + digest.facts]! | this.#digests[y + digest.facts]!;
    if ((facts & digestBits.hasMoreNames) === 0) this.#compareSingle(x, y);
    else this.#compareLists(a, b);
    if (this.order.level < 0 && (this.family.level >= 0 || this.given.level >= 0)) {
      this.order.offer(this.#comparisons.order, order.same, 0, true, -1, -1);
    }
  }

  /** @param x and y: where the digests of two records begin that have one name each, or none. */
  #compareSingle(x: number, y: number): void {
    const rows = this.#digests;
    const familyX = rows[x + digest.family]!;
    const familyY = rows[y + digest.family]!;
    const givenX = rows[x + digest.given]!;
    const givenY = rows[y + digest.given]!;
    const middleX = rows[x + digest.middle]!;
    const middleY = rows[y + digest.middle]!;
    this.#offerFamily(this.family, familyX, familyY, true, 0, 0);
    this.#offerGiven(givenX, middleX, givenY, middleY, true, 0, 0);
    if (this.given.level !== given.middle && middleX >= 0 && middleY >= 0) {
      this.middle.offer(this.#comparisons.middle, this.#middleLevel(middleX, middleY), 0, true, 0, 0);
    }
    if (haveCrossedInitials(this.#traits, familyX, givenX, familyY, givenY)) {
      this.#keepSwapped(familyX, givenX, familyY, givenY, true, 0, 0);
    }
  }

  #compareLists(a: number, b: number): void {
    const names = this.#names;
    const startA = names.starts[a]!;
    const startB = names.starts[b]!;
    const endA = names.starts[a + 1]!;
    const endB = names.starts[b + 1]!;
    let isCrossed = false;
    for (let x = startA; x < endA; x++) {
      for (let y = startB; y < endB; y++) {
        const isCurrent = (names.flags[x]! & names.flags[y]! & valueFlags.current) !== 0;
        this.#offerFamily(this.family, names.family[x]!, names.family[y]!, isCurrent, x - startA, y - startB);
        this.#offerGiven(
          names.given[x]!,
          names.middle[x]!,
          names.given[y]!,
          names.middle[y]!,
          isCurrent,
          x - startA,
          y - startB,
        );
        isCrossed ||= haveCrossedInitials(
          this.#traits,
          names.family[x]!,
          names.given[x]!,
          names.family[y]!,
          names.given[y]!,
        );
      }
    }
    if (this.given.level !== given.middle) this.#compareMiddles(startA, endA, startB, endB);
    if (isCrossed) this.#compareSwapped(startA, endA, startB, endB);
  }

  #judgedFamilyLevel(a: number, b: number): number {
    const level = this.#familyLevel(a, b);
    return familyLikeness[level] === 1 && areBothEstablished(this.#tables.family, a, b)
      ? family.bothCommon
      : level;
  }

  #judgedGivenLevel(a: number, b: number): number {
    const level = this.#givenLevel(a, b);
    return givenLikeness[level] === 1 && areBothEstablished(this.#tables.given, a, b)
      ? given.bothCommon
      : level;
  }

  #offerFamily(
    best: BestLevel,
    a: number,
    b: number,
    isCurrent: boolean,
    first: number,
    second: number,
  ): void {
    if (a < 0 || b < 0) return;
    const frequency = frequencyOfCommoner(this.#tables.family, a, b);
    best.offer(this.#comparisons.family, this.#judgedFamilyLevel(a, b), frequency, isCurrent, first, second);
  }

  #offerGiven(
    a: number,
    middleOfA: number,
    b: number,
    middleOfB: number,
    isCurrent: boolean,
    first: number,
    second: number,
  ): void {
    if (a < 0 || b < 0) return;
    let level = this.#judgedGivenLevel(a, b);
    if (level > given.middle && (this.#isAmong(a, middleOfB) || this.#isAmong(b, middleOfA))) {
      level = given.middle;
    }
    const frequency = frequencyOfCommoner(this.#tables.given, a, b);
    this.given.offer(this.#comparisons.given, level, frequency, isCurrent, first, second);
  }

  #compareMiddles(startA: number, endA: number, startB: number, endB: number): void {
    const names = this.#names;
    for (let x = startA; x < endA; x++) {
      const a = names.middle[x]!;
      if (a < 0) continue;
      for (let y = startB; y < endB; y++) {
        const b = names.middle[y]!;
        if (b < 0) continue;
        const isCurrent = (names.flags[x]! & names.flags[y]! & valueFlags.current) !== 0;
        this.middle.offer(
          this.#comparisons.middle,
          this.#middleLevel(a, b),
          0,
          isCurrent,
          x - startA,
          y - startB,
        );
      }
    }
  }

  #compareSwapped(startA: number, endA: number, startB: number, endB: number): void {
    const { family: families, given: givens, flags } = this.#names;
    for (let x = startA; x < endA; x++) {
      for (let y = startB; y < endB; y++) {
        const isCurrent = (flags[x]! & flags[y]! & valueFlags.current) !== 0;
        this.#keepSwapped(
          families[x]!,
          givens[x]!,
          families[y]!,
          givens[y]!,
          isCurrent,
          x - startA,
          y - startB,
        );
      }
    }
  }

  /**
   * Takes the swapped reading where it weighs more than the best so far: the order of several names does not matter.
   * Which of the two records has them the wrong way round is not known: the reading in which the names are commoner
   * counts.
   */
  #keepSwapped(
    familyX: number,
    givenX: number,
    familyY: number,
    givenY: number,
    isCurrent: boolean,
    first: number,
    second: number,
  ): void {
    const { weights, levelInModel } = this.#comparisons.order;
    const swappedWeight = weights[levelInModel[order.swapped]!];
    if (swappedWeight === undefined) return;
    if (!this.#readSwapped(familyX, givenX, familyY, givenY, isCurrent, first, second)) return;
    const ownOrder = this.order.level < 0 ? (weights[order.same] ?? 0) : swappedWeight;
    const best = this.family.weight + this.given.weight + ownOrder;
    if (this.#swappedFamily.weight + this.#swappedGiven.weight + swappedWeight <= best) return;
    copyBest(this.#swappedFamily, this.family);
    copyBest(this.#swappedGiven, this.given);
    this.middle.clear();
    this.order.clear();
    this.order.offer(this.#comparisons.order, order.swapped, 0, true, first, second);
  }

  #readSwapped(
    familyX: number,
    givenX: number,
    familyY: number,
    givenY: number,
    isCurrent: boolean,
    first: number,
    second: number,
  ): boolean {
    if (familyX === givenX || familyY === givenY) return false;
    const one = this.#crossLevel(familyX, givenY);
    const other = this.#crossLevel(familyY, givenX);
    if (!isSwappedReading(one, other)) return false;
    const asInFirst = this.#weighSwapped(
      familyX,
      givenY,
      one,
      familyY,
      givenX,
      other,
      isCurrent,
      first,
      second,
    );
    const asInSecond = this.#weighSwapped(
      familyY,
      givenX,
      other,
      familyX,
      givenY,
      one,
      isCurrent,
      first,
      second,
    );
    if (asInFirst < asInSecond) {
      this.#weighSwapped(familyX, givenY, one, familyY, givenX, other, isCurrent, first, second);
    }
    return true;
  }

  /** The weight where the first two are the family name and the last two the given name. */
  #weighSwapped(
    familyName: number,
    familyAgain: number,
    familyLevel: number,
    givenAgain: number,
    givenName: number,
    givenLevel: number,
    isCurrent: boolean,
    first: number,
    second: number,
  ): number {
    const { family: familyTable, given: givenTable } = this.#tables;
    this.#swappedFamily.clear();
    this.#swappedGiven.clear();
    if (familyLevel >= 0) {
      const level = familyLevel;
      const frequency = frequencyOfCommoner(familyTable, familyName, familyAgain);
      this.#swappedFamily.offer(this.#comparisons.family, level, frequency, isCurrent, first, second);
    }
    if (givenLevel >= 0) {
      const level = givenLevelOfFamilyLevel[givenLevel]!;
      const frequency = frequencyOfCommoner(givenTable, givenName, givenAgain);
      this.#swappedGiven.offer(this.#comparisons.given, level, frequency, isCurrent, first, second);
    }
    return this.#swappedFamily.weight + this.#swappedGiven.weight;
  }

  /** As family names; -1 where one is missing. */
  #crossLevel(a: number, b: number): number {
    return a < 0 || b < 0 ? -1 : this.#familyLevel(a, b);
  }

  #familyLevel(a: number, b: number): number {
    if (a === b) return family.exact;
    if (likenessOfFamilyNames(this.#traits, a, b) === likeness.none) return family.differs;
    const known = this.#familyMemo.get(a, b);
    if (known !== notKnown) return known;
    const level = familyLevels[comparePreparedFamilyNames(this.#familyName(a), this.#familyName(b))]!;
    this.#familyMemo.set(a, b, level);
    return level;
  }

  #givenLevel(a: number, b: number): number {
    if (a === b) return given.exact;
    if (likenessOfGivenNames(this.#traits, a, b) === likeness.none) return given.differs;
    const known = this.#givenMemo.get(a, b);
    if (known !== notKnown) return known;
    const level = givenLevels[comparePreparedGivenNames(this.#givenName(a), this.#givenName(b))]!;
    this.#givenMemo.set(a, b, level);
    return level;
  }

  #middleLevel(a: number, b: number): number {
    if (a === b) return middle.exact;
    const known = this.#middleMemo.get(a, b);
    if (known !== notKnown) return known;
    const level = this.#compareMiddleNames(a, b);
    this.#middleMemo.set(a, b, level);
    return level;
  }

  #compareMiddleNames(a: number, b: number): number {
    const wordsA = this.#text(a).split(" ");
    const wordsB = this.#text(b).split(" ");
    if (wordsA.some((word) => wordsB.includes(word))) return middle.exact;
    if (wordsA.some((word) => wordsB.some((other) => isInitialOf(word, other)))) return middle.initial;
    const level = this.#givenLevel(a, b);
    return level <= given.bothCommon ? middle.alike : middle.differs;
  }

  #isAmong(givenName: number, middleNames: number): boolean {
    if (middleNames < 0) return false;
    if (givenName === middleNames) return true;
    if (!hasSeveralWords(this.#traits, middleNames)) return false;
    const words = this.#text(middleNames);
    const name = this.#text(givenName);
    return name.length > 1 && words.length > name.length && words.split(" ").includes(name);
  }

  #familyName(code: number): PreparedFamilyName {
    return (this.#familyNames[code] ??= prepareFamilyName(this.#text(code), this.#codesOf));
  }

  #givenName(code: number): PreparedGivenName {
    return (this.#givenNames[code] ??= prepareGivenName(this.#text(code), this.#codesOf));
  }

  #text(code: number): string {
    return (this.#texts[code] ??= readValue(this.#dictionary, code));
  }
}

/** One name stands in the other's place, or nearly; the second may be misspelt, changed or missing. */
function isSwappedReading(one: number, other: number): boolean {
  return (one >= 0 && one <= family.veryClose) || (other >= 0 && other <= family.veryClose);
}

function isInitialOf(a: string, b: string): boolean {
  return (a.length === 1 || b.length === 1) && a.charCodeAt(0) === b.charCodeAt(0);
}

function copyBest(from: BestLevel, to: BestLevel): void {
  to.level = from.level;
  to.adjustment = from.adjustment;
  to.weight = from.weight;
  to.first = from.first;
  to.second = from.second;
}

function mapLevels<Name extends string>(
  places: Readonly<Record<Name, number>>,
  levels: Readonly<Record<Name, number>>,
): Uint8Array {
  const map = new Uint8Array(Object.keys(places).length);
  for (const name of Object.keys(places) as Name[]) map[places[name]] = levels[name];
  return map;
}

function flagLevels(levels: readonly number[]): Uint8Array {
  const flags = new Uint8Array(32);
  for (const level of levels) flags[level] = 1;
  return flags;
}
