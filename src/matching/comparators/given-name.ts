import { areNicknames, shareFormalName } from "../normalise/nickname.ts";
import { jaroWinkler } from "./jaro-winkler.ts";
import { indexLevels, unavailable } from "./levels.ts";
import { isWithinOneEdit } from "./osa.ts";
import { phoneticCodes, soundsAlike, type PhoneticLookup } from "./phonetic.ts";

/**
 * exact: equal, spaces aside; contained: all words of one are words of the other ("anne", "anne marie");
 * nickname: one is a known short form of the other; veryClose: Jaro-Winkler of at least 0.92, or one edit in
 * five or more letters; initial: one is the other's first letter; sharedFormalName: two short forms of one
 * name (bob, rob); close: at least 0.88; phonetic: said alike; similar: at least 0.70.
 */
export const givenNameLevels = [
  "exact",
  "contained",
  "nickname",
  "veryClose",
  "initial",
  "sharedFormalName",
  "close",
  "phonetic",
  "similar",
  "else",
] as const;

const level = indexLevels(givenNameLevels);

export const givenNameLevel = level;

/**
 * Compares two first given names. Symmetric; unavailable where either is missing.
 *
 * @param a a given name as normaliseName gives it.
 * @param codesOf where the phonetic codes come from; a caller with many pairs passes a lookup that remembers.
 */
export function compareGivenNames(
  a: string | null,
  b: string | null,
  codesOf: PhoneticLookup = phoneticCodes,
): number {
  if (a === null || b === null || a === "" || b === "") return unavailable;
  if (a === b) return level.exact;
  if (!a.includes(" ") && !b.includes(" ")) return compareWords(a, b, codesOf);

  const compactA = a.replaceAll(" ", "");
  const compactB = b.replaceAll(" ", "");
  if (compactA === compactB) return level.exact;
  const wordsA = a.split(" ");
  const wordsB = b.split(" ");
  if (areAllAmong(wordsA, wordsB) || areAllAmong(wordsB, wordsA)) return level.contained;
  const whole = compareWords(compactA, compactB, codesOf);
  const first = compareWords(wordsA[0] ?? "", wordsB[0] ?? "", codesOf);
  // The further words differ, so the first ones agreeing is what "contained" says of them.
  return Math.min(whole, Math.max(first, level.contained));
}

function compareWords(a: string, b: string, codesOf: PhoneticLookup): number {
  if (a === b) return level.exact;
  if (areNicknames(a, b)) return level.nickname;
  if (a.length === 1 || b.length === 1) {
    return a.charCodeAt(0) === b.charCodeAt(0) ? level.initial : level.else;
  }
  const similarity = jaroWinkler(a, b);
  if (similarity >= 0.92) return level.veryClose;
  if (Math.min(a.length, b.length) >= 5 && isWithinOneEdit(a, b)) return level.veryClose;
  if (shareFormalName(a, b)) return level.sharedFormalName;
  if (similarity >= 0.88) return level.close;
  if (soundsAlike(codesOf(a), codesOf(b))) return level.phonetic;
  return similarity >= 0.7 ? level.similar : level.else;
}

function areAllAmong(words: readonly string[], others: readonly string[]): boolean {
  return words.every((word) => word.length > 1 && others.includes(word));
}
