import { phoneticCodes } from "../comparators/phonetic.ts";
import type { KeyPart } from "../model/key-parts.ts";
import { hashBytes, readValue, type DictionaryColumns } from "../store/byte-dictionary.ts";
import { valueFlags, type RecordStore } from "../store/record-store.ts";

/** Values of one part that a record may give; further ones are left out. */
export const mostValuesOfPart = 16;

const encoder = new TextEncoder();

/**
 * The values a record gives for each part of a blocking key, as 32-bit hashes of the normalised text: the same
 * in every store, so that a calibration can name blocks without holding a patient's values.
 */
export class KeyValues {
  readonly #store: RecordStore;
  readonly #names: Int32Array;
  readonly #streetNames: Int32Array;
  readonly #houseNumbers: Int32Array;
  readonly #cities: Int32Array;
  readonly #postalCodes: Int32Array;
  readonly #phones: Int32Array;
  readonly #emails: Int32Array;
  readonly #identifiers: Int32Array;
  readonly #sounds: DerivedHashes;
  readonly #initials: DerivedHashes;
  readonly #emailNames: DerivedHashes;
  readonly #identifierEnds: DerivedHashes;
  readonly #nameParts: DerivedLists;

  constructor(store: RecordStore) {
    const { dictionaries } = store;
    this.#store = store;
    this.#names = dictionaries.names.hashes;
    this.#streetNames = dictionaries.streetNames.hashes;
    this.#houseNumbers = dictionaries.houseNumbers.hashes;
    this.#cities = dictionaries.cities.hashes;
    this.#postalCodes = dictionaries.postalCodes.hashes;
    this.#phones = dictionaries.phones.hashes;
    this.#emails = dictionaries.emails.hashes;
    this.#identifiers = dictionaries.identifiers.hashes;
    this.#sounds = new DerivedHashes(dictionaries.names, soundOf);
    this.#initials = new DerivedHashes(dictionaries.names, (name) => name.slice(0, 1));
    this.#emailNames = new DerivedHashes(dictionaries.emails, (email) =>
      email.slice(0, email.lastIndexOf("@")),
    );
    this.#identifierEnds = new DerivedHashes(dictionaries.identifiers, endOfIdentifier);
    this.#nameParts = new DerivedLists(dictionaries.names);
  }

  /**
   * Writes the distinct values of the part for a record.
   *
   * @param values at least mostValuesOfPart long.
   * @returns how many; 0 where the part is unavailable.
   */
  read(part: KeyPart, row: number, values: Int32Array): number {
    const store = this.#store;
    const date = store.birthDates[row]!;
    switch (part) {
      case "family-name":
        return this.#readNames(row, store.names.family, this.#names, values);
      case "given-name":
        return this.#readNames(row, store.names.given, this.#names, values);
      case "family-name-sound":
        return this.#readDerivedNames(row, store.names.family, this.#sounds, values);
      case "given-name-sound":
        return this.#readDerivedNames(row, store.names.given, this.#sounds, values);
      case "given-name-initial":
        return this.#readDerivedNames(row, store.names.given, this.#initials, values);
      case "family-name-part":
        return this.#readNameParts(row, values);
      case "names":
        return this.#readNameSets(row, (code) => this.#names[code]!, values);
      case "name-initials":
        return this.#readNameSets(row, (code) => this.#initials.get(code), values);
      case "birth-date":
        return date % 100 === 0 ? 0 : put(values, 0, date);
      case "birth-date-unordered":
        return date % 100 === 0 ? 0 : put(values, 0, withDayAndMonthOrdered(date));
      case "birth-year":
        return date === 0 ? 0 : put(values, 0, Math.floor(date / 10000));
      case "birth-year-and-month":
        return date % 10000 === 0 ? 0 : put(values, 0, Math.floor(date / 100));
      case "birth-month-and-day":
        return date % 100 === 0 ? 0 : put(values, 0, date % 10000);
      case "postal-code":
        return readList(row, store.addresses.starts, store.addresses.postalCode, this.#postalCodes, values);
      case "city":
        return readList(row, store.addresses.starts, store.addresses.city, this.#cities, values);
      case "street-name":
        return readList(row, store.addresses.starts, store.addresses.streetName, this.#streetNames, values);
      case "house-number":
        return readList(row, store.addresses.starts, store.addresses.houseNumber, this.#houseNumbers, values);
      case "phone":
        return readList(row, store.phones.starts, store.phones.value, this.#phones, values);
      case "email":
        return readList(row, store.emails.starts, store.emails.value, this.#emails, values);
      case "email-name":
        return readDerivedList(row, store.emails.starts, store.emails.value, this.#emailNames, values);
      case "identifier":
        return readList(row, store.identifiers.starts, store.identifiers.value, this.#identifiers, values);
      case "national-identifier-end":
        return this.#readIdentifierEnds(row, values);
    }
  }

  #readNames(row: number, codes: Int32Array, hashes: Int32Array, values: Int32Array): number {
    return readList(row, this.#store.names.starts, codes, hashes, values);
  }

  #readDerivedNames(row: number, codes: Int32Array, hashes: DerivedHashes, values: Int32Array): number {
    return readDerivedList(row, this.#store.names.starts, codes, hashes, values);
  }

  #readNameParts(row: number, values: Int32Array): number {
    const { starts, family } = this.#store.names;
    let count = 0;
    for (let x = starts[row]!; x < starts[row + 1]!; x++) {
      if (family[x]! < 0) continue;
      for (const part of this.#nameParts.get(family[x]!)) count = put(values, count, part);
    }
    return count;
  }

  /** Family and given name of one entry, whichever stands where. */
  #readNameSets(row: number, hashOf: (code: number) => number, values: Int32Array): number {
    const { starts, family, given } = this.#store.names;
    let count = 0;
    for (let x = starts[row]!; x < starts[row + 1]!; x++) {
      if (family[x]! < 0 || given[x]! < 0) continue;
      const a = hashOf(family[x]!);
      const b = hashOf(given[x]!);
      if (a === 0 || b === 0) continue;
      count = put(values, count, mix(Math.min(a, b), Math.max(a, b)));
    }
    return count;
  }

  #readIdentifierEnds(row: number, values: Int32Array): number {
    const { starts, value, flags } = this.#store.identifiers;
    let count = 0;
    for (let x = starts[row]!; x < starts[row + 1]!; x++) {
      if ((flags[x]! & valueFlags.national) === 0) continue;
      const hash = this.#identifierEnds.get(value[x]!);
      if (hash !== 0) count = put(values, count, hash);
    }
    return count;
  }
}

/** Hashes of what is derived from a value, made when first asked for. 0 stands for "unavailable". */
class DerivedHashes {
  readonly #hashes: Int32Array;
  readonly #isKnown: Uint8Array;
  readonly #dictionary: DictionaryColumns;
  readonly #derive: (text: string) => string;

  constructor(dictionary: DictionaryColumns, derive: (text: string) => string) {
    this.#hashes = new Int32Array(dictionary.size);
    this.#isKnown = new Uint8Array(dictionary.size);
    this.#dictionary = dictionary;
    this.#derive = derive;
  }

  get(code: number): number {
    if (this.#isKnown[code] === 0) {
      this.#isKnown[code] = 1;
      const derived = this.#derive(readValue(this.#dictionary, code));
      this.#hashes[code] = derived === "" ? 0 : hashText(derived);
    }
    return this.#hashes[code]!;
  }
}

/** Hashes of the words of a name. */
class DerivedLists {
  readonly #lists = new Map<number, readonly number[]>();
  readonly #dictionary: DictionaryColumns;

  constructor(dictionary: DictionaryColumns) {
    this.#dictionary = dictionary;
  }

  get(code: number): readonly number[] {
    let list = this.#lists.get(code);
    if (list === undefined) {
      list = readValue(this.#dictionary, code).split(" ").map(hashText);
      this.#lists.set(code, list);
    }
    return list;
  }
}

/** Mixes two 32-bit hashes to one; the order counts. */
export function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ (a >>> 16), 0x7feb352d) ^ Math.imul(b, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return hash ^ (hash >>> 16);
}

function hashText(text: string): number {
  const bytes = encoder.encode(text);
  return hashBytes(bytes, 0, bytes.length);
}

function soundOf(name: string): string {
  const sound = phoneticCodes(name)[0];
  return sound === "" ? name : sound;
}

/** The last four characters behind the domain. */
function endOfIdentifier(identifier: string): string {
  const value = identifier.slice(identifier.indexOf("|") + 1);
  return value.length < 4 ? "" : value.slice(-4);
}

function withDayAndMonthOrdered(date: number): number {
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
  for (let x = starts[row]!; x < starts[row + 1]!; x++) {
    const code = codes[x]!;
    if (code >= 0) count = put(values, count, hashes[code]!);
  }
  return count;
}

function readDerivedList(
  row: number,
  starts: Uint32Array,
  codes: Int32Array,
  hashes: DerivedHashes,
  values: Int32Array,
): number {
  let count = 0;
  for (let x = starts[row]!; x < starts[row + 1]!; x++) {
    const code = codes[x]!;
    const hash = code < 0 ? 0 : hashes.get(code);
    if (hash !== 0) count = put(values, count, hash);
  }
  return count;
}

/** Adds a value once. */
function put(values: Int32Array, count: number, value: number): number {
  if (count >= mostValuesOfPart) return count;
  for (let i = 0; i < count; i++) {
    if (values[i] === value) return count;
  }
  values[count] = value;
  return count + 1;
}
