import { deriveKeys, type DerivedKeys } from "../blocking/derived-keys.ts";
import { digestRows } from "../score/row-digests.ts";
import type { RecordStore } from "../store/record-store.ts";
import { describeEmails } from "./email-traits.ts";
import { describeNames, listNameSounds } from "./name-traits.ts";
import { describePostalCodes } from "./postal-code-traits.ts";
import { describeTexts } from "./text-traits.ts";

/**
 * All that is derived from a store alone, whatever the model: made once, and shared by all threads that compare its
 * records.
 */
export interface StoreTraits {
  /** See describeNames. */
  readonly names: Int32Array;
  /** See describeTexts. */
  readonly cities: Int32Array;
  /** See describePostalCodes. */
  readonly postalCodes: Int32Array;
  /** See describeEmails. */
  readonly emails: Int32Array;
  readonly keys: DerivedKeys;
  /** See row-digests. */
  readonly digests: Int32Array;
}

export function describeStore(store: RecordStore): StoreTraits {
  return { ...describeValues(store), digests: digestRows(store) };
}

/** What can be told of the values, whoever has them. */
export function describeValues(store: RecordStore): Omit<StoreTraits, "digests"> {
  const names = describeNames(store);
  return {
    names,
    cities: describeTexts(store.dictionaries.cities),
    postalCodes: describePostalCodes(store.dictionaries.postalCodes),
    emails: describeEmails(store.dictionaries.emails),
    keys: deriveKeys(store, listNameSounds(store, names)),
  };
}
