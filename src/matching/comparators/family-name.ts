import { familyParticles } from "../reference/name-affixes.ts";
import { jaroWinkler } from "./jaro-winkler.ts";
import { indexLevels, unavailable } from "./levels.ts";
import { isWithinOneEdit } from "./osa.ts";
import { phoneticCodes, soundsAlike, type PhoneticLookup } from "./phonetic.ts";

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

/**
 * Compares two family names as sets of parts. Symmetric; unavailable where either is missing.
 *
 * @param a a family name as normaliseName gives it: parts sorted, separated by single spaces.
 * @param codesOf where the phonetic codes come from; a caller with many pairs passes a lookup that remembers.
 */
export function compareFamilyNames(
  a: string | null,
  b: string | null,
  codesOf: PhoneticLookup = phoneticCodes,
): number {
  if (a === null || b === null || a === "" || b === "") return unavailable;
  if (a === b) return level.exact;
  if (!a.includes(" ") && !b.includes(" ")) return compareParts(a, b, codesOf);
  return compareSets(a.split(" "), b.split(" "), codesOf);
}

function compareParts(a: string, b: string, codesOf: PhoneticLookup): number {
  if (a === b) return level.exact;
  const similarity = jaroWinkler(a, b);
  if (similarity >= 0.92) return level.veryClose;
  if (Math.min(a.length, b.length) >= 5 && isWithinOneEdit(a, b)) return level.veryClose;
  if (differsByParticle(a, b)) return level.contained;
  if (similarity >= 0.88) return level.close;
  if (soundsAlike(codesOf(a), codesOf(b))) return level.phonetic;
  return similarity >= 0.7 ? level.similar : level.else;
}

function compareSets(a: readonly string[], b: readonly string[], codesOf: PhoneticLookup): number {
  const [fewer, more] = a.length <= b.length ? [a, b] : [b, a];
  if (isSameWhenJoined(fewer, more)) return level.exact;
  const common = fewer.filter((part) => more.includes(part)).length;
  if (common === fewer.length) return level.contained;

  const paired = comparePairwise(fewer, more, codesOf);
  // Unpaired parts remain where the counts differ, so agreement of the paired ones is containment at best.
  const best = fewer.length === more.length ? paired : Math.max(paired, level.contained);
  return common > 0 ? Math.min(best, level.partInCommon) : best;
}

/** The weakest level of the best pairing: each part of the fewer, in turn, takes the nearest that is left. */
function comparePairwise(fewer: readonly string[], more: readonly string[], codesOf: PhoneticLookup): number {
  const left = [...more];
  let weakest: number = level.exact;
  for (const part of fewer) {
    let bestAt = 0;
    let best: number = level.else;
    for (const [at, other] of left.entries()) {
      const candidate = compareParts(part, other, codesOf);
      if (candidate < best) {
        best = candidate;
        bestAt = at;
      }
    }
    left.splice(bestAt, 1);
    weakest = Math.max(weakest, best);
  }
  return weakest;
}

/** "law rence" and "lawrence", "jones smith" (sorted) and "smithjones". */
function isSameWhenJoined(fewer: readonly string[], more: readonly string[]): boolean {
  return fewer.length === 1 && more.length <= 4 && canSpell(fewer[0] ?? "", more);
}

/** Whether the parts, each used once, in some order, spell the word. */
function canSpell(word: string, parts: readonly string[]): boolean {
  if (parts.length === 0) return word === "";
  return parts.some(
    (part, at) => word.startsWith(part) && canSpell(word.slice(part.length), parts.toSpliced(at, 1)),
  );
}

function differsByParticle(a: string, b: string): boolean {
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a];
  return shorter.length >= 3 && longer.endsWith(shorter) && isParticles(longer.slice(0, -shorter.length));
}

/** One particle, or two or three joined: "van", "vander", "dela". */
function isParticles(text: string): boolean {
  if (text === "" || familyParticles.has(text)) return true;
  for (let end = 1; end < text.length; end++) {
    if (familyParticles.has(text.slice(0, end)) && isParticles(text.slice(end))) return true;
  }
  return false;
}
