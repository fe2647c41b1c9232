import { nameOfStreet, normaliseMotherName, readBirthOrder } from "../normal-record.ts";
import { normaliseAddress } from "../normalise/address.ts";
import { rememberResults } from "../normalise/bounded-memo.ts";
import { isPlaceholderDate } from "../normalise/date.ts";
import { normaliseEmail } from "../normalise/email.ts";
import { normaliseIdentifier } from "../normalise/identifier.ts";
import { normaliseName } from "../normalise/name.ts";
import { normalisePhone } from "../normalise/phone.ts";
import { builtInPlaceholders, type PlaceholderList } from "../reference/placeholders.ts";
import type { MatchName } from "../record.ts";
import { ByteDictionary, type DictionaryColumns } from "./byte-dictionary.ts";
import { GrowingInt32, GrowingUint8 } from "./growing-columns.ts";
import { OwnedEntries, type EntryOrder } from "./owned-entries.ts";
import { absent, genderCodes, recordFlags, valueFlags, type RecordStore } from "./record-store.ts";

/** The first eight bytes of a value's own id: they decide the order of a record's values. */
export interface EntryId {
  readonly bytes: Uint8Array;
  readonly at: number;
}

export interface RecordFields {
  readonly sourceSystem: string | null;
  readonly gender: string | null;
  /** Packed yyyymmdd with 00 for unknown parts; 0 where there is none. */
  readonly birthDate: number;
  /** Packed; 0 where not known. */
  readonly receivedOn: number;
  readonly multipleBirth: boolean | null;
  readonly birthOrder: number | null;
  readonly motherName: string | null;
  readonly motherIdentifier: string | null;
}

export interface BuilderOptions {
  readonly nationalTypes: ReadonlySet<string>;
  /** What is known of an identifier's system: see MatchIdentifier. */
  readonly domainOf: (system: string) => {
    readonly isAuthoritative: boolean;
    readonly isSingleValued: boolean;
  };
  readonly placeholders?: PlaceholderList;
}

/**
 * Builds a store from values that arrive table by table, in any order, without a record ever being an object: the
 * same content as encodeRecords over normaliseRecord gives, for the price of the values alone. What it makes is
 * shared memory.
 */
export class StoreBuilder {
  readonly #size: number;
  readonly #options: BuilderOptions;
  readonly #placeholders: PlaceholderList;
  readonly #columns: Omit<
    RecordStore,
    "size" | "names" | "addresses" | "phones" | "emails" | "identifiers" | "dictionaries"
  >;
  readonly #mothers = new ByteDictionary();
  readonly #sources = new ByteDictionary();
  readonly #names = new NameEntries();
  readonly #addresses = new AddressEntries();
  readonly #phones = new ValueEntries();
  readonly #emails = new ValueEntries();
  readonly #identifiers = new IdentifierEntries();
  readonly #upperCase = rememberResults((text) => text.toUpperCase());
  /** Birth orders found in names, with the name's place among the record's: the first one counts. */
  readonly #orders = new Map<number, { readonly entry: number; readonly order: number }[]>();

