import { familyParticles } from "../reference/name-affixes.ts";
import { jaroWinkler } from "./jaro-winkler.ts";
import { indexLevels, unavailable } from "./levels.ts";
import { isWithinOneEdit } from "./osa.ts";
import { phoneticCodes, soundsAlike, type PhoneticCodes, type PhoneticLookup } from "./phonetic.ts";

/**
 * exact: the same set of parts, however they are joined; veryClose: Jaro-Winkler of at least 0.92, or one edit
 * in five or more letters, in every part; contained: every part of one is a part of the other (GARCIA,
 * GARCIA-LOPEZ), or only a particle differs (BERG, VAN DER BERG); close: at least 0.88; phonetic: said alike;
 * partInCommon: one part in common, another different on both sides; similar: at least 0.70.
 */
export const familyNameLevels = [
  "exact",
  "veryClose",
  "contained",
  "close",
  "phonetic",
  "partInCommon",
  "similar",
  "else",
] as const;

const level = indexLevels(familyNameLevels);

export const familyNameLevel = level;

/** Names of more parts are compared as one word: the number of pairings grows as the factorial. */
const mostPairedParts = 4;

/** A family name with all that a comparison looks up, so that many pairs pay for it once. */
export interface PreparedFamilyName {
  /** As normaliseName gives it. */
  readonly value: string;
  readonly parts: readonly PreparedPart[];
}

interface PreparedPart {
  readonly text: string;
  readonly codes: PhoneticCodes;
}

/**
 * Compares two family names as sets of parts. Symmetric; unavailable where either is missing.
 *
 * @param a a family name as normaliseName gives it: parts sorted, separated by single spaces.
 * @param codesOf where the phonetic codes come from; a caller with many pairs passes a lookup that remembers,
 * or prepares its values and calls comparePreparedFamilyNames.
 */
export function compareFamilyNames(
  a: string | null,
  b: string | null,
  codesOf: PhoneticLookup = phoneticCodes,
): number {
  if (a === null || b === null || a === "" || b === "") return unavailable;
  if (a === b) return level.exact;
  return comparePreparedFamilyNames(prepareFamilyName(a, codesOf), prepareFamilyName(b, codesOf));
}

/** @param value a family name as normaliseName gives it, not empty. */
export function prepareFamilyName(
  value: string,
  codesOf: PhoneticLookup = phoneticCodes,
): PreparedFamilyName {
  return { value, parts: value.split(" ").map((text) => ({ text, codes: codesOf(text) })) };
}

/** As compareFamilyNames, of two names that are both there. Symmetric. */
export function comparePreparedFamilyNames(a: PreparedFamilyName, b: PreparedFamilyName): number {
  if (a.value === b.value) return level.exact;
  const [partA, partB] = [a.parts[0], b.parts[0]];
  if (a.parts.length === 1 && b.parts.length === 1 && partA !== undefined && partB !== undefined) {
    return compareParts(partA, partB);
  }
  return a.parts.length <= b.parts.length ? compareSets(a.parts, b.parts) : compareSets(b.parts, a.parts);
}

function compareParts(partA: PreparedPart, partB: PreparedPart): number {
  const a = partA.text;
  const b = partB.text;
  if (a === b) return level.exact;
  const similarity = jaroWinkler(a, b);
  if (similarity >= 0.92) return level.veryClose;
  // One edit in five letters leaves at least (4/5 + 4/5 + 1/2) / 3 = 0.7, even if all matches are out of order.
  if (similarity >= 0.69 && a.length >= 5 && b.length >= 5 && isWithinOneEdit(a, b)) return level.veryClose;
  if (differsByParticle(a, b)) return level.contained;
  if (similarity >= 0.88) return level.close;
  if (soundsAlike(partA.codes, partB.codes)) return level.phonetic;
  return similarity >= 0.7 ? level.similar : level.else;
}

function compareSets(fewer: readonly PreparedPart[], more: readonly PreparedPart[]): number {
  const only = fewer.length === 1 ? fewer[0] : undefined;
  if (only !== undefined && more.length <= mostPairedParts && canSpell(only.text, more)) return level.exact;
  const common = countCommon(fewer, more);
  if (common === fewer.length) return level.contained;

  const paired = more.length <= mostPairedParts ? bestPairing(fewer, more, 0, 0) : level.else;
  // Unpaired parts remain where the counts differ, so agreement of the paired ones is containment at best.
  const best = fewer.length === more.length ? paired : Math.max(paired, level.contained);
  return common > 0 ? Math.min(best, level.partInCommon) : best;
}

/**
 * Of all ways to give each part of the fewer a part of its own among the more, the one whose weakest level is
 * best; that level.
 *
 * @param taken the parts of the more that are given away, one bit each.
 */
function bestPairing(
  fewer: readonly PreparedPart[],
  more: readonly PreparedPart[],
  at: number,
  taken: number,
): number {
  const part = fewer[at];
  if (part === undefined) return level.exact;
  let best: number = level.else;
  for (const [index, other] of more.entries()) {
    if ((taken & (1 << index)) !== 0) continue;
    const own = compareParts(part, other);
    if (own < best)
      best = Math.min(best, Math.max(own, bestPairing(fewer, more, at + 1, taken | (1 << index))));
  }
  return best;
}

/** A part that is there twice counts twice: Garcia Garcia is a name. */
function countCommon(fewer: readonly PreparedPart[], more: readonly PreparedPart[]): number {
  const left = more.map((part) => part.text);
  let common = 0;
  for (const { text } of fewer) {
    const at = left.indexOf(text);
    if (at < 0) continue;
    left.splice(at, 1);
    common++;
  }
  return common;
}

/**
 * Whether the parts, each used once, in some order, spell the word: "law rence" and "lawrence", "jones smith"
 * (sorted) and "smithjones".
 */
function canSpell(word: string, parts: readonly PreparedPart[]): boolean {
  if (parts.length === 0) return word === "";
  return parts.some(
    ({ text }, at) => word.startsWith(text) && canSpell(word.slice(text.length), parts.toSpliced(at, 1)),
  );
}

function differsByParticle(a: string, b: string): boolean {
  if (Math.min(a.length, b.length) < 3) return false;
  if (a.length > b.length) return a.endsWith(b) && isParticles(a.slice(0, -b.length));
  return b.length > a.length && b.endsWith(a) && isParticles(b.slice(0, -a.length));
}

/** One particle, or two or three joined: "van", "vander", "dela". */
function isParticles(text: string): boolean {
  if (text === "" || familyParticles.has(text)) return true;
  for (let end = 1; end < text.length; end++) {
    if (familyParticles.has(text.slice(0, end)) && isParticles(text.slice(end))) return true;
  }
  return false;
}
