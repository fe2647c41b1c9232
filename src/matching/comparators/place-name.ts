import { compactText } from "../normalise/text.ts";
import { jaroWinkler } from "./jaro-winkler.ts";
import { indexLevels, unavailable } from "./levels.ts";
import { isWithinOneEdit } from "./osa.ts";

/**
 * exact: equal, spaces aside; close: Jaro-Winkler of at least 0.88, or one edit in four or more letters; contained: one
 * begins or ends with all words of the other ("brooklyn", "brooklyn park"); else.
 */
export const placeNameLevels = ["exact", "close", "contained", "else"] as const;

const level = indexLevels(placeNameLevels);

export const placeNameLevel = level;

/** Compares two cities, or any two folded texts of one kind. Symmetric; unavailable where either is missing. */
export function comparePlaceNames(a: string | null, b: string | null): number {
  if (a === null || b === null || a === "" || b === "") return unavailable;
  if (a === b || compactText(a) === compactText(b)) return level.exact;
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a];
  if (longer.startsWith(`${shorter} `) || longer.endsWith(` ${shorter}`)) return level.contained;
  if (jaroWinkler(a, b) >= 0.88) return level.close;
  return shorter.length >= 4 && isWithinOneEdit(a, b) ? level.close : level.else;
}
