import type { KeyPart } from "../model/key-parts.ts";
import { mix } from "../store/hash-mix.ts";
import { valueFlags, type RecordStore } from "../store/record-store.ts";
import type { StoreTraits } from "../compare/store-traits.ts";
import { digest } from "../score/row-digests.ts";
import { deriveKeys, type DerivedKeys } from "./derived-keys.ts";
import { multipleParts, partsNotTold } from "./told-parts.ts";

/** Values of one part that a record may give; of more, those with the smallest hashes are taken. */
export const mostValuesOfPart = 8;

/**
 * The values a record gives for each part of a blocking key, as 32-bit hashes of the normalised text: the same
 * in every store, so that a calibration can name blocks without holding a patient's values.
 */
export class KeyValues {
  readonly #store: RecordStore;
  readonly #derived: DerivedKeys;
  readonly #digests: Int32Array | undefined;

  /** @param traits describeStore of the store, where it is there: most records are read faster from their digests. */
  constructor(store: RecordStore, traits?: Pick<StoreTraits, "keys" | "digests">) {
    this.#store = store;
    this.#derived = traits?.keys ?? deriveKeys(store);
    this.#digests = traits?.digests;
  }

  /** Whether a record is certain to give one value at most for each of the parts, which `readOnly` reads. */
  areOnly(bits: number, row: number): boolean {
    const rows = this.#digests;
    if (rows === undefined) return false;
    return (bits & (multipleParts | partsNotTold(rows[row * digest.width + digest.facts]!))) === 0;
  }

  /** The only value of a record for a part; 0 where there is none. */
  readOnly(part: KeyPart, row: number): number {
    const rows = this.#digests!;
    const at = row * digest.width;
    const { names, postalCodes, cities, streetNames, houseNumbers, phones, emails } =
      this.#store.dictionaries;
    const derived = this.#derived;
    switch (part) {
      case "family-name":
        return hashAt(names.hashes, rows[at + digest.family]!);
      case "given-name":
        return hashAt(names.hashes, rows[at + digest.given]!);
      case "family-name-sound":
        return hashAt(derived.nameSounds, rows[at + digest.family]!);
      case "given-name-sound":
        return hashAt(derived.nameSounds, rows[at + digest.given]!);
      case "given-name-initial":
        return hashAt(derived.nameInitials, rows[at + digest.given]!);
      case "names":
        return hashOfSet(names.hashes, rows[at + digest.family]!, rows[at + digest.given]!);
      case "name-initials":
        return hashOfSet(derived.nameInitials, rows[at + digest.family]!, rows[at + digest.given]!);
      case "birth-date":
      case "birth-date-unordered":
      case "birth-year":
      case "birth-year-and-month":
      case "birth-month-and-day":
        return partOfDate(part, rows[at + digest.birthDate]!);
      case "postal-code":
        return hashAt(postalCodes.hashes, rows[at + digest.postalCode]!);
      case "city":
        return hashAt(cities.hashes, rows[at + digest.city]!);
      case "street-name":
        return hashAt(streetNames.hashes, rows[at + digest.streetName]!);
      case "house-number":
        return hashAt(houseNumbers.hashes, rows[at + digest.houseNumber]!);
      case "phone":
        return hashAt(phones.hashes, rows[at + digest.phone]!);
      case "email":
        return hashAt(emails.hashes, rows[at + digest.email]!);
      case "email-name":
        return hashAt(derived.emailNames, rows[at + digest.email]!);
      case "national-identifier-end":
        return hashAt(derived.identifierEnds, rows[at + digest.nationalIdentifier]!);
      case "family-name-part":
      case "identifier":
        throw new Error(`a record may have several values for ${part}`);
    }
  }

  /**
   * Writes the distinct values of the part for a record, in ascending order: the order of its lists never shows.
   *
   * @param values at least mostValuesOfPart long.
   * @returns how many; 0 where the part is unavailable.
   */
  read(part: KeyPart, row: number, values: Int32Array): number {
    const { names, addresses, phones, emails, dictionaries, birthDates } = this.#store;
    const derived = this.#derived;
    switch (part) {
      case "family-name":
        return readList(row, names.starts, names.family, dictionaries.names.hashes, values);
      case "given-name":
        return readList(row, names.starts, names.given, dictionaries.names.hashes, values);
      case "family-name-sound":
        return readList(row, names.starts, names.family, derived.nameSounds, values);
      case "given-name-sound":
        return readList(row, names.starts, names.given, derived.nameSounds, values);
      case "given-name-initial":
        return readList(row, names.starts, names.given, derived.nameInitials, values);
      case "family-name-part":
        return this.#readFamilyParts(row, values);
      case "names":
        return this.#readNameSets(row, dictionaries.names.hashes, values);
      case "name-initials":
        return this.#readNameSets(row, derived.nameInitials, values);
      case "birth-date":
      case "birth-date-unordered":
      case "birth-year":
      case "birth-year-and-month":
      case "birth-month-and-day": {
        const value = partOfDate(part, birthDates[row]!);
        return value === 0 ? 0 : put(values, 0, value);
      }
      case "postal-code":
        return readList(row, addresses.starts, addresses.postalCode, dictionaries.postalCodes.hashes, values);
      case "city":
        return readList(row, addresses.starts, addresses.city, dictionaries.cities.hashes, values);
      case "street-name":
        return readList(row, addresses.starts, addresses.streetName, dictionaries.streetNames.hashes, values);
      case "house-number":
        return readList(
          row,
          addresses.starts,
          addresses.houseNumber,
          dictionaries.houseNumbers.hashes,
          values,
        );
      case "phone":
        return readList(row, phones.starts, phones.value, dictionaries.phones.hashes, values);
      case "email":
        return readList(row, emails.starts, emails.value, dictionaries.emails.hashes, values);
      case "email-name":
        return readList(row, emails.starts, emails.value, derived.emailNames, values);
      case "identifier":
        return this.#readIdentifiers(row, values);
      case "national-identifier-end":
        return this.#readIdentifierEnds(row, values);
    }
  }

