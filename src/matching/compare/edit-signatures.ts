import type { DictionaryColumns } from "../store/byte-dictionary.ts";

/** Bytes fall in so many classes; each digit is a class of its own. */
const classes = 13;
const counterBits = 26;
const counterMask = 2 ** counterBits - 1;
const longest = 63;

/** The two bits of a count modulo 4, such that counting on flips one of them. */
const gray = [0, 1, 3, 2];

/**
 * One number that tells of two values that they are more than one edit apart: 13 counters of two bits, one for each
 * class of bytes, and the length. An edit changes at most two counts by one each, which flips at most two bits; a
 * swap of neighbours none.
 *
 * @returns 0 for a value that is too long; it may be near anything.
 */
export function editSignature({ bytes, offsets }: DictionaryColumns, code: number): number {
  const start = offsets[code]!;
  const end = offsets[code + 1]!;
  if (end - start > longest) return 0;
  counts.fill(0);
  for (let i = start; i < end; i++) counts[bytes[i]! % classes]!++;
  let signature = 0;
  for (let i = 0; i < classes; i++) signature |= gray[counts[i]! & 3]! << (2 * i);
  return signature | ((end - start) << counterBits);
}

const counts = new Uint8Array(classes);

/** False only where two values, by their signatures, are more than one edit apart and neither ends with the other. */
export function mayBeNear(a: number, b: number): boolean {
  const lengthA = a >>> counterBits;
  const lengthB = b >>> counterBits;
  if (lengthA === 0 || lengthB === 0 || lengthA - lengthB > 1 || lengthB - lengthA > 1) return true;
  return countBits((a ^ b) & counterMask) <= 2;
}

function countBits(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
