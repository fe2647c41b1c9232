import { digest, digestBits } from "../score/row-digests.ts";
import { keyParts, type KeyPart } from "../model/key-parts.ts";
import type { DerivedKeys } from "./derived-keys.ts";
import { mostValuesOfPart, withDayAndMonthOrdered, type KeyValues } from "./key-values.ts";

const partIndex = Object.fromEntries(keyParts.map((part, index) => [part, index])) as Readonly<
  Record<KeyPart, number>
>;

/** A part with its bit among the parts. */
export interface KnownPart {
  readonly part: KeyPart;
  readonly bit: number;
}

export const knowPart = (part: KeyPart): KnownPart => ({ part, bit: 1 << partIndex[part] });

const bitsOf = (parts: readonly KeyPart[]): number =>
  parts.reduce((bits, part) => bits | knowPart(part).bit, 0);

/** Of these a record has one value at most, whatever lists it has. */
const singleParts = bitsOf([
  "birth-date",
  "birth-date-unordered",
  "birth-year",
  "birth-year-and-month",
  "birth-month-and-day",
]);

/**
 * Which parts of blocking keys two records have a value of in common. Each part is looked at only when it is asked
 * for, and once for a pair; of records with one value of each kind in their digests.
 */
export class SharedParts {
  readonly #values: KeyValues;
  readonly #digests: Int32Array;
  readonly #derived: DerivedKeys;
  readonly #first = new Int32Array(mostValuesOfPart);
  readonly #second = new Int32Array(mostValuesOfPart);
  #a = -1;
  #b = -1;
  #isSimple = false;
  #isPartial = false;
  #known = 0;
  #shared = 0;

  constructor(values: KeyValues, digests: Int32Array, derived: DerivedKeys) {
    this.#values = values;
    this.#digests = digests;
    this.#derived = derived;
  }

  begin(a: number, b: number): void {
    const facts =
      this.#digests[a * digest.width + digest.facts]! | this.#digests[b * digest.width + digest.facts]!;
    this.#a = a;
    this.#b = b;
    this.#isSimple = (facts & digestBits.hasLists) === 0;
    this.#isPartial = (facts & digestBits.isPartial) !== 0;
    this.#known = 0;
    this.#shared = 0;
  }

