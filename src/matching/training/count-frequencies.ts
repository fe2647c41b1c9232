import { addressKeyAt } from "../compare/address-keys.ts";
import { identifierKeyOf } from "../compare/compare-values.ts";
import type { FrequencyTable } from "../model/calibration.ts";
import type { FrequencyField } from "../model/comparison-kinds.ts";
import type { MatchModel } from "../model/match-model.ts";
import { readValue, type DictionaryColumns } from "../store/byte-dictionary.ts";
import { NumberCounts } from "../store/number-counts.ts";
import { valueFlags, type RecordStore } from "../store/record-store.ts";

/**
 * A value is listed from this share of all records on, so that a table has at most 100,000 entries whatever the
 * number of records.
 */
const listedShare = 1e-5;

/** Fewest records that make a value of a field frequent. */
const fewestListed: Readonly<Record<FrequencyField, number>> = {
  "family-name": 2,
  "given-name": 2,
  "birth-date": 2,
  city: 2,
  "postal-code": 2,
  street: 9,
  phone: 9,
  email: 9,
  "national-identifier": 9,
  "local-identifier": 9,
};

/** Fields of which nearly every value belongs to one person or household: agreement by chance is not counted. */
const personalFields: ReadonlySet<FrequencyField> = new Set([
  "street",
  "phone",
  "email",
  "national-identifier",
  "local-identifier",
] as const);

/** How many records carry each value, of every field. */
export function countFrequencies(
  store: RecordStore,
  model: MatchModel,
): Record<FrequencyField, FrequencyTable> {
  const { names, addresses, phones, emails, dictionaries } = store;
  const list = (
    field: FrequencyField,
    starts: Uint32Array,
    codes: Int32Array,
    dictionary: DictionaryColumns,
  ) => toTable(field, countCodes(store.size, starts, codes, dictionary.size), dictionary, store.size, model);
  return {
    "family-name": list("family-name", names.starts, names.family, dictionaries.names),
    "given-name": list("given-name", names.starts, names.given, dictionaries.names),
    "birth-date": countBirthDates(store, model),
    city: list("city", addresses.starts, addresses.city, dictionaries.cities),
    "postal-code": list("postal-code", addresses.starts, addresses.postalCode, dictionaries.postalCodes),
    street: countAddresses(store, model),
    phone: list("phone", phones.starts, phones.value, dictionaries.phones),
    email: list("email", emails.starts, emails.value, dictionaries.emails),
    ...countIdentifiers(store, model),
  };
}

interface Counts {
  /** Records that carry any value. */
  readonly records: number;
  /** By code. */
  readonly counts: Uint32Array;
}

/** Each record counts once for a value, however often it lists it. */
function countCodes(size: number, starts: Uint32Array, codes: Int32Array, values: number): Counts {
  const counts = new Uint32Array(values);
  let records = 0;
  for (let row = 0; row < size; row++) {
    const start = starts[row]!;
    let hasValue = false;
    for (let x = start; x < starts[row + 1]!; x++) {
      const code = codes[x]!;
      if (code < 0) continue;
      hasValue = true;
      let isFirst = true;
      for (let y = start; y < x; y++) isFirst &&= codes[y] !== code;
      if (isFirst) counts[code]!++;
    }
    if (hasValue) records++;
  }
  return { records, counts };
}

function toTable(
  field: FrequencyField,
  { records, counts }: Counts,
  dictionary: DictionaryColumns,
  size: number,
  model: MatchModel,
): FrequencyTable {
  const least = leastListed(field, size);
  const listed: [string, number][] = [];
  let agreeing = 0;
  for (let code = 0; code < counts.length; code++) {
    const count = counts[code]!;
    agreeing += count * (count - 1);
    if (count >= least) listed.push([readValue(dictionary, code), count]);
  }
  return finishTable(field, records, agreeing, least, listed, size, model);
}

