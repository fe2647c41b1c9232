import type { DictionaryColumns } from "../store/byte-dictionary.ts";
import { sharedInt32 } from "../store/shared-columns.ts";

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

/** Describes the texts of a dictionary, one after the other: four numbers each. */
export function describeTexts(texts: DictionaryColumns): Int32Array {
  const described = sharedInt32(texts.size * 4);
  describeAll(texts, described, 0, 4);
  return described;
}

/**
 * The same into room that is there.
 *
 * @param from where the description of the first text begins.
 * @param width numbers for each text, at least 4; the rest is the caller's.
 */
export function describeAll(
  { size, bytes, offsets }: DictionaryColumns,
  described: Int32Array,
  from: number,
  width: number,
): void {
  for (let code = 0; code < size; code++) {
    describeText(bytes, offsets[code]!, offsets[code + 1]!, described, from + code * width);
  }
}

/** Writes the description of bytes[start, end). */
export function describeText(
  bytes: Uint8Array,
  start: number,
  end: number,
  described: Int32Array,
  at: number,
): void {
  const length = end - start;
  countClasses(bytes, start, end);
  described[at + traits.once] = counted.once;
  described[at + traits.twice] = counted.twice;
  described[at + traits.thrice] = counted.thrice;
  described[at + traits.shape] =
    (counted.isAscii && length <= longest ? length : 0) |
    (Math.min(255, counted.beyond) << 8) |
    (bytes[start]! << 16) |
    (bytes[end - 1]! << 24);
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

/** A Jaro-Winkler similarity, as what the bytes that two texts have in common must reach for it. */
export interface SimilarityLine {
  /** Thousandths of m / a + m / b, for m of a and of b bytes in common: where the first bytes differ, and where not. */
  readonly plain: number;
  readonly prefixed: number;
}

/**
 * The similarity is (m / a + m / b + 1) / 3 at most, with none out of order; the same first four bytes take it four tenths
 * of the way to 1 (Winkler 1990). One thousandth less, so that no rounding loses a pair.
 */
export function lineOfSimilarity(similarity: number): SimilarityLine {
  const thousandths = (jaro: number) => Math.floor((3 * jaro - 1) * 1000) - 1;
  return { plain: thousandths(similarity), prefixed: thousandths((similarity - 0.4) / 0.6) };
}

/** False only where two described texts are certain to be less similar. */
export function mayBeSimilar(
  described: Int32Array,
  atA: number,
  atB: number,
  { plain, prefixed }: SimilarityLine,
): boolean {
  const lengthA = lengthAt(described, atA);
  const lengthB = lengthAt(described, atB);
  if (lengthA === 0 || lengthB === 0) return true;
  const least = firstAt(described, atA) === firstAt(described, atB) ? prefixed : plain;
  return mostMatches(described, atA, atB) * (lengthA + lengthB) * 1000 >= least * lengthA * lengthB;
}

/** False only where two described texts are certain to be more than one edit apart. */
export function mayBeOneEditApart(described: Int32Array, atA: number, atB: number): boolean {
  const lengthA = lengthAt(described, atA);
  const lengthB = lengthAt(described, atB);
  if (lengthA === 0 || lengthB === 0) return true;
  const longer = Math.max(lengthA, lengthB);
  return longer - Math.min(lengthA, lengthB) <= 1 && mostMatches(described, atA, atB) >= longer - 1;
}

/** False only where two described texts are certain not to be contained one in the other. */
export function mayBeContained(described: Int32Array, atA: number, atB: number): boolean {
  const shorter = Math.min(lengthAt(described, atA), lengthAt(described, atB));
  return shorter === 0 || mostMatches(described, atA, atB) >= shorter;
}

/** Bytes that two described texts can have in common. */
export function mostMatches(described: Int32Array, atA: number, atB: number): number {
  const once = countBits(described[atA]! & described[atB]!);
  // Hardly any two texts have a class of bytes twice each.
  const twice = described[atA + traits.twice]! & described[atB + traits.twice]!;
  if (twice === 0) return once;
  return (
    once +
    countBits(twice) +
    countBits(described[atA + traits.thrice]! & described[atB + traits.thrice]!) +
    Math.min((described[atA + traits.shape]! >> 8) & 255, (described[atB + traits.shape]! >> 8) & 255)
  );
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

function countBits(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
