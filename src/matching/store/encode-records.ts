import type { NormalRecord } from "../normal-record.ts";
import { ByteDictionary } from "./byte-dictionary.ts";
import { GrowingInt32, GrowingUint8 } from "./growing-columns.ts";
import { absent, genderCodes, recordFlags, valueFlags, type RecordStore } from "./record-store.ts";

/** Builds a store from normalised records: row i is records[i]. */
export function encodeRecords(records: readonly NormalRecord[]): RecordStore {
  const encoder = new RecordEncoder(records.length);
  for (const record of records) encoder.add(record);
  return encoder.finish();
}

/** A dictionary that takes absent values too. */
class Dictionary extends ByteDictionary {
  code(value: string | null): number {
    return value === null ? absent : this.add(value);
  }
}

class RecordEncoder {
  readonly #birthDates: Int32Array;
  readonly #genders: Uint8Array;
  readonly #flags: Uint8Array;
  readonly #birthOrders: Uint8Array;
  readonly #sources: Int32Array;
  readonly #motherNames: Int32Array;
  readonly #motherIdentifiers: Int32Array;
  readonly #names = new NameLists();
  readonly #addresses = new AddressLists();
  readonly #phones = new ValueLists();
  readonly #emails = new ValueLists();
  readonly #identifiers = new IdentifierLists();
  readonly #mothers = new Dictionary();
  readonly #sourceNames = new Dictionary();
  #size = 0;

  constructor(capacity: number) {
    this.#birthDates = new Int32Array(capacity);
    this.#genders = new Uint8Array(capacity);
    this.#flags = new Uint8Array(capacity);
    this.#birthOrders = new Uint8Array(capacity);
    this.#sources = new Int32Array(capacity);
    this.#motherNames = new Int32Array(capacity);
    this.#motherIdentifiers = new Int32Array(capacity);
  }

  add(record: NormalRecord): void {
    const row = this.#size++;
    const hasPlaceholder = record.names.some((name) => name.givenIsPlaceholder && name.isCurrent);
    this.#birthDates[row] = record.birthDate;
    this.#genders[row] = genderCodes[record.gender ?? "none"];
    this.#flags[row] =
      (record.isMultipleBirth === true ? recordFlags.multipleBirth : 0) |
      (record.isMultipleBirth === false ? recordFlags.singleBirth : 0) |
      (hasPlaceholder ? recordFlags.placeholderGivenName : 0);
    this.#birthOrders[row] = record.birthOrder ?? 0;
    this.#sources[row] = this.#sourceNames.code(record.source);
    this.#motherNames[row] = this.#mothers.code(record.motherName);
    this.#motherIdentifiers[row] = this.#mothers.code(
      record.motherIdentifier === null ? null : `#${record.motherIdentifier}`,
    );
    this.#names.add(record);
    this.#addresses.add(record);
    this.#phones.add(record.phones);
    this.#emails.add(record.emails);
    this.#identifiers.add(record);
  }

  finish(): RecordStore {
    return {
      size: this.#size,
      birthDates: this.#birthDates,
      genders: this.#genders,
      flags: this.#flags,
      birthOrders: this.#birthOrders,
      sources: this.#sources,
      motherNames: this.#motherNames,
      motherIdentifiers: this.#motherIdentifiers,
      names: this.#names.columns(),
      addresses: this.#addresses.columns(),
      phones: this.#phones.columns(),
      emails: this.#emails.columns(),
      identifiers: this.#identifiers.columns(),
      dictionaries: {
        names: this.#names.dictionary.columns(),
        streetNames: this.#addresses.streetNames.columns(),
        houseNumbers: this.#addresses.houseNumbers.columns(),
        cities: this.#addresses.cities.columns(),
        postalCodes: this.#addresses.postalCodes.columns(),
        phones: this.#phones.dictionary.columns(),
        emails: this.#emails.dictionary.columns(),
        identifiers: this.#identifiers.dictionary.columns(),
        domains: this.#identifiers.domains.columns(),
        mothers: this.#mothers.columns(),
        sources: this.#sourceNames.columns(),
      },
    };
  }
}

class NameLists {
  readonly dictionary = new Dictionary();
  readonly #starts = startsOfLists();
  readonly #family = new GrowingInt32();
  readonly #given = new GrowingInt32();
  readonly #middle = new GrowingInt32();
  readonly #generation = new GrowingUint8();
  readonly #flags = new GrowingUint8();

