import { keyParts, type KeyPart } from "../model/key-parts.ts";
import { digestBits } from "../score/row-digests.ts";

/** Bit of each part. */
export const bitOfPart = Object.fromEntries(keyParts.map((part, index) => [part, 1 << index])) as Readonly<
  Record<KeyPart, number>
>;

/** Bits of the parts. */
export const bitsOfParts = (parts: readonly KeyPart[]): number =>
  parts.reduce((bits, part) => bits | bitOfPart[part], 0);

/** Parts of which a record with one value of each kind may give several. */
export const multipleParts = bitsOfParts(["family-name-part", "identifier"]);

/** By bit of digestBits: the parts that the digest does not tell where it is set. */
const untoldParts: readonly (readonly [kind: number, parts: number])[] = [
  [
    digestBits.hasMoreNames,
    bitsOfParts([
      "family-name",
      "family-name-part",
      "family-name-sound",
      "given-name",
      "given-name-initial",
      "given-name-sound",
      "names",
      "name-initials",
    ]),
  ],
  [digestBits.hasMoreAddresses, bitsOfParts(["postal-code", "city", "street-name", "house-number"])],
  [digestBits.hasMorePhones, bitsOfParts(["phone"])],
  [digestBits.hasMoreEmails, bitsOfParts(["email", "email-name"])],
  [digestBits.hasMoreIdentifiers, bitsOfParts(["identifier", "national-identifier-end"])],
];
const kindsOfValues = untoldParts.reduce((kinds, [kind]) => kinds | kind, 0);

/** By the kinds of values that digests do not tell. */
const untoldByKinds = Int32Array.from({ length: kindsOfValues + 1 }, (_, kinds) =>
  untoldParts.reduce(
    (parts, [kind, own]) => ((kinds & kind) === 0 ? parts : parts | own),
    bitOfPart["family-name-part"],
  ),
);

/**
 * Bits of the parts that digests do not tell.
 *
 * @param facts of a digest, or of two joined.
 */
export const partsNotTold = (facts: number): number => untoldByKinds[facts & kindsOfValues]!;
