import { keyParts } from "../model/key-parts.ts";
import { digest, digestBits } from "../score/row-digests.ts";
import { mostValuesOfPart, withDayAndMonthOrdered, type KeyValues } from "./key-values.ts";
import { bitOfPart as bitOf, bitsOfParts, multipleParts, partsNotTold } from "./told-parts.ts";

/** Parts that are derived from the values that digests have: looked up only when they are asked for. */
const derivedParts = bitsOfParts([
  "family-name-sound",
  "given-name-sound",
  "given-name-initial",
  "name-initials",
  "email-name",
  "national-identifier-end",
]);

/** Of the parts that digests tell: constants, where every nanosecond counts. */
const bit = {
  familyName: bitOf["family-name"],
  givenName: bitOf["given-name"],
  names: bitOf.names,
  birthDate: bitOf["birth-date"],
  birthDateUnordered: bitOf["birth-date-unordered"],
  birthYear: bitOf["birth-year"],
  birthYearAndMonth: bitOf["birth-year-and-month"],
  birthMonthAndDay: bitOf["birth-month-and-day"],
  postalCode: bitOf["postal-code"],
  city: bitOf.city,
  streetName: bitOf["street-name"],
  houseNumber: bitOf["house-number"],
  phone: bitOf.phone,
  email: bitOf.email,
  identifier: bitOf.identifier,
} as const;

/**
 * Which parts of blocking keys two records have a value of in common: told by their digests for all kinds of which
 * each has one value; of the others a part is looked at only when it is asked for, and once for a pair.
 */
export class SharedParts {
  readonly #values: KeyValues;
  readonly #digests: Int32Array;
  /** By part, mostValuesOfPart each: the values of the first record, for as long as it stays the same. */
  readonly #first = new Int32Array(keyParts.length * mostValuesOfPart);
  readonly #counts = new Int8Array(keyParts.length);
  readonly #second = new Int32Array(mostValuesOfPart);
  #a = -1;
  #b = -1;
  /** Parts whose values of the first record have been read. */
  #read = 0;
  /** Parts that the digests of both tell. */
  #told = 0;
  #known = 0;
  #shared = 0;

  /** @param values with the digests. */
  constructor(values: KeyValues, digests: Int32Array) {
    this.#values = values;
    this.#digests = digests;
  }

