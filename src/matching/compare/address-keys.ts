import { mix, toNumber } from "../store/hash-mix.ts";
import type { RecordStore } from "../store/record-store.ts";

/**
 * Where a person lives, as one number: house number, street, and postal code or else town. Two addresses with
 * the same key are one building; how many records share it tells an institution from a home.
 *
 * @returns 0 where the street is unknown.
 */
export function addressKeyOf(store: RecordStore, address: number): number {
  const { streetName, houseNumber, postalCode, city } = store.addresses;
  const { streetNames, houseNumbers, postalCodes, cities } = store.dictionaries;
  const name = streetName[address]!;
  const number = houseNumber[address]!;
  if (name < 0 && number < 0) return 0;
  const code = postalCode[address]!;
  const town = city[address]!;
  const place = code >= 0 ? postalCodes.hashes[code]! : town >= 0 ? cities.hashes[town]! : 0;
  const numberHash = number < 0 ? 0 : houseNumbers.hashes[number]!;
  const nameHash = name < 0 ? 0 : streetNames.hashes[name]!;
  const low = mix(mix(numberHash, nameHash), place);
  const high = mix(place, mix(nameHash, numberHash));
  return toNumber(low, high);
}
