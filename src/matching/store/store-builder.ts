import { builtInPlaceholders, type PlaceholderList } from "../reference/placeholders.ts";
import { AddressEntries, type AddressColumnPlaces } from "./address-entries.ts";
import { EmailEntries, PhoneEntries } from "./contact-entries.ts";
import { GrowingInt32 } from "./growing-columns.ts";
import {
  IdentifierEntries,
  type IdentifierColumnPlaces,
  type IdentifierOptions,
} from "./identifier-entries.ts";
import { NameEntries, nameFacts, type NameColumnPlaces } from "./name-entries.ts";
import type { EntryOrder } from "./owned-entries.ts";
import { gatherIds, orderIds, OwnerFinder, readWord, RecordIds } from "./record-ids.ts";
import { RecordRows, type RecordColumnPlaces, type RecordFacts } from "./record-rows.ts";
import { recordFlags, type RecordStore } from "./record-store.ts";
import type { RowBytes, TextSpans } from "./row-bytes.ts";
import { RawTexts } from "./raw-texts.ts";
import { shareDictionary } from "./shared-columns.ts";

export interface BuilderOptions extends IdentifierOptions {
  readonly placeholders?: PlaceholderList;
}

/** Columns of the owner's id, of the value's own id, and of its texts. */
export type ValuePlaces<Places> = Places & { readonly owner: number };

export interface ContactColumnPlaces {
  readonly id: number;
  readonly system: number;
  readonly value: number;
}

/** Every record, in order of id: row i of the store is the i-th id. */
export interface BuiltStore {
  readonly ids: RecordIds;
  readonly store: RecordStore;
}

/**
 * Builds a store from rows that arrive table by table, first the records and then their values, each table in any
 * order: the same content as encodeRecords over normaliseRecord gives. What is normal of a text is worked out once by
 * the functions for strings, or byte by byte where that gives the same; neither a record nor a value is ever an
 * object. What it makes is shared memory.
 */
export class StoreBuilder {
  readonly #ids = new GrowingInt32();
  readonly #records: RecordRows;
  readonly #names: NameEntries;
  readonly #addresses: AddressEntries;
  readonly #phones: PhoneEntries;
  readonly #emails: EmailEntries;
  readonly #identifiers: IdentifierEntries;
  readonly #isEmail = new RawTexts((system) => (system === "email" ? 1 : 0));
  /** Rows of records with a placeholder for a given name. */
  readonly #nameless: number[] = [];
  /** Birth orders found in names, with the name's place among the record's: the first one counts. */
  readonly #birthOrders = new Map<number, { readonly entry: number; readonly order: number }[]>();
  #order: Uint32Array = new Uint32Array(0);
  #recordIds = new RecordIds(new Int32Array(0));
  #owners: OwnerFinder | undefined;

  constructor({ placeholders = builtInPlaceholders, ...options }: BuilderOptions) {
    this.#records = new RecordRows(placeholders);
    this.#names = new NameEntries(placeholders);
    this.#addresses = new AddressEntries(placeholders);
    this.#phones = new PhoneEntries(placeholders);
    this.#emails = new EmailEntries(placeholders);
    this.#identifiers = new IdentifierEntries(options, placeholders);
  }

  addRecord(row: RowBytes, columns: RecordColumnPlaces & { readonly id: number }, facts: RecordFacts): void {
    const at = row.starts[columns.id]!;
    for (let word = 0; word < 4; word++) this.#ids.push(readWord(row.bytes, at + 4 * word));
    this.#records.add(row, columns, facts);
  }

  /** All records are there; values of records that are not are left out from here on. */
  orderRecords(): void {
    const words = this.#ids.view();
    this.#order = orderIds(words, words.length / 4);
    this.#recordIds = new RecordIds(gatherIds(words, this.#order));
    this.#owners = new OwnerFinder(words, this.#order, this.#recordIds);
  }

