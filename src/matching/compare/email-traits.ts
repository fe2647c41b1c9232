import type { DictionaryColumns } from "../store/byte-dictionary.ts";
import { describeText, lineOfSimilarity, mayBeOneEditApart, mayBeSimilar } from "./text-traits.ts";

/** Places in the description of an address: that of the whole, then that of what stands before the @. */
const place = { localPart: 4, width: 8 } as const;

/** The similarities from which e-mail addresses and their local parts count as alike. */
const closeEmail = { address: lineOfSimilarity(0.92), localPart: lineOfSimilarity(0.88) } as const;
const atSign = 64;

/** What can be told of e-mail addresses at a glance: eight numbers by code. */
export function describeEmails({ size, bytes, offsets }: DictionaryColumns): Int32Array {
  const described = new Int32Array(new SharedArrayBuffer(size * place.width * 4));
  for (let code = 0; code < size; code++) {
    const start = offsets[code]!;
    const end = offsets[code + 1]!;
    const at = code * place.width;
    describeText(bytes, start, end, described, at);
    describeText(bytes, start, bytes.lastIndexOf(atSign, end - 1), described, at + place.localPart);
  }
  return described;
}

/** False only where two different addresses are certain to differ. */
export function mayBeSameEmail(emails: Int32Array, a: number, b: number): boolean {
  const atA = a * place.width;
  const atB = b * place.width;
  return (
    mayBeSimilar(emails, atA + place.localPart, atB + place.localPart, closeEmail.localPart) ||
    mayBeSimilar(emails, atA, atB, closeEmail.address) ||
    mayBeOneEditApart(emails, atA, atB)
  );
}
