import { isCountryCallingCode, splitCountryCallingCode } from "../reference/calling-codes.ts";
import { indexLevels, unavailable } from "./levels.ts";
import { isWithinOneEdit } from "./osa.ts";

/**
 * exact: the same number, a country code left over on one side aside; localPart: one lacks the area code;
 * oneDigit: one digit wrong, missing or too many, or two neighbours swapped; else.
 */
export const phoneLevels = ["exact", "localPart", "oneDigit", "else"] as const;

const level = indexLevels(phoneLevels);

export const phoneLevel = level;

/** Shorter endings are shared by too many numbers to mean anything. */
const shortestLocalPart = 7;
const shortestNational = 8;

/**
 * Compares two telephone numbers as normalisePhone gives them. Symmetric; unavailable where either is missing.
 */
export function comparePhones(a: string | null, b: string | null): number {
  if (a === null || b === null || a === "" || b === "") return unavailable;
  if (a === b) return level.exact;
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a];
  if (shorter.length >= shortestLocalPart && longer.endsWith(shorter)) {
    const extra = longer.slice(0, -shorter.length);
    return shorter.length >= shortestNational && isWholeCallingCode(extra) ? level.exact : level.localPart;
  }
  return shorter.length >= shortestLocalPart && isWithinOneEdit(a, b) ? level.oneDigit : level.else;
}

function isWholeCallingCode(digits: string): boolean {
  return isCountryCallingCode(digits) && /^0?$/u.test(splitCountryCallingCode(digits).national);
}
