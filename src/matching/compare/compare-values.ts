import { compareEmails, emailLevel } from "../comparators/email.ts";
import { compareIdentifiers, identifierLevel } from "../comparators/identifier.ts";
import { comparePhones, phoneLevel } from "../comparators/phone.ts";
import { comparisonIndex, levelIndex } from "../model/comparison-kinds.ts";
import type { CompiledComparison, CompiledModel } from "../model/compile-model.ts";
import { readValue, type DictionaryColumns } from "../store/byte-dictionary.ts";
import { mix, toNumber } from "../store/hash-mix.ts";
import {
  valueFlags,
  type IdentifierColumns,
  type RecordStore,
  type ValueColumns,
} from "../store/record-store.ts";
import { digest, digestBits, flagsOfDigest } from "../score/row-digests.ts";
import { BestLevel, isAdjusted } from "./best-level.ts";
import { mayBeSameEmail } from "./email-traits.ts";
import { LastPair } from "./last-pair.ts";
import { areWithinOneEdit, isEitherSuffix } from "./quick-tests.ts";
import type { StoreTraits } from "./store-traits.ts";
import { commonerFrequency, type ListedFrequencies, type ValueTables } from "./value-tables.ts";

const phoneLevels = new Uint8Array(Object.keys(phoneLevel).length);
phoneLevels[phoneLevel.exact] = levelIndex("phone", "exact");
phoneLevels[phoneLevel.localPart] = levelIndex("phone", "local-part");
phoneLevels[phoneLevel.oneDigit] = levelIndex("phone", "one-digit");
phoneLevels[phoneLevel.else] = levelIndex("phone", "differs");

const emailLevels = new Uint8Array(Object.keys(emailLevel).length);
emailLevels[emailLevel.exact] = levelIndex("email", "exact");
emailLevels[emailLevel.veryClose] = levelIndex("email", "very-close");
emailLevels[emailLevel.sameLocalPart] = levelIndex("email", "same-local-part");
emailLevels[emailLevel.close] = levelIndex("email", "close");
emailLevels[emailLevel.closeLocalPart] = levelIndex("email", "close-local-part");
emailLevels[emailLevel.else] = levelIndex("email", "differs");

const nationalLevels = new Uint8Array(Object.keys(identifierLevel).length);
nationalLevels[identifierLevel.exact] = levelIndex("national-identifier", "exact");
nationalLevels[identifierLevel.leadingZeros] = levelIndex("national-identifier", "one-edit");
nationalLevels[identifierLevel.oneEdit] = levelIndex("national-identifier", "one-edit");
nationalLevels[identifierLevel.lastFour] = levelIndex("national-identifier", "last-four");
nationalLevels[identifierLevel.twoEdits] = levelIndex("national-identifier", "two-edits");
nationalLevels[identifierLevel.else] = levelIndex("national-identifier", "differs");

const localLevels = new Uint8Array(Object.keys(identifierLevel).length).fill(
  levelIndex("local-identifier", "differs"),
);
localLevels[identifierLevel.exact] = levelIndex("local-identifier", "exact");
localLevels[identifierLevel.leadingZeros] = levelIndex("local-identifier", "one-edit");
localLevels[identifierLevel.oneEdit] = levelIndex("local-identifier", "one-edit");

type CompareTexts = (a: string | null, b: string | null) => number;

/** False only where the comparator would say "else" of two codes. */
type MayAgree = (a: number, b: number) => boolean;

/** Where the digests have a value of a kind, and what says that a record has others. */
interface PlaceInDigest {
  readonly value: number;
  readonly hasMore: number;
}

/** Compares lists of single values: phones, or e-mail addresses. */
export class ValueListComparer {
  readonly best = new BestLevel();
  readonly #digests: Int32Array;
  readonly #place: PlaceInDigest;
  readonly #columns: ValueColumns;
  readonly #dictionary: DictionaryColumns;
  readonly #frequencies: ListedFrequencies;
  readonly #comparison: CompiledComparison;
  readonly #levels: Uint8Array;
  readonly #compareTexts: CompareTexts;
  readonly #mayAgree: MayAgree;
  readonly #last = new LastPair();
  readonly #differs: number;

  constructor(
    digests: Int32Array,
    place: PlaceInDigest,
    columns: ValueColumns,
    dictionary: DictionaryColumns,
    frequencies: ListedFrequencies,
    comparison: CompiledComparison,
    levels: Uint8Array,
    compareTexts: CompareTexts,
    mayAgree: MayAgree,
  ) {
    this.#digests = digests;
    this.#place = place;
    this.#columns = columns;
    this.#dictionary = dictionary;
    this.#frequencies = frequencies;
    this.#comparison = comparison;
    this.#levels = levels;
    this.#compareTexts = compareTexts;
    this.#mayAgree = mayAgree;
    this.#differs = levels.at(-1)!;
  }