  /** Whether all of the parts are shared; `bits` of the same parts. */
  sharesAll(parts: readonly KnownPart[], bits: number): boolean {
    if ((bits & this.#known & ~this.#shared) !== 0) return false;
    for (const part of parts) {
      if (!this.#shares(part)) return false;
    }
    return true;
  }

  #shares({ part, bit }: KnownPart): boolean {
    if ((this.#known & bit) !== 0) return (this.#shared & bit) !== 0;
    this.#known |= bit;
    const isTold = this.#isSimple || (bit & singleParts) !== 0;
    const isShared = isTold ? this.#sharesSimple(part) : this.#intersects(part);
    if (isShared) this.#shared |= bit;
    return isShared;
  }

  #intersects(part: KeyPart): boolean {
    const countA = this.#values.read(part, this.#a, this.#first);
    if (countA === 0) return false;
    const countB = this.#values.read(part, this.#b, this.#second);
    for (let i = 0; i < countA; i++) {
      const value = this.#first[i];
      for (let j = 0; j < countB; j++) if (value === this.#second[j]) return true;
    }
    return false;
  }

  /** The same, of records whose digests say it all. */
  #sharesSimple(part: KeyPart): boolean {
    switch (part) {
      case "birth-date":
        return this.#date(this.#a) % 100 !== 0 && this.#date(this.#a) === this.#date(this.#b);
      case "birth-year":
        return this.#sharesDatePart(1, 10000);
      case "birth-year-and-month":
        return this.#sharesDatePart(10000, 100);
      case "family-name":
        return this.#sharesCode(digest.family);
      case "given-name":
        return this.#sharesCode(digest.given);
      case "family-name-sound":
        return this.#sharesDerived(digest.family, this.#derived.nameSounds);
      case "given-name-initial":
        return this.#sharesDerived(digest.given, this.#derived.nameInitials);
      case "postal-code":
        return this.#sharesCode(digest.postalCode);
      case "city":
        return this.#sharesCode(digest.city);
      case "house-number":
        return this.#sharesCode(digest.houseNumber);
      case "street-name":
        return this.#sharesCode(digest.streetName);
      case "phone":
        return this.#sharesCode(digest.phone);
      case "email":
        return this.#sharesCode(digest.email);
      case "names":
        return this.#sharesNameSet(undefined);
      case "name-initials":
        return this.#sharesNameSet(this.#derived.nameInitials);
      case "birth-date-unordered":
        return this.#sharesUnorderedDate();
      case "birth-month-and-day":
        return this.#date(this.#a) % 100 !== 0 && this.#date(this.#a) % 10000 === this.#date(this.#b) % 10000;
      case "identifier":
        return this.#isPartial ? this.#intersects(part) : this.#sharesIdentifier();
      default:
        return this.#intersects(part);
    }
  }

  #sharesNameSet(hashes: Int32Array | undefined): boolean {
    const rows = this.#digests;
    const x = this.#a * digest.width;
    const y = this.#b * digest.width;
    const familyX = rows[x + digest.family]!;
    const givenX = rows[x + digest.given]!;
    const familyY = rows[y + digest.family]!;
    const givenY = rows[y + digest.given]!;
    if (familyX < 0 || givenX < 0 || familyY < 0 || givenY < 0) return false;
    if (hashes === undefined) return isSamePair(familyX, givenX, familyY, givenY);
    return isSamePair(hashes[familyX]!, hashes[givenX]!, hashes[familyY]!, hashes[givenY]!);
  }

  #sharesUnorderedDate(): boolean {
    const date = this.#date(this.#a);
    const other = this.#date(this.#b);
    if (date % 100 === 0 || other % 100 === 0) return false;
    return date === other || withDayAndMonthOrdered(date) === withDayAndMonthOrdered(other);
  }

  #sharesIdentifier(): boolean {
    const rows = this.#digests;
    const x = this.#a * digest.width;
    const y = this.#b * digest.width;
    const national = rows[x + digest.nationalIdentifier]!;
    const local = rows[x + digest.localIdentifier]!;
    const domains = rows[x + digest.facts]! ^ rows[y + digest.facts]!;
    return (
      (national >= 0 &&
        national === rows[y + digest.nationalIdentifier] &&
        ((domains >> digestBits.nationalDomainShift) & digestBits.domainMask) === 0) ||
      (local >= 0 &&
        local === rows[y + digest.localIdentifier] &&
        ((domains >> digestBits.localDomainShift) & digestBits.domainMask) === 0)
    );
  }

  #date(row: number): number {
    return this.#digests[row * digest.width + digest.birthDate]!;
  }

  /** A date without a part is 0 modulo `known`; parts below `unit` do not count. */
  #sharesDatePart(known: number, unit: number): boolean {
    const date = this.#date(this.#a);
    const other = this.#date(this.#b);
    if (date === 0 || other === 0 || (known > 1 && (date % known === 0 || other % known === 0))) return false;
    return Math.floor(date / unit) === Math.floor(other / unit);
  }

  #sharesCode(place: number): boolean {
    const code = this.#digests[this.#a * digest.width + place]!;
    return code >= 0 && code === this.#digests[this.#b * digest.width + place];
  }

  #sharesDerived(place: number, hashes: Int32Array): boolean {
    const first = this.#digests[this.#a * digest.width + place]!;
    const second = this.#digests[this.#b * digest.width + place]!;
    if (first < 0 || second < 0) return false;
    return hashes[first] !== 0 && hashes[first] === hashes[second];
  }
}

function isSamePair(a: number, b: number, c: number, d: number): boolean {
  return (a === c && b === d) || (a === d && b === c);
}
