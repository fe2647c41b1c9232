import type { DictionaryColumns } from "./byte-dictionary.ts";

/** The code of a value that is absent. */
export const absent = -1;

export const genderCodes = { none: 0, male: 1, female: 2, other: 3 } as const;

/** Bits of RecordStore.flags. */
export const recordFlags = { multipleBirth: 1, placeholderGivenName: 2, singleBirth: 4 } as const;

/** Bits of IdentifierColumns.flags; `current` is also the bit of every other list's flags. */
export const valueFlags = { current: 1, authoritative: 2, unique: 4, national: 8 } as const;

/**
 * Records as columns of integers: every distinct value is stored once, in a dictionary, and a record holds its
 * code, or -1 where it has none. Lists (names, addresses, …) of record i are the entries from starts[i] to
 * starts[i + 1]. Plain typed arrays throughout, so that worker threads can share them.
 */
export interface RecordStore {
  readonly size: number;
  /** Packed yyyymmdd; 0 where unavailable. */
  readonly birthDates: Int32Array;
  readonly genders: Uint8Array;
  readonly flags: Uint8Array;
  /** 0 where unknown. */
  readonly birthOrders: Uint8Array;
  readonly sources: Int32Array;
  readonly motherNames: Int32Array;
  readonly motherIdentifiers: Int32Array;
  readonly names: NameColumns;
  readonly addresses: AddressColumns;
  readonly phones: ValueColumns;
  readonly emails: ValueColumns;
  readonly identifiers: IdentifierColumns;
  readonly dictionaries: StoreDictionaries;
}

export interface NameColumns {
  readonly starts: Uint32Array;
  readonly family: Int32Array;
  readonly given: Int32Array;
  readonly middle: Int32Array;
  /** 0 where unknown. */
  readonly generation: Uint8Array;
  readonly flags: Uint8Array;
}

export interface AddressColumns {
  readonly starts: Uint32Array;
  /** The street without its number. */
  readonly streetName: Int32Array;
  readonly houseNumber: Int32Array;
  readonly unit: Int32Array;
  /** What the other line says, in the dictionary of street names. */
  readonly extra: Int32Array;
  readonly city: Int32Array;
  readonly postalCode: Int32Array;
  readonly flags: Uint8Array;
}

export interface ValueColumns {
  readonly starts: Uint32Array;
  readonly value: Int32Array;
  readonly flags: Uint8Array;
}

export interface IdentifierColumns extends ValueColumns {
  readonly domain: Int32Array;
}

export interface StoreDictionaries {
  /** Family, given and middle names, so that swapped ones are found by their codes. */
  readonly names: DictionaryColumns;
  readonly streetNames: DictionaryColumns;
  /** House numbers and units. */
  readonly houseNumbers: DictionaryColumns;
  readonly cities: DictionaryColumns;
  readonly postalCodes: DictionaryColumns;
  readonly phones: DictionaryColumns;
  readonly emails: DictionaryColumns;
  /** Values without their domain: two identifiers are equal where value and domain are. */
  readonly identifiers: DictionaryColumns;
  readonly domains: DictionaryColumns;
  readonly mothers: DictionaryColumns;
  readonly sources: DictionaryColumns;
}
