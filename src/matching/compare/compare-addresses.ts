import { comparePlaceNames, placeNameLevel } from "../comparators/place-name.ts";
import { comparePostalCodes, postalCodeLevel } from "../comparators/postal-code.ts";
import { streetLevel } from "../comparators/street.ts";
import { comparisonIndex, levelIndex } from "../model/comparison-kinds.ts";
import type { CompiledComparison, CompiledModel } from "../model/compile-model.ts";
import { readValue, type DictionaryColumns } from "../store/byte-dictionary.ts";
import { valueFlags, type AddressColumns, type RecordStore } from "../store/record-store.ts";
import { addressKeyOf } from "./address-keys.ts";
import { digest, digestBits } from "../score/row-digests.ts";
import { BestLevel, isAdjusted } from "./best-level.ts";
import { StreetComparer } from "./compare-streets.ts";
import { postalCodesSurelyDiffer } from "./postal-code-traits.ts";
import type { StoreTraits } from "./store-traits.ts";
import { lineOfSimilarity, mayBeContained, mayBeOneEditApart, mayBeSimilar } from "./text-traits.ts";
import { LastPair } from "./last-pair.ts";
import { LevelMemo, notKnown } from "./level-memo.ts";
import { commonerFrequency, type ValueTables } from "./value-tables.ts";

const place = {
  postalCodeAndCity: levelIndex("place", "postal-code-and-city"),
  postalCodeAndCloseCity: levelIndex("place", "postal-code-and-close-city"),
  postalCode: levelIndex("place", "postal-code"),
  cityAndClosePostalCode: levelIndex("place", "city-and-close-postal-code"),
  city: levelIndex("place", "city"),
  close: levelIndex("place", "close"),
  area: levelIndex("place", "area"),
  differs: levelIndex("place", "differs"),
  onlyPostalCode: levelIndex("place", "only-postal-code"),
  onlyClosePostalCode: levelIndex("place", "only-close-postal-code"),
  onlyArea: levelIndex("place", "only-area"),
  onlyPostalCodeDiffers: levelIndex("place", "only-postal-code-differs"),
  onlyCity: levelIndex("place", "only-city"),
  onlyCloseCity: levelIndex("place", "only-close-city"),
  onlyCityDiffers: levelIndex("place", "only-city-differs"),
} as const;

const street = {
  exact: levelIndex("street", "exact"),
  otherUnit: levelIndex("street", "other-unit"),
  close: levelIndex("street", "close"),
  otherLine: levelIndex("street", "other-line"),
  numberOneEdit: levelIndex("street", "number-one-edit"),
  street: levelIndex("street", "street"),
  sameNumber: levelIndex("street", "same-number"),
  differs: levelIndex("street", "differs"),
  exactElsewhere: levelIndex("street", "exact-elsewhere"),
  closeElsewhere: levelIndex("street", "close-elsewhere"),
  differsElsewhere: levelIndex("street", "differs-elsewhere"),
} as const;

/** By level of compareStreets. */
const levelOfStreets = new Uint8Array(Object.keys(streetLevel).length).fill(street.differs);
levelOfStreets[streetLevel.exact] = street.exact;
levelOfStreets[streetLevel.close] = street.close;
levelOfStreets[streetLevel.numberOneEdit] = street.numberOneEdit;
levelOfStreets[streetLevel.numberMissing] = street.street;
levelOfStreets[streetLevel.sameStreet] = street.street;
levelOfStreets[streetLevel.sameNumber] = street.sameNumber;

/** Places that agree so far that a street in one can be the same as in the other. */
const isSamePlace = new Uint8Array(32);
for (const level of [
  place.postalCodeAndCity,
  place.postalCodeAndCloseCity,
  place.postalCode,
  place.cityAndClosePostalCode,
  place.city,
  place.close,
  place.onlyPostalCode,
  place.onlyClosePostalCode,
  place.onlyCity,
  place.onlyCloseCity,
]) {
  isSamePlace[level] = 1;
}

