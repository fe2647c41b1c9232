import { builtInPlaceholders, type PlaceholderList } from "../reference/placeholders.ts";
import { GrowingInt32 } from "./growing-columns.ts";
import type { StoreLists } from "./list-builder.ts";
import { gatherIds, orderIds, readWord, RecordIds, tabulateOwners, type OwnerTable } from "./record-ids.ts";
import { RecordRows, type RecordColumnPlaces, type RecordFacts } from "./record-rows.ts";
import { recordFlags, type RecordStore } from "./record-store.ts";
import type { RowBytes } from "./row-bytes.ts";
import { shareDictionary } from "./shared-columns.ts";

/** More room than the estimate asks for, which may be somewhat old: memory that is not used costs nothing. */
const roomBesides = 1.2;

/** Every record, in order of id: row i of the store is the i-th id. */
export interface BuiltStore {
  readonly ids: RecordIds;
  readonly store: RecordStore;
}

/**
 * Builds a store from rows that arrive table by table, first the records and then their values (see ListBuilder), each
 * table in any order: the same content as encodeRecords over normaliseRecord gives. What is normal of a text is worked out
 * once by the functions for strings, or byte by byte where that gives the same; neither a record nor a value is ever an
 * object. What it makes is shared memory.
 */
export class StoreBuilder {
  readonly #ids: GrowingInt32;
  readonly #records: RecordRows;
  #order: Uint32Array = new Uint32Array(0);
  #recordIds = new RecordIds(new Int32Array(0));

  /** @param options `expected`: about how many records there will be. */
  constructor({
    placeholders = builtInPlaceholders,
    expected = 0,
  }: { readonly placeholders?: PlaceholderList; readonly expected?: number } = {}) {
    const room = Math.ceil(expected * roomBesides);
    this.#ids = new GrowingInt32(4 * room);
    this.#records = new RecordRows(placeholders, room);
  }

  addRecord(row: RowBytes, columns: RecordColumnPlaces & { readonly id: number }, facts: RecordFacts): void {
    const at = row.starts[columns.id]!;
    for (let word = 0; word < 4; word++) this.#ids.push(readWord(row.bytes, at + 4 * word));
    this.#records.add(row, columns, facts);
  }

  /** All records are there: their lists can be built. */
  orderRecords(): OwnerTable {
    const words = this.#ids.view();
    this.#order = orderIds(words, words.length / 4);
    this.#recordIds = new RecordIds(gatherIds(words, this.#order));
    return tabulateOwners(words, this.#order, this.#recordIds);
  }

  /** The store. Nothing can be added after it. */
  finish({ names, addresses, identifiers, contacts }: StoreLists): BuiltStore {
    const records = this.#records.finish(this.#order);
    for (const row of names.nameless) records.flags[row]! |= recordFlags.placeholderGivenName;
    takeBirthOrders(records, names.birthOrders);
    const store = {
      size: this.#recordIds.size,
      ...records,
      names: names.columns,
      addresses: addresses.columns,
      ...contacts.columns,
      identifiers: identifiers.columns,
      dictionaries: {
        ...names.dictionaries,
        ...addresses.dictionaries,
        ...contacts.dictionaries,
        ...identifiers.dictionaries,
        mothers: shareDictionary(this.#records.mothers),
        sources: shareDictionary(this.#records.sources),
      },
    };
    return { ids: this.#recordIds, store };
  }
}

/** A number in place of a name counts where the record gives no birth order itself. */
function takeBirthOrders(
  { birthOrders, flags }: Pick<RecordStore, "birthOrders" | "flags">,
  inNames: ReadonlyMap<number, number>,
): void {
  for (const [row, order] of inNames) {
    if (birthOrders[row] !== 0) continue;
    birthOrders[row] = order;
    flags[row] = (flags[row]! & ~recordFlags.singleBirth) | recordFlags.multipleBirth;
  }
}
