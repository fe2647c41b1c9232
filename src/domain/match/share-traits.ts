import type { StoreTraits } from "../../matching/compare/store-traits.ts";

/** The same in memory that threads can share. */
export function shareTraits(traits: StoreTraits): StoreTraits {
  const keys = Object.fromEntries(
    Object.entries(traits.keys).map(([name, values]) => [name, shareArray(values as Int32Array)]),
  ) as unknown as StoreTraits["keys"];
  return {
    names: shareArray(traits.names),
    cities: shareArray(traits.cities),
    postalCodes: shareArray(traits.postalCodes),
    emails: shareArray(traits.emails),
    keys,
    digests: traits.digests,
  };
}

/** The same in memory that threads can share. */
export function shareArray<T extends Int32Array | Uint32Array | Uint8Array | Float64Array>(values: T): T {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const make = values.constructor as new (buffer: SharedArrayBuffer) => T;
  const shared = new make(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}
