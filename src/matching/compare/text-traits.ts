import type { DictionaryColumns } from "../store/byte-dictionary.ts";

/**
 * What can be told of a text at a glance, to say of nearly every pair that it cannot be alike without comparing it.
 * Bytes fall in 32 classes (a letter is its own class; digits share the classes of letters), and each class is
 * counted up to three times. Numbers of one text lie side by side: places in a description.
 */
export const traits = {
  /** Classes that occur at least once, twice, three times. */
  once: 0,
  twice: 1,
  thrice: 2,
  /** Four bytes: length (0 where nothing can be told), bytes beyond the third of their class, first, last. */
  shape: 3,
} as const;

/** Texts longer than this are told nothing of. */
const longest = 200;

/**
 * Describes the texts of a dictionary, one after the other.
 *
 * @param width numbers for each text, at least 4; the rest is the caller's.
 */
export function describeTexts({ size, bytes, offsets }: DictionaryColumns, width = 4): Int32Array {
  const described = new Int32Array(new SharedArrayBuffer(size * width * 4));
  for (let code = 0; code < size; code++) {
    const start = offsets[code]!;
    const end = offsets[code + 1]!;
    const length = end - start;
    countClasses(bytes, start, end);
    const at = code * width;
    described[at + traits.once] = counted.once;
    described[at + traits.twice] = counted.twice;
    described[at + traits.thrice] = counted.thrice;
    described[at + traits.shape] =
      (counted.isAscii && length <= longest ? length : 0) |
      (Math.min(255, counted.beyond) << 8) |
      (bytes[start]! << 16) |
      (bytes[end - 1]! << 24);
  }
  return described;
}

/** Length of the text described at a place; 0 where nothing can be told. */
export function lengthAt(described: Int32Array, at: number): number {
  return described[at + traits.shape]! & 255;
}

/** First byte of the text described at a place. */
export function firstAt(described: Int32Array, at: number): number {
  return (described[at + traits.shape]! >> 16) & 255;
}

/** Last byte of the text described at a place. */
export function lastAt(described: Int32Array, at: number): number {
  return described[at + traits.shape]! >>> 24;
}

/** The most that the Jaro-Winkler similarity of two described texts can be; 1 where nothing can be told. */
export function mostSimilarity(described: Int32Array, atA: number, atB: number): number {
  const shapeA = described[atA + traits.shape]!;
  const shapeB = described[atB + traits.shape]!;
  const matches =
    countBits(described[atA]! & described[atB]!) +
    countBits(described[atA + 1]! & described[atB + 1]!) +
    countBits(described[atA + 2]! & described[atB + 2]!) +
    Math.min((shapeA >> 8) & 255, (shapeB >> 8) & 255);
  return mostJaroWinkler(matches, shapeA & 255, shapeB & 255);
}

interface ClassCounts {
  once: number;
  twice: number;
  thrice: number;
  beyond: number;
  isAscii: boolean;
}

/** The counts of the last text that was looked at; kept here so that nothing is allocated. */
const counted: ClassCounts = { once: 0, twice: 0, thrice: 0, beyond: 0, isAscii: true };

/** The same as mostSimilarity for bytes[startA, endA) and bytes[startB, endB), of texts that are not described. */
export function mostSimilarityOfBytes(
  bytes: Uint8Array,
  startA: number,
  endA: number,
  startB: number,
  endB: number,
): number {
  countClasses(bytes, startA, endA);
  const { once, twice, thrice, beyond, isAscii } = counted;
  countClasses(bytes, startB, endB);
  if (!counted.isAscii || !isAscii) return 1;
  const matches =
    countBits(counted.once & once) +
    countBits(counted.twice & twice) +
    countBits(counted.thrice & thrice) +
    Math.min(counted.beyond, beyond);
  return mostJaroWinkler(matches, endA - startA, endB - startB);
}

function countClasses(bytes: Uint8Array, start: number, end: number): void {
  let once = 0;
  let twice = 0;
  let thrice = 0;
  let beyond = 0;
  let seen = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    seen |= byte;
    const bit = 1 << (byte & 31);
    if ((once & bit) === 0) once |= bit;
    else if ((twice & bit) === 0) twice |= bit;
    else if ((thrice & bit) === 0) thrice |= bit;
    else beyond++;
  }
  counted.once = once;
  counted.twice = twice;
  counted.thrice = thrice;
  counted.beyond = beyond;
  counted.isAscii = seen < 128;
}

/** With so many matching bytes, none out of order, and four of them in front. */
function mostJaroWinkler(matches: number, lengthA: number, lengthB: number): number {
  if (lengthA === 0 || lengthB === 0) return 1;
  if (matches === 0) return 0;
  const jaro = (Math.min(1, matches / lengthA) + Math.min(1, matches / lengthB) + 1) / 3;
  return jaro + 0.4 * (1 - jaro);
}

function countBits(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
