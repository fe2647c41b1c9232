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
