import type { Calibration, FrequencyTable } from "../model/calibration.ts";
import { findCodes, readValue, type DictionaryColumns } from "../store/byte-dictionary.ts";
import type { RecordStore } from "../store/record-store.ts";

/**
 * A name is established, and no misspelling of another, when this many records carry it, and at least this
 * share of those that carry the commoner one: any one misspelling of a name is far rarer than that.
 */
export const establishedName = { records: 8, shareOfCommoner: 0.003 } as const;

/** What the calibration knows of the values of one store. */
export interface ValueTables {
  readonly family: NameTable;
  readonly given: NameTable;
  /** log2 of the frequency, by code: towns and postal codes are few. */
  readonly cities: Float64Array;
  readonly postalCodes: Float64Array;
  /** By address key. */
  readonly streets: ListedFrequencies;
  readonly phones: ListedFrequencies;
  readonly emails: ListedFrequencies;
  /** By identifier key. */
  readonly nationalIdentifiers: ListedFrequencies;
  readonly localIdentifiers: ListedFrequencies;
  /** By packed date. */
  readonly birthDates: ListedFrequencies;
}

export interface NameTable {
  /**
   * Two numbers by code, side by side because both are looked up: log2 of the frequency, and how many records carry the
   * name as far as the calibration lists it, else 0.
   */
  readonly figures: Float64Array;
}

/** log2 of the frequency of the commoner of two names. */
export function frequencyOfCommoner({ figures }: NameTable, a: number, b: number): number {
  return Math.max(figures[a * 2]!, figures[b * 2]!);
}

/** See establishedName. */
export function areBothEstablished({ figures }: NameTable, a: number, b: number): boolean {
  const recordsA = figures[a * 2 + 1]!;
  const recordsB = figures[b * 2 + 1]!;
  const rarer = Math.min(recordsA, recordsB);
  return (
    rarer >= establishedName.records &&
    rarer >= establishedName.shareOfCommoner * Math.max(recordsA, recordsB)
  );
}

/** log2 of the frequency of the values that are frequent enough to be listed. */
export interface ListedFrequencies {
  readonly listed: ReadonlyMap<number, number>;
  /** For all others. */
  readonly unlisted: number;
}

/** log2 of the frequency of the commoner of two values. */
export function commonerFrequency({ listed, unlisted }: ListedFrequencies, a: number, b: number): number {
  if (listed.size === 0) return unlisted;
  return Math.max(listed.get(a) ?? unlisted, listed.get(b) ?? unlisted);
}

export function lookUpValues(store: RecordStore, calibration: Calibration): ValueTables {
  const { dictionaries } = store;
  const { frequencies } = calibration;
  return {
    family: lookUpNames(dictionaries.names, frequencies["family-name"]),
    given: lookUpNames(dictionaries.names, frequencies["given-name"]),
    cities: lookUpAll(dictionaries.cities, frequencies.city),
    postalCodes: lookUpAll(dictionaries.postalCodes, frequencies["postal-code"]),
    streets: lookUpNumbers(frequencies.street),
    phones: lookUpCodes(dictionaries.phones, frequencies.phone),
    emails: lookUpCodes(dictionaries.emails, frequencies.email),
    nationalIdentifiers: lookUpNumbers(frequencies["national-identifier"]),
    localIdentifiers: lookUpNumbers(frequencies["local-identifier"]),
    birthDates: lookUpNumbers(frequencies["birth-date"]),
  };
}

/** Values and how many records carry each, by table: a calibration is looked up again and again. */
const recordsByValue = new WeakMap<FrequencyTable, ReadonlyMap<string, number>>();

function listRecords(table: FrequencyTable): ReadonlyMap<string, number> {
  let records = recordsByValue.get(table);
  if (records === undefined) {
    records = new Map(table.values);
    recordsByValue.set(table, records);
  }
  return records;
}

/** Visits the listed values that are in the dictionary: by way of the smaller of the two. */
function visitListed(
  dictionary: DictionaryColumns,
  table: FrequencyTable,
  visit: (code: number, records: number) => void,
): void {
  const listed = listRecords(table);
  if (dictionary.size < listed.size) {
    for (let code = 0; code < dictionary.size; code++) {
      const records = listed.get(readValue(dictionary, code));
      if (records !== undefined) visit(code, records);
    }
    return;
  }
  for (const [value, code] of findCodes(dictionary, listed.keys())) visit(code, listed.get(value)!);
}

function lookUpNames(dictionary: DictionaryColumns, table: FrequencyTable): NameTable {
  const figures = new Float64Array(dictionary.size * 2);
  const unlisted = Math.log2(table.unlisted);
  for (let code = 0; code < dictionary.size; code++) figures[code * 2] = unlisted;
  visitListed(dictionary, table, (code, count) => {
    figures[code * 2] = Math.log2(count / table.records);
    figures[code * 2 + 1] = count;
  });
  return { figures };
}

function lookUpAll(dictionary: DictionaryColumns, table: FrequencyTable): Float64Array {
  const frequencies = new Float64Array(dictionary.size).fill(Math.log2(table.unlisted));
  visitListed(dictionary, table, (code, count) => (frequencies[code] = Math.log2(count / table.records)));
  return frequencies;
}

function lookUpCodes(dictionary: DictionaryColumns, table: FrequencyTable): ListedFrequencies {
  const listed = new Map<number, number>();
  visitListed(dictionary, table, (code, count) => listed.set(code, Math.log2(count / table.records)));
  return { listed, unlisted: Math.log2(table.unlisted) };
}

/** By table; the same for every store. */
const numbersByTable = new WeakMap<FrequencyTable, ListedFrequencies>();

function lookUpNumbers(table: FrequencyTable): ListedFrequencies {
  let frequencies = numbersByTable.get(table);
  if (frequencies === undefined) {
    frequencies = {
      listed: new Map(
        table.values.map(([value, records]) => [Number(value), Math.log2(records / table.records)]),
      ),
      unlisted: Math.log2(table.unlisted),
    };
    numbersByTable.set(table, frequencies);
  }
  return frequencies;
}