  addName(
    row: RowBytes,
    columns: ValuePlaces<NameColumnPlaces>,
    given: TextSpans,
    suffix: TextSpans,
    isCurrent: boolean,
  ): void {
    const owner = this.#findOwner(row, columns.owner);
    if (owner < 0) return;
    const facts = this.#names.add(owner, row, columns, given, suffix, isCurrent);
    if (facts === 0) return;
    if ((facts & nameFacts.placeholderGivenName) !== 0 && isCurrent) this.#nameless.push(owner);
    const order = facts >> nameFacts.birthOrderShift;
    if (order === 0) return;
    const found = { entry: this.#names.entries.size - 1, order };
    this.#birthOrders.set(owner, [...(this.#birthOrders.get(owner) ?? []), found]);
  }

  addIdentifier(row: RowBytes, columns: ValuePlaces<IdentifierColumnPlaces>, isCurrent: boolean): void {
    const owner = this.#findOwner(row, columns.owner);
    if (owner >= 0) this.#identifiers.add(owner, row, columns, isCurrent);
  }

  addAddress(row: RowBytes, columns: ValuePlaces<AddressColumnPlaces>, isCurrent: boolean): void {
    const owner = this.#findOwner(row, columns.owner);
    if (owner >= 0) this.#addresses.add(owner, row, columns, isCurrent);
  }

  /** A telephone number or an e-mail address; what is neither must not be offered. */
  addContact(row: RowBytes, columns: ValuePlaces<ContactColumnPlaces>, isCurrent: boolean): void {
    const owner = this.#findOwner(row, columns.owner);
    if (owner < 0) return;
    const entries = this.#isEmail.readColumn(row, columns.system) === 1 ? this.#emails : this.#phones;
    entries.add(owner, row, columns.id, columns.value, isCurrent);
  }

  /** The store. Nothing can be added after it. */
  finish(): BuiltStore {
    const { size } = this.#recordIds;
    this.#owners = undefined;
    const records = this.#records.finish(this.#order);
    const names = this.#names.finish(size);
    for (const row of this.#nameless) records.flags[row]! |= recordFlags.placeholderGivenName;
    this.#takeBirthOrders(records, names.order);
    const store = {
      size,
      ...records,
      names: names.columns,
      addresses: this.#addresses.finish(size),
      phones: this.#phones.finish(size),
      emails: this.#emails.finish(size),
      identifiers: this.#identifiers.finish(size),
      dictionaries: {
        names: shareDictionary(this.#names.dictionary),
        streetNames: shareDictionary(this.#addresses.streetNames),
        houseNumbers: shareDictionary(this.#addresses.houseNumbers),
        cities: shareDictionary(this.#addresses.cities),
        postalCodes: shareDictionary(this.#addresses.postalCodes),
        phones: shareDictionary(this.#phones.dictionary),
        emails: shareDictionary(this.#emails.dictionary),
        identifiers: shareDictionary(this.#identifiers.dictionary),
        domains: shareDictionary(this.#identifiers.domains),
        mothers: shareDictionary(this.#records.mothers),
        sources: shareDictionary(this.#records.sources),
      },
    };
    return { ids: this.#recordIds, store };
  }

  #findOwner(row: RowBytes, column: number): number {
    return this.#owners?.find(row.bytes, row.starts[column]!) ?? -1;
  }

  /** A number in place of a name counts where the record gives no birth order itself. */
  #takeBirthOrders(
    { birthOrders, flags }: Pick<RecordStore, "birthOrders" | "flags">,
    { starts, order }: EntryOrder,
  ): void {
    for (const [row, found] of this.#birthOrders) {
      if (birthOrders[row] !== 0) continue;
      const names = order.subarray(starts[row], starts[row + 1]);
      const places = found.map(({ entry, order: number }) => ({ place: names.indexOf(entry), number }));
      places.sort((a, b) => a.place - b.place);
      birthOrders[row] = places[0]!.number;
      flags[row] = (flags[row]! & ~recordFlags.singleBirth) | recordFlags.multipleBirth;
    }
  }
}