  /** @returns bits of parts that are certain not to be shared. */
  begin(a: number, b: number): number {
    const rows = this.#digests;
    const x = a * digest.width;
    const y = b * digest.width;
    if (a !== this.#a) {
      this.#a = a;
      this.#read = 0;
    }
    this.#b = b;
    this.#told = ~partsNotTold(rows[x + digest.facts]! | rows[y + digest.facts]!);
    this.#known = this.#told & ~derivedParts;
    this.#shared =
      (this.#sharedNames(x, y) |
        sharedDates(rows[x + digest.birthDate]!, rows[y + digest.birthDate]!) |
        this.#sharedAddresses(x, y) |
        this.#sharedContacts(x, y) |
        this.#sharedIdentifiers(x, y)) &
      this.#known;
    return this.#known & ~this.#shared;
  }

  /** Whether each record has one value at most of each of the parts. */
  areSingle(bits: number): boolean {
    const rows = this.#digests;
    const facts = rows[this.#a * digest.width + digest.facts]! | rows[this.#b * digest.width + digest.facts]!;
    return (bits & (multipleParts | partsNotTold(facts))) === 0;
  }

  /** Whether all of the parts are shared. */
  sharesAll(bits: number): boolean {
    if ((bits & this.#known & ~this.#shared) !== 0) return false;
    for (let rest = bits & ~this.#known; rest !== 0; rest &= rest - 1) {
      const index = 31 - Math.clz32(rest & -rest);
      const part = 1 << index;
      this.#known |= part;
      const isTold = (this.#told & part) !== 0;
      if (!(isTold ? this.#sharesOnly(index) : this.#intersects(index))) return false;
      this.#shared |= part;
    }
    return true;
  }

  /** Of a part that the digests of both tell. */
  #sharesOnly(index: number): boolean {
    const part = keyParts[index]!;
    const value = this.#values.readOnly(part, this.#a);
    return value !== 0 && value === this.#values.readOnly(part, this.#b);
  }

  #intersects(index: number): boolean {
    const part = keyParts[index]!;
    const from = index * mostValuesOfPart;
    if ((this.#read & (1 << index)) === 0) {
      this.#read |= 1 << index;
      const values = this.#first.subarray(from, from + mostValuesOfPart);
      this.#counts[index] = this.#values.read(part, this.#a, values);
    }
    const count = this.#counts[index]!;
    if (count === 0) return false;
    const others = this.#values.read(part, this.#b, this.#second);
    for (let i = from; i < from + count; i++) {
      const value = this.#first[i];
      for (let j = 0; j < others; j++) if (value === this.#second[j]) return true;
    }
    return false;
  }

  #sharedNames(x: number, y: number): number {
    const rows = this.#digests;
    const familyX = rows[x + digest.family]!;
    const familyY = rows[y + digest.family]!;
    const givenX = rows[x + digest.given]!;
    const givenY = rows[y + digest.given]!;
    return (
      (familyX >= 0 && familyX === familyY ? bit.familyName : 0) |
      (givenX >= 0 && givenX === givenY ? bit.givenName : 0) |
      (familyX >= 0 && givenX >= 0 && isSamePair(familyX, givenX, familyY, givenY) ? bit.names : 0)
    );
  }

  #sharedAddresses(x: number, y: number): number {
    const rows = this.#digests;
    return (
      (isSameCode(rows, x, y, digest.postalCode) ? bit.postalCode : 0) |
      (isSameCode(rows, x, y, digest.city) ? bit.city : 0) |
      (isSameCode(rows, x, y, digest.houseNumber) ? bit.houseNumber : 0) |
      (isSameCode(rows, x, y, digest.streetName) ? bit.streetName : 0)
    );
  }

  #sharedContacts(x: number, y: number): number {
    const rows = this.#digests;
    return (
      (isSameCode(rows, x, y, digest.phone) ? bit.phone : 0) |
      (isSameCode(rows, x, y, digest.email) ? bit.email : 0)
    );
  }

  #sharedIdentifiers(x: number, y: number): number {
    const rows = this.#digests;
    const domains = rows[x + digest.facts]! ^ rows[y + digest.facts]!;
    const isNational =
      isSameCode(rows, x, y, digest.nationalIdentifier) &&
      ((domains >> digestBits.nationalDomainShift) & digestBits.domainMask) === 0;
    const isLocal =
      isSameCode(rows, x, y, digest.localIdentifier) &&
      ((domains >> digestBits.localDomainShift) & digestBits.domainMask) === 0;
    return isNational || isLocal ? bit.identifier : 0;
  }
}

/** Dates are packed yyyymmdd: one without a day is 0 modulo 100, one without a month 0 modulo 10,000. */
function sharedDates(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  const yearA = (a / 10_000) | 0;
  const yearB = (b / 10_000) | 0;
  const restA = a - yearA * 10_000;
  const restB = b - yearB * 10_000;
  const monthA = (restA / 100) | 0;
  const monthB = (restB / 100) | 0;
  let bits = yearA === yearB ? bit.birthYear : 0;
  if (yearA === yearB && monthA === monthB && monthA !== 0) bits |= bit.birthYearAndMonth;
  if (restA === monthA * 100 || restB === monthB * 100) return bits;
  if (restA === restB) bits |= bit.birthMonthAndDay;
  if (a === b) return bits | bit.birthDate | bit.birthDateUnordered;
  return withDayAndMonthOrdered(a) === withDayAndMonthOrdered(b) ? bits | bit.birthDateUnordered : bits;
}

function isSameCode(rows: Int32Array, x: number, y: number, place: number): boolean {
  const code = rows[x + place]!;
  return code >= 0 && code === rows[y + place];
}

/** Two of one and two of the other, in any order. */
function isSamePair(a: number, b: number, c: number, d: number): boolean {
  return (a === c && b === d) || (a === d && b === c);
}
