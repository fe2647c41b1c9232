import { indexLevels, unavailable } from "./levels.ts";
import { isWithinOneEdit, osaDistance } from "./osa.ts";

/**
 * exact; leadingZeros: equal but for zeros in front, which spreadsheets lose; oneEdit: one character wrong,
 * missing or too many, or two neighbours swapped; lastFour: one side is masked to its last four digits and
 * they agree; twoEdits; else.
 */
export const identifierLevels = ["exact", "leadingZeros", "oneEdit", "lastFour", "twoEdits", "else"] as const;

const level = indexLevels(identifierLevels);

export const identifierLevel = level;

/** Below these lengths an edit or two joins numbers that are simply different. */
const shortestForOneEdit = 5;
const shortestForTwoEdits = 8;

/**
 * Compares two identifiers of one domain as normaliseIdentifier gives them. Identifiers of different domains are
 * not comparable: that is the caller's to see to. Symmetric; unavailable where either is missing.
 */
export function compareIdentifiers(a: string | null, b: string | null): number {
  if (a === null || b === null || a === "" || b === "") return unavailable;
  if (a === b) return level.exact;
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a];
  if (isWithLeadingZeros(shorter, longer)) return level.leadingZeros;
  if (shorter.length === 4 && longer.length >= 8) {
    return longer.endsWith(shorter) && /^[0-9]+$/u.test(shorter) ? level.lastFour : level.else;
  }
  if (shorter.length >= shortestForOneEdit && isWithinOneEdit(a, b)) return level.oneEdit;
  return shorter.length >= shortestForTwoEdits && osaDistance(a, b, 2) <= 2 ? level.twoEdits : level.else;
}

function isWithLeadingZeros(shorter: string, longer: string): boolean {
  const extra = longer.length - shorter.length;
  if (extra === 0 || !longer.endsWith(shorter)) return false;
  for (let i = 0; i < extra; i++) {
    if (longer.charCodeAt(i) !== 48) return false;
  }
  return true;
}
