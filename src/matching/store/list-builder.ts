import type { PlaceholderList } from "../reference/placeholders.ts";
import { builtInPlaceholders } from "../reference/placeholders.ts";
import { AddressEntries, type AddressColumnPlaces } from "./address-entries.ts";
import { EmailEntries, PhoneEntries } from "./contact-entries.ts";
import {
  IdentifierEntries,
  type IdentifierColumnPlaces,
  type IdentifierOptions,
} from "./identifier-entries.ts";
import { NameEntries, nameFacts, type NameColumnPlaces } from "./name-entries.ts";
import type { EntryOrder } from "./owned-entries.ts";
import { RawTexts } from "./raw-texts.ts";
import { OwnerFinder, type OwnerTable } from "./record-ids.ts";
import type { RecordStore, StoreDictionaries } from "./record-store.ts";
import type { RowBytes, TextSpans } from "./row-bytes.ts";
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

/** The lists of all records, by the kind of rows they are made from: shared memory. */
export interface StoreLists {
  readonly names: {
    readonly columns: RecordStore["names"];
    readonly dictionaries: Pick<StoreDictionaries, "names">;
    /** Rows of records with a placeholder for a given name. */
    readonly nameless: readonly number[];
    /** Birth orders found in names, by row. */
    readonly birthOrders: ReadonlyMap<number, number>;
  };
  readonly addresses: {
    readonly columns: RecordStore["addresses"];
    readonly dictionaries: Pick<StoreDictionaries, "streetNames" | "houseNumbers" | "cities" | "postalCodes">;
  };
  readonly identifiers: {
    readonly columns: RecordStore["identifiers"];
    readonly dictionaries: Pick<StoreDictionaries, "identifiers" | "domains">;
  };
  readonly contacts: {
    readonly columns: Pick<RecordStore, "phones" | "emails">;
    readonly dictionaries: Pick<StoreDictionaries, "phones" | "emails">;
  };
}

const contactKinds = { phone: 0, email: 1, other: 2 } as const;

function contactKindOf(system: string): number {
  if (system === "email") return contactKinds.email;
  return system === "phone" || system === "sms" ? contactKinds.phone : contactKinds.other;
}

/** Values of one kind for which room is made at once: memory that is not used costs nothing. */
const valuesPerRecord = 1.5;

export type ListKind = keyof StoreLists;

/**
 * Builds the lists of all records from rows in any order. Each kind of rows makes lists of its own, so different
 * threads can see to different kinds.
 */
export class ListBuilder {
  readonly #size: number;
  readonly #owners: OwnerFinder;
  readonly #names: NameEntries;
  readonly #addresses: AddressEntries;
  readonly #phones: PhoneEntries;
  readonly #emails: EmailEntries;
  readonly #identifiers: IdentifierEntries;
  readonly #contactKinds = new RawTexts((system) => contactKindOf(system));
  readonly #nameless: number[] = [];
  /** Birth orders found in names, with the name's place among the record's: the first one counts. */
  readonly #birthOrders = new Map<number, { readonly entry: number; readonly order: number }[]>();

  /** @param owners values of other records are left out. */
  constructor({ placeholders = builtInPlaceholders, ...options }: BuilderOptions, owners: OwnerTable) {
    this.#size = owners.rows.length;
    this.#owners = new OwnerFinder(owners);
    const expected = Math.ceil(this.#size * valuesPerRecord);
    this.#names = new NameEntries(placeholders, expected);
    this.#addresses = new AddressEntries(placeholders, expected);
    this.#phones = new PhoneEntries(placeholders, expected);
    this.#emails = new EmailEntries(placeholders, expected);
    this.#identifiers = new IdentifierEntries(options, placeholders, expected);
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

  /** A telephone number or an e-mail address; what is neither is left out. */
  addContact(row: RowBytes, columns: ValuePlaces<ContactColumnPlaces>, isCurrent: boolean): void {
    const kind = this.#contactKinds.readColumn(row, columns.system);
    const owner = this.#findOwner(row, columns.owner);
    if (owner < 0 || kind === contactKinds.other) return;
    const entries = kind === contactKinds.email ? this.#emails : this.#phones;
    entries.add(owner, row, columns.id, columns.value, isCurrent);
  }

  /** Each once, after which nothing of that kind can be added. */
  finishNames(): StoreLists["names"] {
    const { columns, order } = this.#names.finish(this.#size);
    return {
      columns,
      dictionaries: { names: shareDictionary(this.#names.dictionary) },
      nameless: this.#nameless,
      birthOrders: this.#chooseBirthOrders(order),
    };
  }

  finishAddresses(): StoreLists["addresses"] {
    const { streetNames, houseNumbers, cities, postalCodes } = this.#addresses;
    return {
      columns: this.#addresses.finish(this.#size),
      dictionaries: {
        streetNames: shareDictionary(streetNames),
        houseNumbers: shareDictionary(houseNumbers),
        cities: shareDictionary(cities),
        postalCodes: shareDictionary(postalCodes),
      },
    };
  }

  finishIdentifiers(): StoreLists["identifiers"] {
    const { dictionary, domains } = this.#identifiers;
    return {
      columns: this.#identifiers.finish(this.#size),
      dictionaries: { identifiers: shareDictionary(dictionary), domains: shareDictionary(domains) },
    };
  }

  finishContacts(): StoreLists["contacts"] {
    return {
      columns: { phones: this.#phones.finish(this.#size), emails: this.#emails.finish(this.#size) },
      dictionaries: {
        phones: shareDictionary(this.#phones.dictionary),
        emails: shareDictionary(this.#emails.dictionary),
      },
    };
  }

  #findOwner(row: RowBytes, column: number): number {
    return this.#owners.find(row.bytes, row.starts[column]!);
  }

  #chooseBirthOrders({ starts, order }: EntryOrder): ReadonlyMap<number, number> {
    const chosen = new Map<number, number>();
    for (const [row, found] of this.#birthOrders) {
      const names = order.subarray(starts[row], starts[row + 1]);
      const places = found.map(({ entry, order: number }) => ({ place: names.indexOf(entry), number }));
      places.sort((a, b) => a.place - b.place);
      chosen.set(row, places[0]!.number);
    }
    return chosen;
  }
}