  compare(a: number, b: number): void {
    if (this.#last.isSame(a, b)) return;
    this.best.clear();
    const x = a * digest.width;
    const y = b * digest.width;
    const rows = this.#digests;
    if (((rows[x + digest.facts]! | rows[y + digest.facts]!) & this.#place.hasMore) !== 0) {
      this.#compareLists(a, b);
      return;
    }
    const first = rows[x + this.#place.value]!;
    const second = rows[y + this.#place.value]!;
    if (first >= 0 && second >= 0) this.#offer(first, second, true, 0, 0);
  }

  #compareLists(a: number, b: number): void {
    const { starts, value, flags } = this.#columns;
    const startA = starts[a]!;
    const startB = starts[b]!;
    for (let x = startA; x < starts[a + 1]!; x++) {
      for (let y = startB; y < starts[b + 1]!; y++) {
        const isCurrent = (flags[x]! & flags[y]! & valueFlags.current) !== 0;
        this.#offer(value[x]!, value[y]!, isCurrent, x - startA, y - startB);
      }
    }
  }

  #offer(a: number, b: number, isCurrent: boolean, first: number, second: number): void {
    const comparison = this.#comparison;
    const level = a === b ? this.#levels[0]! : this.#compareCodes(a, b);
    const frequency = isAdjusted(comparison, level) ? commonerFrequency(this.#frequencies, a, b) : 0;
    this.best.offer(comparison, level, frequency, isCurrent, first, second);
  }

  /** False only where two different values are certain to differ. */
  mayAgree(a: number, b: number): boolean {
    return this.#mayAgree(a, b);
  }

  #compareCodes(a: number, b: number): number {
    if (!this.#mayAgree(a, b)) return this.#differs;
    return this.#levels[this.#compareTexts(readValue(this.#dictionary, a), readValue(this.#dictionary, b))]!;
  }
}

export function createPhoneComparer(
  store: RecordStore,
  compiled: CompiledModel,
  tables: ValueTables,
  traits: StoreTraits,
): ValueListComparer {
  const comparison = compiled.comparisons[comparisonIndex.phone]!;
  return new ValueListComparer(
    traits.digests,
    { value: digest.phone, hasMore: digestBits.hasMorePhones },
    store.phones,
    store.dictionaries.phones,
    tables.phones,
    comparison,
    phoneLevels,
    comparePhones,
    (a, b) => mayBeSamePhone(store.dictionaries.phones, a, b),
  );
}

export function createEmailComparer(
  store: RecordStore,
  compiled: CompiledModel,
  tables: ValueTables,
  traits: StoreTraits,
): ValueListComparer {
  const comparison = compiled.comparisons[comparisonIndex.email]!;
  return new ValueListComparer(
    traits.digests,
    { value: digest.email, hasMore: digestBits.hasMoreEmails },
    store.emails,
    store.dictionaries.emails,
    tables.emails,
    comparison,
    emailLevels,
    compareEmails,
    (a, b) => mayBeSameEmail(traits.emails, a, b),
  );
}

/** One identifier among all, as a number: its domain and value. */
export function identifierKeyOf(store: RecordStore, entry: number): number {
  const { domain, value } = store.identifiers;
  return keyOfCodes(store, domain[entry]!, value[entry]!);
}

function keyOfCodes({ dictionaries }: RecordStore, domainCode: number, valueCode: number): number {
  const domain = dictionaries.domains.hashes[domainCode]!;
  const value = dictionaries.identifiers.hashes[valueCode]!;
  return toNumber(mix(domain, value), mix(value, domain));
}

/** Compares identifiers of the same domain; different values conflict only where a person has at most one. */
export class IdentifierComparer {
  readonly national = new BestLevel();
  readonly local = new BestLevel();
  /** Both have a value in some authoritative domain and agree in it. */
  authoritativeAgrees = false;
  #hasAuthoritativeConflict = false;
  readonly #digests: Int32Array;
  readonly #store: RecordStore;
  readonly #columns: IdentifierColumns;
  readonly #dictionary: DictionaryColumns;
  readonly #tables: ValueTables;
  readonly #national: CompiledComparison;
  readonly #local: CompiledComparison;
  readonly #comparesTwoEdits: boolean;
  readonly #last = new LastPair();

  constructor(store: RecordStore, compiled: CompiledModel, tables: ValueTables, traits: StoreTraits) {
    this.#digests = traits.digests;
    this.#store = store;
    this.#columns = store.identifiers;
    this.#dictionary = store.dictionaries.identifiers;
    this.#tables = tables;
    this.#national = compiled.comparisons[comparisonIndex["national-identifier"]]!;
    this.#local = compiled.comparisons[comparisonIndex["local-identifier"]]!;
    const twoEdits = levelIndex("national-identifier", "two-edits");
    this.#comparesTwoEdits = this.#national.levelInModel[twoEdits] === twoEdits;
  }

  /** Both have a current value in some authoritative domain and agree in none. */
  get authoritativeDiffers(): boolean {
    return this.#hasAuthoritativeConflict && !this.authoritativeAgrees;
  }

  compare(a: number, b: number): void {
    if (this.#last.isSame(a, b)) return;
    this.national.clear();
    this.local.clear();
    this.authoritativeAgrees = false;
    this.#hasAuthoritativeConflict = false;
    const x = a * digest.width;
    const y = b * digest.width;
    const facts = this.#digests[x + digest.facts]! | this.#digests[y + digest.facts]!;
    if ((facts & digestBits.hasMoreIdentifiers) === 0) this.#compareSingle(x, y);
    else this.#compareLists(a, b);
  }

  /** @param x and y: where the digests of two records begin that have one value of each kind, or none. */
  #compareSingle(x: number, y: number): void {
    const rows = this.#digests;
    const factsX = rows[x + digest.facts]!;
    const factsY = rows[y + digest.facts]!;
    const domains = factsX ^ factsY;
    const common = factsX & factsY;
    const { nationalDomainShift, localDomainShift, domainMask, identifierFlagsMask } = digestBits;
    const nationalX = rows[x + digest.nationalIdentifier]!;
    const nationalY = rows[y + digest.nationalIdentifier]!;
    if (nationalX >= 0 && nationalY >= 0 && ((domains >> nationalDomainShift) & domainMask) === 0) {
      const own = (common >> digestBits.nationalFlagsShift) & identifierFlagsMask;
      const flags = valueFlags.national | valueFlags.current | flagsOfDigest(own);
      const domain = (factsX >> nationalDomainShift) & domainMask;
      this.#comparePair(domain, nationalX, nationalY, flags, -1, -1);
    }
    const localX = rows[x + digest.localIdentifier]!;
    const localY = rows[y + digest.localIdentifier]!;
    if (localX >= 0 && localY >= 0 && ((domains >> localDomainShift) & domainMask) === 0) {
      const own = (common >> digestBits.localFlagsShift) & identifierFlagsMask;
      const flags = valueFlags.current | flagsOfDigest(own);
      this.#comparePair((factsX >> localDomainShift) & domainMask, localX, localY, flags, -1, -1);
    }
  }

  #compareLists(a: number, b: number): void {
    const { starts, domain, value, flags } = this.#columns;
    const startA = starts[a]!;
    const startB = starts[b]!;
    for (let x = startA; x < starts[a + 1]!; x++) {
      for (let y = startB; y < starts[b + 1]!; y++) {
        if (domain[x] !== domain[y]) continue;
        const common = flags[x]! & flags[y]!;
        this.#comparePair(domain[x]!, value[x]!, value[y]!, common, x - startA, y - startB);
      }
    }
  }

  /** @param common flags that the two have in common. */
  #comparePair(
    domain: number,
    codeX: number,
    codeY: number,
    common: number,
    first: number,
    second: number,
  ): void {
    const isNational = (common & valueFlags.national) !== 0;
    const isCurrent = (common & valueFlags.current) !== 0;
    if ((common & valueFlags.authoritative) !== 0) {
      if (codeX === codeY) this.authoritativeAgrees = true;
      else if (isCurrent) this.#hasAuthoritativeConflict = true;
    }
    const place = codeX === codeY ? identifierLevel.exact : this.#compareCodes(codeX, codeY);
    const canConflict = isCurrent && (common & valueFlags.unique) !== 0;
    if (place === identifierLevel.else && !canConflict) return;
    const comparison = isNational ? this.#national : this.#local;
    const level = (isNational ? nationalLevels : localLevels)[place]!;
    const table = isNational ? this.#tables.nationalIdentifiers : this.#tables.localIdentifiers;
    const frequency = isAdjusted(comparison, level) ? this.#frequency(table, domain, codeX, codeY) : 0;
    const best = isNational ? this.national : this.local;
    best.offer(comparison, level, frequency, canConflict, first, second);
  }

  #frequency(table: ListedFrequencies, domain: number, a: number, b: number): number {
    if (table.listed.size === 0) return table.unlisted;
    return commonerFrequency(table, keyOfCodes(this.#store, domain, a), keyOfCodes(this.#store, domain, b));
  }

  /** False only where two different values are certain to differ: neither an edit apart, nor one the other's end. */
  mayAgree(a: number, b: number): boolean {
    const dictionary = this.#dictionary;
    return this.#comparesTwoEdits || areWithinOneEdit(dictionary, a, b) || isEitherSuffix(dictionary, a, b);
  }

  #compareCodes(a: number, b: number): number {
    if (!this.mayAgree(a, b)) return identifierLevel.else;
    const dictionary = this.#dictionary;
    return compareIdentifiers(readValue(dictionary, a), readValue(dictionary, b));
  }
}

function mayBeSamePhone(dictionary: DictionaryColumns, a: number, b: number): boolean {
  return areWithinOneEdit(dictionary, a, b) || isEitherSuffix(dictionary, a, b);
}
