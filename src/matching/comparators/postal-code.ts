import { indexLevels, unavailable } from "./levels.ts";
import { isWithinOneEdit } from "./osa.ts";

/**
 * exact: equal, zeros lost in front aside (5308, 05308); oneEdit: one character wrong, missing or too many, or
 * two neighbours swapped; sector: all but the last two characters, at least three; area: the first two; else.
 */
export const postalCodeLevels = ["exact", "oneEdit", "sector", "area", "else"] as const;

const level = indexLevels(postalCodeLevels);

export const postalCodeLevel = level;

/**
 * Compares two postal codes as normalisePostalCode gives them. Symmetric; unavailable where either is missing.
 * Two codes of different length count as different countries' unless a leading zero explains it.
 */
export function comparePostalCodes(a: string | null, b: string | null): number {
  if (a === null || b === null || a === "" || b === "") return unavailable;
  if (a === b) return level.exact;
  const width = Math.max(a.length, b.length);
  const paddedA = padDigits(a, width);
  const paddedB = padDigits(b, width);
  if (paddedA === paddedB) return level.exact;
  if (isWithinOneEdit(a, b) || isWithinOneEdit(paddedA, paddedB)) return level.oneEdit;
  const sectorLength = Math.max(3, width - 2);
  if (paddedA.slice(0, sectorLength) === paddedB.slice(0, sectorLength)) return level.sector;
  return paddedA.slice(0, 2) === paddedB.slice(0, 2) ? level.area : level.else;
}

/** Zeros are lost from numbers of five digits; nothing else is padded. */
function padDigits(code: string, width: number): string {
  return width === 5 && code.length < width && code.length >= 3 && /^[0-9]+$/u.test(code)
    ? code.padStart(width, "0")
    : code;
}
