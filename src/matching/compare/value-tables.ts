import type { Calibration, FrequencyTable } from "../model/calibration.ts";
import { readValue, type DictionaryColumns } from "../store/byte-dictionary.ts";
import type { RecordStore } from "../store/record-store.ts";

/**
 * A name is established, and no misspelling of another, when this many records carry it, and at least this
 * share of those that carry the commoner one: any one misspelling of a name is far rarer than that.
 */
export const establishedName = { records: 8, shareOfCommoner: 0.003 } as const;

/** What the calibration knows of the values of one store, by code. */
export interface ValueTables {
  readonly family: NameTable;
  readonly given: NameTable;
  /** First byte of every name, by code. */
  readonly initials: Uint8Array;
  /** log2 of the frequency, by code. */
  readonly cities: Float64Array;
  readonly postalCodes: Float64Array;
  readonly streets: Float64Array;
  readonly phones: Float64Array;
  readonly emails: Float64Array;
  readonly nationalIdentifiers: Float64Array;
  readonly localIdentifiers: Float64Array;
  /** log2 of the frequency, by packed date; what is not in it has `unlistedBirthDate`. */
  readonly birthDates: ReadonlyMap<number, number>;
  readonly unlistedBirthDate: number;
}

export interface NameTable {
  readonly frequencies: Float64Array;
  /** Records that carry the name as far as the calibration lists it, else 0. */
  readonly records: Float64Array;
}

export function lookUpValues(store: RecordStore, calibration: Calibration): ValueTables {
  const { dictionaries } = store;
  const { frequencies } = calibration;
  const birthDates = frequencies["birth-date"];
  return {
    family: lookUpNames(dictionaries.names, frequencies["family-name"]),
    given: lookUpNames(dictionaries.names, frequencies["given-name"]),
    initials: listInitials(dictionaries.names),
    cities: lookUpFrequencies(dictionaries.cities, frequencies.city),
    postalCodes: lookUpFrequencies(dictionaries.postalCodes, frequencies["postal-code"]),
    streets: lookUpFrequencies(dictionaries.addressKeys, frequencies.street),
    phones: lookUpFrequencies(dictionaries.phones, frequencies.phone),
    emails: lookUpFrequencies(dictionaries.emails, frequencies.email),
    nationalIdentifiers: lookUpFrequencies(dictionaries.identifiers, frequencies["national-identifier"]),
    localIdentifiers: lookUpFrequencies(dictionaries.identifiers, frequencies["local-identifier"]),
    birthDates: new Map(
      birthDates.values.map(([date, records]) => [Number(date), Math.log2(records / birthDates.records)]),
    ),
    unlistedBirthDate: Math.log2(birthDates.unlisted),
  };
}

function lookUpNames(dictionary: DictionaryColumns, table: FrequencyTable): NameTable {
  const records = lookUpRecords(dictionary, table);
  return { frequencies: toFrequencies(records, table), records };
}

function lookUpFrequencies(dictionary: DictionaryColumns, table: FrequencyTable): Float64Array {
  return toFrequencies(lookUpRecords(dictionary, table), table);
}

function lookUpRecords(dictionary: DictionaryColumns, table: FrequencyTable): Float64Array {
  const records = new Float64Array(dictionary.size);
  if (table.values.length === 0) return records;
  const listed = new Map(table.values);
  for (let code = 0; code < dictionary.size; code++) {
    records[code] = listed.get(readValue(dictionary, code)) ?? 0;
  }
  return records;
}

function toFrequencies(records: Float64Array, table: FrequencyTable): Float64Array {
  const unlisted = Math.log2(table.unlisted);
  return records.map((count) => (count === 0 ? unlisted : Math.log2(count / table.records)));
}

function listInitials({ size, bytes, offsets }: DictionaryColumns): Uint8Array {
  const initials = new Uint8Array(size);
  for (let code = 0; code < size; code++) initials[code] = bytes[offsets[code]!]!;
  return initials;
}