  add(record: NormalRecord): void {
    for (const name of record.names) {
      this.#family.push(this.dictionary.code(name.family));
      this.#given.push(this.dictionary.code(name.given));
      this.#middle.push(this.dictionary.code(name.middle));
      this.#generation.push(name.generation ?? 0);
      this.#flags.push(name.isCurrent ? valueFlags.current : 0);
    }
    this.#starts.push(this.#family.length);
  }

  columns(): RecordStore["names"] {
    return {
      starts: Uint32Array.from(this.#starts.toArray()),
      family: this.#family.toArray(),
      given: this.#given.toArray(),
      middle: this.#middle.toArray(),
      generation: this.#generation.toArray(),
      flags: this.#flags.toArray(),
    };
  }
}

class AddressLists {
  readonly streetNames = new Dictionary();
  readonly houseNumbers = new Dictionary();
  readonly cities = new Dictionary();
  readonly postalCodes = new Dictionary();
  readonly #starts = startsOfLists();
  readonly #streetName = new GrowingInt32();
  readonly #houseNumber = new GrowingInt32();
  readonly #unit = new GrowingInt32();
  readonly #extra = new GrowingInt32();
  readonly #city = new GrowingInt32();
  readonly #postalCode = new GrowingInt32();
  readonly #flags = new GrowingUint8();

  add(record: NormalRecord): void {
    for (const address of record.addresses) {
      this.#streetName.push(this.streetNames.code(address.streetName));
      this.#houseNumber.push(this.houseNumbers.code(address.houseNumber));
      this.#unit.push(this.houseNumbers.code(address.unit));
      this.#extra.push(this.streetNames.code(address.extra));
      this.#city.push(this.cities.code(address.city));
      this.#postalCode.push(this.postalCodes.code(address.postalCode));
      this.#flags.push(address.isCurrent ? valueFlags.current : 0);
    }
    this.#starts.push(this.#streetName.length);
  }

  columns(): RecordStore["addresses"] {
    return {
      starts: Uint32Array.from(this.#starts.toArray()),
      streetName: this.#streetName.toArray(),
      houseNumber: this.#houseNumber.toArray(),
      unit: this.#unit.toArray(),
      extra: this.#extra.toArray(),
      city: this.#city.toArray(),
      postalCode: this.#postalCode.toArray(),
      flags: this.#flags.toArray(),
    };
  }
}

class ValueLists {
  readonly dictionary = new Dictionary();
  readonly #starts = startsOfLists();
  readonly #value = new GrowingInt32();
  readonly #flags = new GrowingUint8();

  add(values: readonly { readonly value: string; readonly isCurrent: boolean }[]): void {
    for (const { value, isCurrent } of values) {
      this.#value.push(this.dictionary.add(value));
      this.#flags.push(isCurrent ? valueFlags.current : 0);
    }
    this.#starts.push(this.#value.length);
  }

  columns(): RecordStore["phones"] {
    return {
      starts: Uint32Array.from(this.#starts.toArray()),
      value: this.#value.toArray(),
      flags: this.#flags.toArray(),
    };
  }
}

class IdentifierLists {
  readonly dictionary = new Dictionary();
  readonly domains = new Dictionary();
  readonly #starts = startsOfLists();
  readonly #domain = new GrowingInt32();
  readonly #value = new GrowingInt32();
  readonly #flags = new GrowingUint8();

  add(record: NormalRecord): void {
    for (const identifier of record.identifiers) {
      this.#domain.push(this.domains.add(identifier.domain));
      this.#value.push(this.dictionary.add(identifier.value));
      this.#flags.push(
        (identifier.isCurrent ? valueFlags.current : 0) |
          (identifier.isAuthoritative ? valueFlags.authoritative : 0) |
          (identifier.isUnique ? valueFlags.unique : 0) |
          (identifier.scope === "national" ? valueFlags.national : 0),
      );
    }
    this.#starts.push(this.#value.length);
  }

  columns(): RecordStore["identifiers"] {
    return {
      starts: Uint32Array.from(this.#starts.toArray()),
      domain: this.#domain.toArray(),
      value: this.#value.toArray(),
      flags: this.#flags.toArray(),
    };
  }
}

function startsOfLists(): GrowingInt32 {
  const starts = new GrowingInt32();
  starts.push(0);
  return starts;
}
