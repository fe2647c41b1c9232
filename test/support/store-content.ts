import type { MatchRecord } from "../../src/matching/record.ts";
import { readValue, type DictionaryColumns } from "../../src/matching/store/byte-dictionary.ts";
import { ListBuilder, type BuilderOptions } from "../../src/matching/store/list-builder.ts";
import type { RecordStore } from "../../src/matching/store/record-store.ts";
import type { RowBytes, TextSpans } from "../../src/matching/store/row-bytes.ts";
import { StoreBuilder, type BuiltStore } from "../../src/matching/store/store-builder.ts";

const value = (dictionary: DictionaryColumns, code: number) =>
  code < 0 ? null : readValue(dictionary, code);

/** Everything a store says of each record, codes and dictionaries resolved. */
export function readContent(store: RecordStore): readonly unknown[] {
  const { names, addresses, phones, emails, identifiers, dictionaries } = store;
  const list = <T>(starts: Uint32Array, row: number, read: (x: number) => T): T[] =>
    Array.from({ length: starts[row + 1]! - starts[row]! }, (_, i) => read(starts[row]! + i));
  return Array.from({ length: store.size }, (_, row) => ({
    birthDate: store.birthDates[row],
    gender: store.genders[row],
    flags: store.flags[row],
    birthOrder: store.birthOrders[row],
    source: value(dictionaries.sources, store.sources[row]!),
    motherName: value(dictionaries.mothers, store.motherNames[row]!),
    motherIdentifier: value(dictionaries.mothers, store.motherIdentifiers[row]!),
    names: list(names.starts, row, (x) => [
      value(dictionaries.names, names.family[x]!),
      value(dictionaries.names, names.given[x]!),
      value(dictionaries.names, names.middle[x]!),
      names.generation[x],
      names.flags[x],
    ]),
    addresses: list(addresses.starts, row, (x) => [
      value(dictionaries.houseNumbers, addresses.houseNumber[x]!),
      value(dictionaries.streetNames, addresses.streetName[x]!),
      value(dictionaries.houseNumbers, addresses.unit[x]!),
      value(dictionaries.streetNames, addresses.extra[x]!),
      value(dictionaries.cities, addresses.city[x]!),
      value(dictionaries.postalCodes, addresses.postalCode[x]!),
      addresses.flags[x],
    ]),
    phones: list(phones.starts, row, (x) => [value(dictionaries.phones, phones.value[x]!), phones.flags[x]]),
    emails: list(emails.starts, row, (x) => [value(dictionaries.emails, emails.value[x]!), emails.flags[x]]),
    identifiers: list(identifiers.starts, row, (x) => [
      value(dictionaries.domains, identifiers.domain[x]!),
      value(dictionaries.identifiers, identifiers.value[x]!),
      identifiers.flags[x],
    ]),
  }));
}

/** Bytes of one row: columns one after the other, between bytes that belong to nobody. */
function encodeRow(columns: readonly (string | Uint8Array | null)[]): RowBytes {
  const encoded = columns.map((column) => (typeof column === "string" ? Buffer.from(column) : column));
  const bytes = Buffer.alloc(
    encoded.reduce((sum, each) => sum + (each?.length ?? 0) + 1, 1),
    0x31,
  );
  const starts = new Int32Array(columns.length);
  const ends = new Int32Array(columns.length);
  let at = 1;
  for (const [i, column] of encoded.entries()) {
    starts[i] = at;
    ends[i] = column === null ? -1 : at + column.length;
    if (column !== null) bytes.set(column, at);
    at += (column?.length ?? 0) + 1;
  }
  return { bytes, starts, ends };
}

/** The row with the texts of lists behind its own columns. */
function encodeLists(
  columns: readonly (string | Uint8Array | null)[],
  lists: readonly (readonly string[])[],
): { row: RowBytes; spans: readonly TextSpans[] } {
  const row = encodeRow([...columns, ...lists.flat()]);
  let from = columns.length;
  const spans = lists.map((list) => {
    const to = from + list.length;
    const span = { starts: row.starts.slice(from, to), ends: row.ends.slice(from, to), size: list.length };
    from = to;
    return span;
  });
  return { row, spans };
}

const packDate = (iso: string | null) => (iso === null ? 0 : Number(iso.slice(0, 10).replaceAll("-", "")));
const idBytes = (id: string) => Buffer.from(id.replaceAll("-", ""), "hex");
const entryId = (number: number) => idBytes(number.toString(16).padStart(32, "0"));

/**
 * Builds a store from records as a database would give them: table by table, in the order given, values with ids in
 * the order of each record's lists.
 */
export function buildStore(records: readonly MatchRecord[], options: BuilderOptions): BuiltStore {
  const builder = new StoreBuilder(options);
  let entry = 0;
  for (const record of records) {
    const unit = { day: 1, month: 100, year: 10_000 }[record.birthDatePrecision ?? "day"];
    const date = packDate(record.birthDate);
    builder.addRecord(
      encodeRow([
        idBytes(record.id),
        record.sourceSystem,
        record.gender,
        record.motherName,
        record.motherIdentifier,
      ]),
      { id: 0, sourceSystem: 1, gender: 2, motherName: 3, motherIdentifier: 4 },
      {
        birthDate: date - (date % unit),
        receivedOn: packDate(record.receivedOn),
        multipleBirth: record.multipleBirth,
        birthOrder: record.birthOrder,
      },
    );
  }
  const lists = new ListBuilder(options, builder.orderRecords());
  for (const { id, names, identifiers, addresses, contacts } of records) {
    const owner = idBytes(id);
    for (const name of names) {
      const { row, spans } = encodeLists([owner, entryId(entry++), name.family], [name.given, name.suffix]);
      lists.addName(row, { owner: 0, id: 1, family: 2 }, spans[0]!, spans[1]!, name.current);
    }
    for (const { type, system, value: text, current } of identifiers) {
      const row = encodeRow([owner, entryId(entry++), type, system, text]);
      lists.addIdentifier(row, { owner: 0, id: 1, type: 2, system: 3, value: 4 }, current);
    }
    for (const { line1, line2, city, postalCode, current } of addresses) {
      const row = encodeRow([owner, entryId(entry++), line1, line2, city, postalCode]);
      lists.addAddress(row, { owner: 0, id: 1, line1: 2, line2: 3, city: 4, postalCode: 5 }, current);
    }
    for (const { system, value: text, current } of contacts) {
      if (!["phone", "sms", "email"].includes(system)) continue;
      const row = encodeRow([owner, entryId(entry++), system, text]);
      lists.addContact(row, { owner: 0, id: 1, system: 2, value: 3 }, current);
    }
  }
  return builder.finish({
    names: lists.finishNames(),
    addresses: lists.finishAddresses(),
    identifiers: lists.finishIdentifiers(),
    contacts: lists.finishContacts(),
  });
}
