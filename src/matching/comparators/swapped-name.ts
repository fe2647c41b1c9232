import { compareFamilyNames, familyNameLevel } from "./family-name.ts";
import { indexLevels, unavailable } from "./levels.ts";

/** swapped: given is family and family is given; swappedClose: the same with small misspellings; else. */
export const swappedNameLevels = ["swapped", "swappedClose", "else"] as const;

const level = indexLevels(swappedNameLevels);

export const swappedNameLevel = level;

/**
 * Whether given and family name of one record stand in each other's place in the other: both of them, which is
 * partial agreement. Symmetric; unavailable where any of the four is missing. A record with the same name twice
 * (JAMES JAMES) is never swapped.
 *
 * @param givenA and the others: as normaliseName gives them.
 */
export function compareSwappedNames(
  givenA: string | null,
  familyA: string | null,
  givenB: string | null,
  familyB: string | null,
): number {
  if (!givenA || !familyA || !givenB || !familyB) return unavailable;
  if (givenA === familyA || givenB === familyB) return level.else;
  const weakest = Math.max(
    compareFamilyNames(sortWords(givenA), familyB),
    compareFamilyNames(familyA, sortWords(givenB)),
  );
  if (weakest === familyNameLevel.exact) return level.swapped;
  return weakest === familyNameLevel.veryClose ? level.swappedClose : level.else;
}

function sortWords(name: string): string {
  return name.includes(" ") ? name.split(" ").sort().join(" ") : name;
}