  #readFamilyParts(row: number, values: Int32Array): number {
    const { starts, family } = this.#store.names;
    const { nameWordStarts, nameWords } = this.#derived;
    let count = 0;
    for (let x = starts[row]!; x < starts[row + 1]!; x++) {
      const code = family[x]!;
      if (code < 0) continue;
      for (let word = nameWordStarts[code]!; word < nameWordStarts[code + 1]!; word++) {
        count = put(values, count, nameWords[word]!);
      }
    }
    return count;
  }

  /** Family and given name of one entry, whichever stands where. */
  #readNameSets(row: number, hashes: Int32Array, values: Int32Array): number {
    const { starts, family, given } = this.#store.names;
    let count = 0;
    for (let x = starts[row]!; x < starts[row + 1]!; x++) {
      const hash = hashOfSet(hashes, family[x]!, given[x]!);
      if (hash !== 0) count = put(values, count, hash);
    }
    return count;
  }

  #readIdentifiers(row: number, values: Int32Array): number {
    const { starts, domain, value } = this.#store.identifiers;
    const { domains, identifiers } = this.#store.dictionaries;
    let count = 0;
    for (let x = starts[row]!; x < starts[row + 1]!; x++) {
      count = put(values, count, mix(domains.hashes[domain[x]!]!, identifiers.hashes[value[x]!]!));
    }
    return count;
  }

  #readIdentifierEnds(row: number, values: Int32Array): number {
    const { starts, value, flags } = this.#store.identifiers;
    let count = 0;
    for (let x = starts[row]!; x < starts[row + 1]!; x++) {
      const hash = (flags[x]! & valueFlags.national) === 0 ? 0 : this.#derived.identifierEnds[value[x]!]!;
      if (hash !== 0) count = put(values, count, hash);
    }
    return count;
  }
}

/** Of a packed date; 0 where it does not say so much. */
function partOfDate(part: Extract<KeyPart, `birth-${string}`>, date: number): number {
  if (part === "birth-year") return Math.floor(date / 10000);
  if (part === "birth-year-and-month") return date % 10000 === 0 ? 0 : Math.floor(date / 100);
  if (date % 100 === 0) return 0;
  if (part === "birth-month-and-day") return date % 10000;
  return part === "birth-date" ? date : withDayAndMonthOrdered(date);
}

/** A packed date with the smaller of day and month first. */
export function withDayAndMonthOrdered(date: number): number {
  const month = Math.floor(date / 100) % 100;
  const day = date % 100;
  return Math.floor(date / 10000) * 10000 + Math.min(month, day) * 100 + Math.max(month, day);
}

function readList(
  row: number,
  starts: Uint32Array,
  codes: Int32Array,
  hashes: Int32Array,
  values: Int32Array,
): number {
  let count = 0;
  const end = starts[row + 1]!;
  for (let x = starts[row]!; x < end; x++) {
    const code = codes[x]!;
    const hash = code < 0 ? 0 : hashes[code]!;
    if (hash !== 0) count = put(values, count, hash);
  }
  return count;
}

/** Of a code, or of a value that is missing: 0. */
function hashAt(hashes: Int32Array, code: number): number {
  return code < 0 ? 0 : hashes[code]!;
}

/** Of two codes, whichever is which; 0 where one is missing. */
function hashOfSet(hashes: Int32Array, a: number, b: number): number {
  const first = hashAt(hashes, a);
  const second = hashAt(hashes, b);
  return first === 0 || second === 0 ? 0 : mix(Math.min(first, second), Math.max(first, second));
}

/** Adds a value once, where it belongs in the order. */
function put(values: Int32Array, count: number, value: number): number {
  let at = 0;
  while (at < count && values[at]! < value) at++;
  if (at < count && values[at] === value) return count;
  if (at >= mostValuesOfPart) return count;
  const grown = Math.min(count + 1, mostValuesOfPart);
  for (let i = grown - 1; i > at; i--) values[i] = values[i - 1]!;
  values[at] = value;
  return grown;
}
