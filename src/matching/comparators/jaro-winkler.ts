/** Only similarities above it get the bonus for a common beginning. */
const boostThreshold = 0.7;
const prefixScale = 0.1;
const longestPrefix = 4;

/** The width of a bit mask. Longer strings take the path without masks. */
const wordSize = 32;

/** Positions of each UTF-16 unit in the second string, one bit each; all zero between two calls. */
const positions = new Int32Array(0x10000);

let matchedA = new Uint8Array(256);
let matchedB = new Uint8Array(256);

/**
 * Jaro-Winkler similarity, 0 to 1, symmetric. The definition of strcmp95 without its character table, as in
 * rapidfuzz, jellyfish and DuckDB: half the out-of-order matches are transpositions, rounded down, and the
 * bonus of 0.1 for each of up to four common first characters is given above 0.7 only.
 * Two equal strings give 1; an empty string gives 0 against everything, another empty one included.
 *
 * MARTHA, MARHTA 0.9611; DIXON, DICKSONX 0.8133. Compares UTF-16 units: fold both sides first.
 */
export function jaroWinkler(a: string, b: string): number {
  const jaro = jaroSimilarity(a, b);
  if (jaro <= boostThreshold || jaro === 1) return jaro;
  const limit = Math.min(longestPrefix, a.length, b.length);
  let prefix = 0;
  while (prefix < limit && a.charCodeAt(prefix) === b.charCodeAt(prefix)) prefix++;
  return jaro + prefix * prefixScale * (1 - jaro);
}

/** Jaro similarity, 0 to 1, symmetric: jaroWinkler without the bonus. */
export function jaroSimilarity(a: string, b: string): number {
  const lengthA = a.length;
  const lengthB = b.length;
  if (lengthA === 0 || lengthB === 0) return 0;
  if (a === b) return 1;
  if (lengthA <= wordSize && lengthB <= wordSize) return jaroOfShort(a, b);
  return jaroOfAny(a, b);
}

/** Bit-parallel matching, for at most 32 characters a side. */
function jaroOfShort(a: string, b: string): number {
  const lengthA = a.length;
  const lengthB = b.length;
  for (let j = 0; j < lengthB; j++) positions[b.charCodeAt(j)]! |= 1 << j;

  const window = searchWindow(lengthA, lengthB);
  // The bits of b that position i of a may match: grows to full width, then slides.
  let reachable = window >= wordSize - 1 ? -1 : (1 << (window + 1)) - 1;
  let freeB = -1;
  let flagsA = 0;
  let flagsB = 0;
  let matches = 0;
  for (let i = 0; i < lengthA; i++) {
    const candidates = positions[a.charCodeAt(i)]! & reachable & freeB;
    if (candidates !== 0) {
      const lowest = candidates & -candidates;
      freeB ^= lowest;
      flagsB |= lowest;
      flagsA |= 1 << i;
      matches++;
    }
    reachable = i < window ? (reachable << 1) | 1 : reachable << 1;
  }
  for (let j = 0; j < lengthB; j++) positions[b.charCodeAt(j)] = 0;
  if (matches === 0) return 0;

  let outOfOrder = 0;
  while (flagsA !== 0) {
    const i = 31 - Math.clz32(flagsA & -flagsA);
    const j = 31 - Math.clz32(flagsB & -flagsB);
    if (a.charCodeAt(i) !== b.charCodeAt(j)) outOfOrder++;
    flagsA &= flagsA - 1;
    flagsB &= flagsB - 1;
  }
  return combine(matches, outOfOrder, lengthA, lengthB);
}

function jaroOfAny(a: string, b: string): number {
  const lengthA = a.length;
  const lengthB = b.length;
  growFlags(Math.max(lengthA, lengthB));
  matchedA.fill(0, 0, lengthA);
  matchedB.fill(0, 0, lengthB);

  const window = searchWindow(lengthA, lengthB);
  let matches = 0;
  for (let i = 0; i < lengthA; i++) {
    const code = a.charCodeAt(i);
    const end = Math.min(lengthB - 1, i + window);
    for (let j = Math.max(0, i - window); j <= end; j++) {
      if (matchedB[j] === 0 && b.charCodeAt(j) === code) {
        matchedA[i] = 1;
        matchedB[j] = 1;
        matches++;
        break;
      }
    }
  }
  if (matches === 0) return 0;

  let outOfOrder = 0;
  for (let i = 0, j = 0; i < lengthA; i++) {
    if (matchedA[i] === 0) continue;
    while (matchedB[j] === 0) j++;
    if (a.charCodeAt(i) !== b.charCodeAt(j)) outOfOrder++;
    j++;
  }
  return combine(matches, outOfOrder, lengthA, lengthB);
}

function growFlags(length: number): void {
  if (matchedA.length >= length) return;
  matchedA = new Uint8Array(length * 2);
  matchedB = new Uint8Array(length * 2);
}

function searchWindow(lengthA: number, lengthB: number): number {
  return Math.max(0, (Math.max(lengthA, lengthB) >> 1) - 1);
}

function combine(matches: number, outOfOrder: number, lengthA: number, lengthB: number): number {
  const transpositions = outOfOrder >> 1;
  return (matches / lengthA + matches / lengthB + (matches - transpositions) / matches) / 3;
}
