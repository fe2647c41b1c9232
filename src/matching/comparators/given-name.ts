import { findNicknameEntry, type NicknameEntry } from "../normalise/nickname.ts";
import { jaroWinkler } from "./jaro-winkler.ts";
import { indexLevels, unavailable } from "./levels.ts";
import { isWithinOneEdit } from "./osa.ts";
import { phoneticCodes, soundsAlike, type PhoneticCodes, type PhoneticLookup } from "./phonetic.ts";

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

/** A given name with all that a comparison looks up, so that many pairs pay for it once. */
export interface PreparedGivenName {
  /** As normaliseName gives it. */
  readonly value: string;
  readonly words: readonly PreparedWord[];
  /** The words without spaces; the only word where there is one. */
  readonly joined: PreparedWord;
}

interface PreparedWord {
  readonly text: string;
  readonly codes: PhoneticCodes;
  /** Undefined for a name that is in no nickname row. */
  readonly nicknames: NicknameEntry | undefined;
}

/**
 * Compares two first given names. Symmetric; unavailable where either is missing.
 *
 * @param a a given name as normaliseName gives it.
 * @param codesOf where the phonetic codes come from; a caller with many pairs passes a lookup that remembers,
 * or prepares its values and calls comparePreparedGivenNames.
 */
export function compareGivenNames(
  a: string | null,
  b: string | null,
  codesOf: PhoneticLookup = phoneticCodes,
): number {
  if (a === null || b === null || a === "" || b === "") return unavailable;
  if (a === b) return level.exact;
  return comparePreparedGivenNames(prepareGivenName(a, codesOf), prepareGivenName(b, codesOf));
}

/** @param value a given name as normaliseName gives it, not empty. */
export function prepareGivenName(value: string, codesOf: PhoneticLookup = phoneticCodes): PreparedGivenName {
  const words = value.split(" ").map((word) => prepareWord(word, codesOf));
  const [only] = words;
  return {
    value,
    words,
    joined:
      only !== undefined && words.length === 1
        ? only
        : prepareWord(words.map((word) => word.text).join(""), codesOf),
  };
}

/** As compareGivenNames, of two names that are both there. Symmetric. */
export function comparePreparedGivenNames(a: PreparedGivenName, b: PreparedGivenName): number {
  const whole = compareWords(a.joined, b.joined);
  if (whole === level.exact || (a.words.length === 1 && b.words.length === 1)) return whole;
  if (areAllAmong(a.words, b.words) || areAllAmong(b.words, a.words)) return level.contained;
  const first = compareWords(a.words[0] ?? a.joined, b.words[0] ?? b.joined);
  // The further words differ, so the first ones agreeing is what "contained" says of them.
  return Math.min(whole, Math.max(first, level.contained));
}

function prepareWord(text: string, codesOf: PhoneticLookup): PreparedWord {
  return { text, codes: codesOf(text), nicknames: findNicknameEntry(text) };
}

function compareWords(wordA: PreparedWord, wordB: PreparedWord): number {
  const a = wordA.text;
  const b = wordB.text;
  if (a === b) return level.exact;
  const nicknamesA = wordA.nicknames;
  const nicknamesB = wordB.nicknames;
  const areBothKnown = nicknamesA !== undefined && nicknamesB !== undefined;
  if (
    areBothKnown &&
    (nicknamesA.formalNames.includes(nicknamesB.id) || nicknamesB.formalNames.includes(nicknamesA.id))
  ) {
    return level.nickname;
  }
  if (a.length === 1 || b.length === 1) {
    return a.charCodeAt(0) === b.charCodeAt(0) ? level.initial : level.else;
  }
  const similarity = jaroWinkler(a, b);
  if (similarity >= 0.92) return level.veryClose;
  // One edit in five letters leaves at least (4/5 + 4/5 + 1/2) / 3 = 0.7, even if all matches are out of order.
  if (similarity >= 0.69 && a.length >= 5 && b.length >= 5 && isWithinOneEdit(a, b)) return level.veryClose;
  if (areBothKnown && haveCommon(nicknamesA.formalNames, nicknamesB.formalNames))
    return level.sharedFormalName;
  if (similarity >= 0.88) return level.close;
  if (soundsAlike(wordA.codes, wordB.codes)) return level.phonetic;
  return similarity >= 0.7 ? level.similar : level.else;
}

function areAllAmong(words: readonly PreparedWord[], others: readonly PreparedWord[]): boolean {
  return words.every((word) => word.text.length > 1 && others.some((other) => other.text === word.text));
}

function haveCommon(a: readonly number[], b: readonly number[]): boolean {
  for (const id of a) {
    if (b.includes(id)) return true;
  }
  return false;
}