  /** @param size number of records. */
  constructor(size: number, options: BuilderOptions) {
    this.#size = size;
    this.#options = options;
    this.#placeholders = options.placeholders ?? builtInPlaceholders;
    this.#columns = {
      birthDates: sharedInt32(size),
      genders: sharedUint8(size),
      flags: sharedUint8(size),
      birthOrders: sharedUint8(size),
      sources: sharedInt32(size).fill(absent),
      motherNames: sharedInt32(size).fill(absent),
      motherIdentifiers: sharedInt32(size).fill(absent),
    };
  }

  setRecord(row: number, record: RecordFields): void {
    const columns = this.#columns;
    const { birthDate } = record;
    const isKnown = birthDate !== 0 && !isPlaceholderDate(birthDate, record.receivedOn, this.#placeholders);
    columns.birthDates[row] = isKnown ? birthDate : 0;
    columns.genders[row] = codeOfGender(record.gender);
    columns.birthOrders[row] = record.birthOrder ?? 0;
    const isMultiple = record.birthOrder === null ? record.multipleBirth : true;
    columns.flags[row]! |=
      isMultiple === null ? 0 : isMultiple ? recordFlags.multipleBirth : recordFlags.singleBirth;
    if (record.sourceSystem !== null) columns.sources[row] = this.#sources.add(record.sourceSystem);
    const motherName = normaliseMotherName(record.motherName);
    if (motherName !== null) columns.motherNames[row] = this.#mothers.add(motherName);
    const motherIdentifier =
      record.motherIdentifier === null ? null : normaliseIdentifier(record.motherIdentifier, "");
    if (motherIdentifier !== null) columns.motherIdentifiers[row] = this.#mothers.add(`#${motherIdentifier}`);
  }

  addName(row: number, id: EntryId, name: MatchName): void {
    const normal = normaliseName(name, this.#placeholders);
    if (normal.givenIsPlaceholder && name.current) {
      this.#columns.flags[row]! |= recordFlags.placeholderGivenName;
    }
    const order = readBirthOrder(name.given);
    if (order !== null) {
      this.#orders.set(row, [...(this.#orders.get(row) ?? []), { entry: this.#names.entries.size, order }]);
    }
    this.#names.add(row, id, normal.family, normal.given, normal.middle, normal.generation, name.current);
  }

  addIdentifier(
    row: number,
    id: EntryId,
    identifier: {
      readonly type: string;
      readonly system: string;
      readonly value: string;
      readonly current: boolean;
    },
  ): void {
    const type = this.#upperCase(identifier.type);
    const value = normaliseIdentifier(identifier.value, type, this.#placeholders);
    if (value === null) return;
    const isNational = this.#options.nationalTypes.has(type);
    const domain = this.#options.domainOf(identifier.system);
    const flags =
      (identifier.current ? valueFlags.current : 0) |
      (domain.isAuthoritative ? valueFlags.authoritative : 0) |
      (domain.isSingleValued ? valueFlags.unique : 0) |
      (isNational ? valueFlags.national : 0);
    this.#identifiers.addIdentifier(row, id, isNational ? type : identifier.system, value, flags);
  }

  addAddress(
    row: number,
    id: EntryId,
    address: {
      readonly line1: string | null;
      readonly line2: string | null;
      readonly city: string | null;
      readonly postalCode: string | null;
      readonly current: boolean;
    },
  ): void {
    const normal = normaliseAddress({ ...address, state: null, country: null }, this.#placeholders);
    this.#addresses.add(row, id, { ...normal, streetName: nameOfStreet(normal) }, address.current);
  }

  addContact(
    row: number,
    id: EntryId,
    contact: { readonly system: string; readonly value: string; readonly current: boolean },
  ): void {
    const isEmail = contact.system === "email";
    const value = isEmail
      ? (normaliseEmail(contact.value, this.#placeholders)?.mailbox ?? null)
      : normalisePhone(contact.value, this.#placeholders);
    if (value === null) return;
    (isEmail ? this.#emails : this.#phones).add(row, id, value, contact.current ? valueFlags.current : 0);
  }

  /** The store. Nothing can be added after it. */
  finish(): RecordStore {
    const size = this.#size;
    const names = this.#names.finish(size);
    this.#takeBirthOrders(names.order);
    return {
      size,
      ...this.#columns,
      names: names.columns,
      addresses: this.#addresses.finish(size),
      phones: this.#phones.finish(size),
      emails: this.#emails.finish(size),
      identifiers: this.#identifiers.finishIdentifiers(size),
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
        mothers: shareDictionary(this.#mothers),
        sources: shareDictionary(this.#sources),
      },
    };
  }

  /** A number in place of a name counts where the record gives no birth order itself. */
  #takeBirthOrders({ starts, order }: EntryOrder): void {
    const { birthOrders, flags } = this.#columns;
    for (const [row, found] of this.#orders) {
      if (birthOrders[row] !== 0) continue;
      const names = order.subarray(starts[row], starts[row + 1]);
      const places = found.map(({ entry, order: number }) => ({ place: names.indexOf(entry), number }));
      places.sort((a, b) => a.place - b.place);
      birthOrders[row] = places[0]!.number;
      flags[row] = (flags[row]! & ~recordFlags.singleBirth) | recordFlags.multipleBirth;
    }
  }
}

function codeOfGender(gender: string | null): number {
  if (gender === "male") return genderCodes.male;
  if (gender === "female") return genderCodes.female;
  return gender === "other" ? genderCodes.other : genderCodes.none;
}

const codeIn = (dictionary: ByteDictionary, value: string | null): number =>
  value === null ? absent : dictionary.add(value);

class NameEntries {
  readonly entries = new OwnedEntries();
  readonly dictionary = new ByteDictionary();
  readonly #family = new GrowingInt32();
  readonly #given = new GrowingInt32();
  readonly #middle = new GrowingInt32();
  readonly #generation = new GrowingUint8();

  add(
    row: number,
    id: EntryId,
    family: string | null,
    given: string | null,
    middle: string | null,
    generation: number | null,
    isCurrent: boolean,
  ): void {
    this.entries.add(row, id.bytes, id.at, isCurrent ? valueFlags.current : 0);
    this.#family.push(codeIn(this.dictionary, family));
    this.#given.push(codeIn(this.dictionary, given));
    this.#middle.push(codeIn(this.dictionary, middle));
    this.#generation.push(generation ?? 0);
  }

  finish(size: number): { readonly columns: RecordStore["names"]; readonly order: EntryOrder } {
    const arranged = this.entries.arrange(size);
    const { order } = arranged;
    const columns = {
      starts: shareUint32(arranged.starts),
      family: gatherInt32(this.#family, order),
      given: gatherInt32(this.#given, order),
      middle: gatherInt32(this.#middle, order),
      generation: gatherUint8(this.#generation, order),
      flags: gatherUint8(this.entries.flags, order),
    };
    return { columns, order: arranged };
  }
}

interface AddressParts {
  readonly streetName: string | null;
  readonly houseNumber: string | null;
  readonly unit: string | null;
  readonly extra: string | null;
  readonly city: string | null;
  readonly postalCode: string | null;
}

class AddressEntries {
  readonly streetNames = new ByteDictionary();
  readonly houseNumbers = new ByteDictionary();
  readonly cities = new ByteDictionary();
  readonly postalCodes = new ByteDictionary();
  readonly #entries = new OwnedEntries();
  readonly #streetName = new GrowingInt32();
  readonly #houseNumber = new GrowingInt32();
  readonly #unit = new GrowingInt32();
  readonly #extra = new GrowingInt32();
  readonly #city = new GrowingInt32();
  readonly #postalCode = new GrowingInt32();

  add(row: number, id: EntryId, parts: AddressParts, isCurrent: boolean): void {
    this.#entries.add(row, id.bytes, id.at, isCurrent ? valueFlags.current : 0);
    this.#streetName.push(codeIn(this.streetNames, parts.streetName));
    this.#houseNumber.push(codeIn(this.houseNumbers, parts.houseNumber));
    this.#unit.push(codeIn(this.houseNumbers, parts.unit));
    this.#extra.push(codeIn(this.streetNames, parts.extra));
    this.#city.push(codeIn(this.cities, parts.city));
    this.#postalCode.push(codeIn(this.postalCodes, parts.postalCode));
  }

  finish(size: number): RecordStore["addresses"] {
    const { starts, order } = this.#entries.arrange(size);
    return {
      starts: shareUint32(starts),
      streetName: gatherInt32(this.#streetName, order),
      houseNumber: gatherInt32(this.#houseNumber, order),
      unit: gatherInt32(this.#unit, order),
      extra: gatherInt32(this.#extra, order),
      city: gatherInt32(this.#city, order),
      postalCode: gatherInt32(this.#postalCode, order),
      flags: gatherUint8(this.#entries.flags, order),
    };
  }
}

class ValueEntries {
  readonly dictionary = new ByteDictionary();
  protected readonly entries = new OwnedEntries();
  protected readonly values = new GrowingInt32();

  add(row: number, id: EntryId, value: string, flags: number): void {
    this.entries.add(row, id.bytes, id.at, flags);
    this.values.push(this.dictionary.add(value));
  }

  finish(size: number): RecordStore["phones"] {
    const values = this.values.view();
    const { starts, order } = this.entries.arrange(size, (x, y) => values[x] === values[y]);
    return {
      starts: shareUint32(starts),
      value: gatherInt32(this.values, order),
      flags: gatherUint8(this.entries.flags, order),
    };
  }
}

class IdentifierEntries extends ValueEntries {
  readonly domains = new ByteDictionary();
  readonly #domain = new GrowingInt32();

  addIdentifier(row: number, id: EntryId, domain: string, value: string, flags: number): void {
    this.add(row, id, value, flags);
    this.#domain.push(this.domains.add(domain));
  }

  finishIdentifiers(size: number): RecordStore["identifiers"] {
    const [values, domains] = [this.values.view(), this.#domain.view()];
    const { starts, order } = this.entries.arrange(
      size,
      (x, y) => values[x] === values[y] && domains[x] === domains[y],
    );
    return {
      starts: shareUint32(starts),
      domain: gatherInt32(this.#domain, order),
      value: gatherInt32(this.values, order),
      flags: gatherUint8(this.entries.flags, order),
    };
  }
}

const sharedInt32 = (length: number) => new Int32Array(new SharedArrayBuffer(length * 4));
const sharedUint8 = (length: number) => new Uint8Array(new SharedArrayBuffer(length));

function shareUint32(values: Uint32Array): Uint32Array {
  const shared = new Uint32Array(new SharedArrayBuffer(values.length * 4));
  shared.set(values);
  return shared;
}

function gatherInt32(column: GrowingInt32, order: Uint32Array): Int32Array {
  const values = column.view();
  const gathered = sharedInt32(order.length);
  for (let i = 0; i < order.length; i++) gathered[i] = values[order[i]!]!;
  return gathered;
}

function gatherUint8(column: GrowingUint8, order: Uint32Array): Uint8Array {
  const values = column.view();
  const gathered = sharedUint8(order.length);
  for (let i = 0; i < order.length; i++) gathered[i] = values[order[i]!]!;
  return gathered;
}

function shareDictionary(dictionary: ByteDictionary): DictionaryColumns {
  const { size, bytes, offsets, hashes } = dictionary.columns();
  const shared = {
    size,
    bytes: sharedUint8(bytes.length),
    offsets: shareUint32(offsets),
    hashes: sharedInt32(hashes.length),
  };
  shared.bytes.set(bytes);
  shared.hashes.set(hashes);
  return shared;
}
