import type { DictionaryColumns } from "../store/byte-dictionary.ts";

/**
 * Tests on the bytes of two values that say at once that nearly all pairs differ, without making strings of them.
 * None of them may ever turn away a pair that the comparator proper would let agree.
 */

/** Whether two values are at most one edit apart (as isWithinOneEdit), for ASCII; other text by its bytes. */
export function areWithinOneEdit(dictionary: DictionaryColumns, a: number, b: number): boolean {
  const { bytes, offsets } = dictionary;
  let startA = offsets[a]!;
  let startB = offsets[b]!;
  let endA = offsets[a + 1]!;
  let endB = offsets[b + 1]!;
  const difference = endA - startA - (endB - startB);
  if (difference > 1 || difference < -1) return false;
  while (startA < endA && startB < endB && bytes[startA] === bytes[startB]) {
    startA++;
    startB++;
  }
  while (endA > startA && endB > startB && bytes[endA - 1] === bytes[endB - 1]) {
    endA--;
    endB--;
  }
  const restA = endA - startA;
  const restB = endB - startB;
  if (restA <= 1 && restB <= 1) return true;
  return (
    restA === 2 && restB === 2 && bytes[startA] === bytes[startB + 1] && bytes[startA + 1] === bytes[startB]
  );
}

/** Whether one value ends with the other. */
export function isEitherSuffix(dictionary: DictionaryColumns, a: number, b: number): boolean {
  const { bytes, offsets } = dictionary;
  const startA = offsets[a]!;
  const startB = offsets[b]!;
  let endA = offsets[a + 1]!;
  let endB = offsets[b + 1]!;
  while (endA > startA && endB > startB) {
    if (bytes[--endA] !== bytes[--endB]) return false;
  }
  return true;
}

/** Whether bytes[start, end) are ASCII. */
export function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (bytes[i]! >= 128) return false;
  }
  return true;
}

/** Which of 32 classes of bytes occur in bytes[start, end). */
export function byteClasses(bytes: Uint8Array, start: number, end: number): number {
  let classes = 0;
  for (let i = start; i < end; i++) classes |= 1 << (bytes[i]! & 31);
  return classes;
}

/**
 * The most that the Jaro-Winkler similarity of two texts can be, by their lengths and byte classes: a byte whose
 * class the other lacks cannot match. 1 for a length of 0, which stands for a text that is not ASCII.
 */
export function mostJaroWinkler(
  lengthA: number,
  classesA: number,
  lengthB: number,
  classesB: number,
): number {
  if (lengthA === 0 || lengthB === 0) return 1;
  const matches = Math.min(
    lengthA - countBits(classesA & ~classesB),
    lengthB - countBits(classesB & ~classesA),
  );
  if (matches <= 0) return 0;
  const jaro = (matches / lengthA + matches / lengthB + 1) / 3;
  return jaro + 0.4 * (1 - jaro);
}

function countBits(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