/** One of the two addresses that are being compared. */
interface ComparedAddress {
  row: number;
  /** Place in the list of the record. */
  place: number;
  postalCode: number;
  city: number;
  houseNumber: number;
  streetName: number;
  extra: number;
}

const noAddress: ComparedAddress = {
  row: -1,
  place: 0,
  postalCode: -1,
  city: -1,
  houseNumber: -1,
  streetName: -1,
  extra: -1,
};

/**
 * Compares all addresses of two records of a store. Place and street are taken from the same pair of addresses,
 * the one that says most for a match.
 */
export class AddressComparer {
  readonly place = new BestLevel();
  readonly street = new BestLevel();
  readonly #digests: Int32Array;
  readonly #store: RecordStore;
  readonly #last = new LastPair();
  readonly #addresses: AddressColumns;
  readonly #dictionaries: RecordStore["dictionaries"];
  readonly #tables: ValueTables;
  readonly #place: CompiledComparison;
  readonly #street: CompiledComparison;
  readonly #cities: Int32Array;
  readonly #postalCodes: Int32Array;
  readonly #cityMemo: LevelMemo;
  readonly #postalCodeMemo: LevelMemo;
  readonly #streets: StreetComparer;
  readonly #pairPlace = new BestLevel();
  readonly #pairStreet = new BestLevel();
  readonly #x = { ...noAddress };
  readonly #y = { ...noAddress };

  constructor(store: RecordStore, compiled: CompiledModel, tables: ValueTables, traits: StoreTraits) {
    this.#digests = traits.digests;
    this.#cities = traits.cities;
    this.#postalCodes = traits.postalCodes;
    this.#addresses = store.addresses;
    this.#dictionaries = store.dictionaries;
    this.#tables = tables;
    this.#cityMemo = new LevelMemo(store.dictionaries.cities.size);
    this.#postalCodeMemo = new LevelMemo(store.dictionaries.postalCodes.size);
    this.#store = store;
    this.#streets = new StreetComparer(store);
    this.#place = compiled.comparisons[comparisonIndex.place]!;
    this.#street = compiled.comparisons[comparisonIndex.street]!;
  }

  compare(a: number, b: number): void {
    if (this.#last.isSame(a, b)) return;
    this.place.clear();
    this.street.clear();
    const rows = this.#digests;
    const facts = rows[a * digest.width + digest.facts]! | rows[b * digest.width + digest.facts]!;
    if ((facts & digestBits.hasMoreAddresses) !== 0) {
      this.#compareLists(a, b);
      return;
    }
    this.#readDigest(this.#x, a);
    this.#readDigest(this.#y, b);
    this.#comparePair(this.place, this.street, true);
  }

  /** Of a record that has one address, or none, and no other line in it. */
  #readDigest(address: ComparedAddress, row: number): void {
    const rows = this.#digests;
    const at = row * digest.width;
    address.row = row;
    address.place = 0;
    address.postalCode = rows[at + digest.postalCode]!;
    address.city = rows[at + digest.city]!;
    address.houseNumber = rows[at + digest.houseNumber]!;
    address.streetName = rows[at + digest.streetName]!;
    address.extra = -1;
  }

