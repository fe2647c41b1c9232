import { doubleMetaphone } from "double-metaphone";
import { memoise } from "../../lib/memoise.ts";

/** The two Double Metaphone codes of a name: how it is most likely said, and another way. Often equal. */
export type PhoneticCodes = readonly [primary: string, alternate: string];

/** How a comparator gets at codes; see createPhoneticLookup. */
export type PhoneticLookup = (folded: string) => PhoneticCodes;

/**
 * Double Metaphone codes (Philips 2000), uncut. Spaces do not matter.
 *
 * @param folded a name as foldText gives it; one without letters a-z has two empty codes.
 */
export function phoneticCodes(folded: string): PhoneticCodes {
  // The package doubles the K of McCoy, McGill and McQueen: Mc before a K sound is one K.
  return doubleMetaphone(folded.replaceAll(" ", "").replace(/^m(a?)c[ckgq]/u, "m$1k"));
}

/** A lookup that computes each value's codes once and keeps them; it grows with the number of values. */
export const createPhoneticLookup = (): PhoneticLookup => memoise(phoneticCodes);

/** Whether two names can be said alike: any code of one equals any code of the other. Empty codes never do. */
export function soundsAlike(a: PhoneticCodes, b: PhoneticCodes): boolean {
  return (
    (a[0] !== "" && (a[0] === b[0] || a[0] === b[1])) || (a[1] !== "" && (a[1] === b[0] || a[1] === b[1]))
  );
}
