import levenshtein from "fast-levenshtein";

/**
 * Levenshtein distance: the fewest insertions, deletions and substitutions that turn one string into the
 * other. 0 or more, symmetric, 0 only for equal strings; against an empty string, the other's length.
 * Counts UTF-16 units: fold both sides first.
 */
export function levenshteinDistance(a: string, b: string): number {
  return levenshtein.get(a, b);
}
