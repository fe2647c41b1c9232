import type { DictionaryColumns } from "../store/byte-dictionary.ts";
import { sharedInt32 } from "../store/shared-columns.ts";
import { editSignature, mayBeNear } from "./edit-signatures.ts";

/** Places in the description of a postal code. */
const place = {
  /** See editSignature. */
  signature: 0,
  /** Length and the first two characters: three bytes; 0 for a code too short to have an area, or not in ASCII. */
  head: 1,
  width: 2,
} as const;

const shortestWithArea = 3;

/** What can be told of postal codes at a glance: two numbers by code. */
export function describePostalCodes(codes: DictionaryColumns): Int32Array {
  const { size, bytes, offsets } = codes;
  const described = sharedInt32(size * place.width);
  for (let code = 0; code < size; code++) {
    const start = offsets[code]!;
    const length = offsets[code + 1]! - start;
    described[code * place.width + place.signature] = editSignature(codes, code);
    if (length < shortestWithArea || length > 255 || !isAscii(bytes, start, length)) continue;
    described[code * place.width + place.head] = (length << 16) | (bytes[start]! << 8) | bytes[start + 1]!;
  }
  return described;
}

function isAscii(bytes: Uint8Array, start: number, length: number): boolean {
  for (let i = start; i < start + length; i++) if (bytes[i]! > 127) return false;
  return true;
}

/** True only where comparePostalCodes is certain to say "else": both of one length, and not even the area shared. */
export function postalCodesSurelyDiffer(codes: Int32Array, a: number, b: number): boolean {
  const atA = a * place.width;
  const atB = b * place.width;
  const headA = codes[atA + place.head]!;
  const headB = codes[atB + place.head]!;
  return (
    headA !== 0 &&
    headA >> 16 === headB >> 16 &&
    headA !== headB &&
    !mayBeNear(codes[atA + place.signature]!, codes[atB + place.signature]!)
  );
}
