import { mix, toNumber } from "../store/hash-mix.ts";
import type { RecordStore } from "../store/record-store.ts";

/** Codes of the parts of an address; -1 for what is missing. */
export interface AddressCodes {
  readonly streetName: number;
  readonly houseNumber: number;
  readonly city: number;
  readonly postalCode: number;
}

/** addressKeyOf of an entry of a store. */
export function addressKeyAt(store: RecordStore, entry: number): number {
  const { streetName, houseNumber, postalCode, city } = store.addresses;
  return addressKeyOf(store, {
    streetName: streetName[entry]!,
    houseNumber: houseNumber[entry]!,
    postalCode: postalCode[entry]!,
    city: city[entry]!,
  });
}

/**
 * Where a person lives, as one number: house number, street, and postal code or else town. Two addresses with
 * the same key are one building; how many records share it tells an institution from a home.
 *
 * @returns 0 where the street is unknown.
 */
export function addressKeyOf({ dictionaries }: RecordStore, address: AddressCodes): number {
  const { streetName, houseNumber, postalCode, city } = address;
  const { streetNames, houseNumbers, postalCodes, cities } = dictionaries;
  if (streetName < 0 && houseNumber < 0) return 0;
  const place = postalCode >= 0 ? postalCodes.hashes[postalCode]! : city >= 0 ? cities.hashes[city]! : 0;
  const numberHash = houseNumber < 0 ? 0 : houseNumbers.hashes[houseNumber]!;
  const nameHash = streetName < 0 ? 0 : streetNames.hashes[streetName]!;
  const low = mix(mix(numberHash, nameHash), place);
  const high = mix(place, mix(nameHash, numberHash));
  return toNumber(low, high);
}