  #readEntry(address: ComparedAddress, row: number, entry: number): void {
    const { starts, postalCode, city, houseNumber, streetName, extra } = this.#addresses;
    address.row = row;
    address.place = entry - starts[row]!;
    address.postalCode = postalCode[entry]!;
    address.city = city[entry]!;
    address.houseNumber = houseNumber[entry]!;
    address.streetName = streetName[entry]!;
    address.extra = extra[entry]!;
  }

  #compareLists(a: number, b: number): void {
    const { starts, flags } = this.#addresses;
    const startA = starts[a]!;
    const startB = starts[b]!;
    const endA = starts[a + 1]!;
    const endB = starts[b + 1]!;
    for (let x = startA; x < endA; x++) {
      for (let y = startB; y < endB; y++) {
        const isCurrent = (flags[x]! & flags[y]! & valueFlags.current) !== 0;
        this.#readEntry(this.#x, a, x);
        this.#readEntry(this.#y, b, y);
        this.#pairPlace.clear();
        this.#pairStreet.clear();
        this.#comparePair(this.#pairPlace, this.#pairStreet, isCurrent);
        this.#keepBetter();
      }
    }
  }

  #comparePair(pairPlace: BestLevel, pairStreet: BestLevel, isCurrent: boolean): void {
    const x = this.#x;
    const y = this.#y;
    const level = this.placeLevelOf(x.postalCode, x.city, y.postalCode, y.city);
    if (level >= 0) {
      const frequency = isAdjusted(this.#place, level) ? this.#placeFrequency(level) : 0;
      pairPlace.offer(this.#place, level, frequency, isCurrent, x.place, y.place);
    }
    if (x.streetName < 0 && x.houseNumber < 0) return;
    if (y.streetName < 0 && y.houseNumber < 0) return;
    const streetPairLevel = this.#streetPairLevel(level >= 0 && isSamePlace[level] === 1);
    const frequency = isAdjusted(this.#street, streetPairLevel) ? this.#streetFrequency() : 0;
    pairStreet.offer(this.#street, streetPairLevel, frequency, isCurrent, x.place, y.place);
  }

  #streetFrequency(): number {
    const { streets } = this.#tables;
    if (streets.listed.size === 0) return streets.unlisted;
    return commonerFrequency(streets, addressKeyOf(this.#store, this.#x), addressKeyOf(this.#store, this.#y));
  }

  #keepBetter(): void {
    if (this.#pairPlace.level < 0 && this.#pairStreet.level < 0) return;
    const candidate = this.#pairPlace.weight + this.#pairStreet.weight;
    const known = this.place.weight + this.street.weight;
    if (this.place.level >= 0 || this.street.level >= 0) {
      if (candidate < known) return;
      if (candidate === known && this.#pairPlace.level >= this.place.level) return;
    }
    copyBest(this.#pairPlace, this.place);
    copyBest(this.#pairStreet, this.street);
  }

  /** Whether places at this level agree so far that streets can be compared. */
  isSamePlace(level: number): boolean {
    return isSamePlace[level] === 1;
  }

  /** Level of two places by their codes; -1 where nothing can be compared. */
  placeLevelOf(postalCodeX: number, cityX: number, postalCodeY: number, cityY: number): number {
    const cities = this.#cityLevel(cityX, cityY);
    const codes = this.#postalCodeLevel(postalCodeX, postalCodeY);
    if (codes < 0) return cities < 0 ? -1 : onlyCityLevel(cities);
    if (cities < 0) return onlyPostalCodeLevel(codes);
    if (codes === postalCodeLevel.exact) {
      if (cities === placeNameLevel.exact) return place.postalCodeAndCity;
      return cities < placeNameLevel.else ? place.postalCodeAndCloseCity : place.postalCode;
    }
    if (cities === placeNameLevel.exact) {
      return codes < postalCodeLevel.area ? place.cityAndClosePostalCode : place.city;
    }
    if (codes === postalCodeLevel.oneEdit || cities < placeNameLevel.else) return place.close;
    return codes < postalCodeLevel.else ? place.area : place.differs;
  }

  #placeFrequency(level: number): number {
    const byCode = level <= place.postalCode || level === place.onlyPostalCode;
    const frequencies = byCode ? this.#tables.postalCodes : this.#tables.cities;
    const first = byCode ? this.#x.postalCode : this.#x.city;
    const second = byCode ? this.#y.postalCode : this.#y.city;
    return first < 0 || second < 0 ? 0 : Math.max(frequencies[first]!, frequencies[second]!);
  }

  #streetPairLevel(samePlace: boolean): number {
    const x = this.#x;
    const y = this.#y;
    // Elsewhere only the same number counts, and hardly any two have it.
    if (!samePlace && x.houseNumber !== y.houseNumber) return street.differsElsewhere;
    const found = this.#streets.compare(x.streetName, x.houseNumber, y.streetName, y.houseNumber);
    const level = levelOfStreets[found]!;
    if (!samePlace) {
      if (level === street.exact) return street.exactElsewhere;
      return level === street.close ? street.closeElsewhere : street.differsElsewhere;
    }
    if (level === street.exact && this.#hasOtherUnits()) return street.otherUnit;
    const hasOtherLine =
      (x.extra >= 0 && (x.extra === y.extra || x.extra === y.streetName)) ||
      (y.extra >= 0 && y.extra === x.streetName);
    return hasOtherLine ? Math.min(level, street.otherLine) : level;
  }

  /** Looked up only where the rest agrees: digests have no room for it. */
  #hasOtherUnits(): boolean {
    const { starts, unit } = this.#addresses;
    const unitX = unit[starts[this.#x.row]! + this.#x.place]!;
    const unitY = unit[starts[this.#y.row]! + this.#y.place]!;
    return unitX >= 0 && unitY >= 0 && unitX !== unitY;
  }

  /** Level of comparePlaceNames; -1 where one is missing. */
  #cityLevel(a: number, b: number): number {
    if (a < 0 || b < 0) return -1;
    if (a === b) return placeNameLevel.exact;
    if (this.#citiesSurelyDiffer(a, b)) return placeNameLevel.else;
    return remember(this.#cityMemo, this.#dictionaries.cities, a, b, comparePlaceNames);
  }

  /** True only where comparePlaceNames is certain to say "else". */
  #citiesSurelyDiffer(a: number, b: number): boolean {
    const cities = this.#cities;
    const atA = a * citiesWidth;
    const atB = b * citiesWidth;
    return (
      !mayBeSimilar(cities, atA, atB, leastCitySimilarity) &&
      !mayBeOneEditApart(cities, atA, atB) &&
      // One may begin or end with the other.
      !mayBeContained(cities, atA, atB)
    );
  }

  #postalCodeLevel(a: number, b: number): number {
    if (a < 0 || b < 0) return -1;
    if (a === b) return postalCodeLevel.exact;
    if (postalCodesSurelyDiffer(this.#postalCodes, a, b)) return postalCodeLevel.else;
    return remember(this.#postalCodeMemo, this.#dictionaries.postalCodes, a, b, comparePostalCodes);
  }
}

/** Below it two cities are neither close nor the same with other spaces. */
const leastCitySimilarity = lineOfSimilarity(0.88);
const citiesWidth = 4;

function remember(
  memo: LevelMemo,
  dictionary: DictionaryColumns,
  a: number,
  b: number,
  compare: (first: string, second: string) => number,
): number {
  const known = memo.get(a, b);
  if (known !== notKnown) return known;
  const level = compare(readValue(dictionary, a), readValue(dictionary, b));
  memo.set(a, b, level);
  return level;
}

function onlyPostalCodeLevel(codes: number): number {
  if (codes === postalCodeLevel.exact) return place.onlyPostalCode;
  if (codes <= postalCodeLevel.sector) return place.onlyClosePostalCode;
  return codes < postalCodeLevel.else ? place.onlyArea : place.onlyPostalCodeDiffers;
}

function onlyCityLevel(cities: number): number {
  if (cities === placeNameLevel.exact) return place.onlyCity;
  return cities < placeNameLevel.else ? place.onlyCloseCity : place.onlyCityDiffers;
}

function copyBest(from: BestLevel, to: BestLevel): void {
  to.level = from.level;
  to.adjustment = from.adjustment;
  to.weight = from.weight;
  to.first = from.first;
  to.second = from.second;
}