function countBirthDates(store: RecordStore, model: MatchModel): FrequencyTable {
  const counts = new Map<number, number>();
  let records = 0;
  for (const date of store.birthDates) {
    if (date === 0) continue;
    records++;
    counts.set(date, (counts.get(date) ?? 0) + 1);
  }
  return numbersToTable("birth-date", records, counts, store.size, model);
}

function countAddresses(store: RecordStore, model: MatchModel): FrequencyTable {
  const { starts } = store.addresses;
  const counts = new NumberCounts(starts[store.size]);
  const keys: number[] = [];
  let records = 0;
  for (let row = 0; row < store.size; row++) {
    keys.length = 0;
    for (let x = starts[row]!; x < starts[row + 1]!; x++) {
      const key = addressKeyAt(store, x);
      if (key > 0 && !keys.includes(key)) keys.push(key);
    }
    if (keys.length > 0) records++;
    for (const key of keys) counts.add(key);
  }
  return numbersToTable("street", records, counts.entries(), store.size, model);
}

function countIdentifiers(
  store: RecordStore,
  model: MatchModel,
): Record<"national-identifier" | "local-identifier", FrequencyTable> {
  const { identifiers, dictionaries } = store;
  // How often a value stands there in any domain is the most that it can be in one; nearly all are rarer than what is listed.
  const occurrences = new Uint32Array(dictionaries.identifiers.size);
  for (let x = 0; x < identifiers.starts[store.size]!; x++) occurrences[identifiers.value[x]!]!++;
  return {
    "national-identifier": countIdentifiersOf(store, model, "national-identifier", occurrences),
    "local-identifier": countIdentifiersOf(store, model, "local-identifier", occurrences),
  };
}

function countIdentifiersOf(
  store: RecordStore,
  model: MatchModel,
  field: "national-identifier" | "local-identifier",
  occurrences: Uint32Array,
): FrequencyTable {
  const { starts, flags, value } = store.identifiers;
  const wanted = field === "national-identifier" ? valueFlags.national : 0;
  const least = leastListed(field, store.size);
  const counts = new NumberCounts();
  const keys: number[] = [];
  let records = 0;
  for (let row = 0; row < store.size; row++) {
    keys.length = 0;
    let hasValue = false;
    for (let x = starts[row]!; x < starts[row + 1]!; x++) {
      if ((flags[x]! & valueFlags.national) !== wanted) continue;
      hasValue = true;
      if (occurrences[value[x]!]! < least) continue;
      const key = identifierKeyOf(store, x);
      if (!keys.includes(key)) keys.push(key);
    }
    if (hasValue) records++;
    for (const key of keys) counts.add(key);
  }
  return numbersToTable(field, records, counts.entries(), store.size, model);
}

function numbersToTable(
  field: FrequencyField,
  records: number,
  counts: Iterable<readonly [number, number]>,
  size: number,
  model: MatchModel,
): FrequencyTable {
  const least = leastListed(field, size);
  let agreeing = 0;
  const listed: [string, number][] = [];
  for (const [value, count] of counts) {
    agreeing += count * (count - 1);
    if (count >= least) listed.push([String(value), count]);
  }
  return finishTable(field, records, agreeing, least, listed, size, model);
}

function leastListed(field: FrequencyField, size: number): number {
  return Math.max(fewestListed[field], Math.ceil(size * listedShare));
}

function finishTable(
  field: FrequencyField,
  records: number,
  agreeing: number,
  least: number,
  listed: [string, number][],
  size: number,
  model: MatchModel,
): FrequencyTable {
  listed.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const rarest = model.strangersPerValue[field] / Math.max(1, size);
  if (personalFields.has(field)) return { records, collision: rarest, unlisted: rarest, values: listed };
  // Records of several values may agree on more than one.
  const agreement = records < 2 ? 0 : Math.min(1, agreeing / (records * (records - 1)));
  const collision = Math.max(rarest, agreement);
  // Half of what would have been listed: the value is rarer than that, how much is not known.
  const unlisted = records === 0 ? collision : Math.max(rarest, least / 2 / records);
  return { records, collision, unlisted: Math.min(collision, unlisted), values: listed };
}
