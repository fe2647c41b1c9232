import { editSignature } from "../compare/edit-signatures.ts";
import type { DictionaryColumns } from "../store/byte-dictionary.ts";
import { valueFlags, type RecordStore } from "../store/record-store.ts";

/**
 * What the pair filter looks at first, record by record side by side: one cache line instead of ten. Places in a
 * digest; -1 stands for an absent value.
 */
export const digest = {
  birthDate: 0,
  family: 1,
  given: 2,
  middle: 3,
  phone: 4,
  email: 5,
  nationalIdentifier: 6,
  localIdentifier: 7,
  postalCode: 8,
  city: 9,
  houseNumber: 10,
  streetName: 11,
  /** Bits of digestBits, and codes of the identifiers' domains. */
  facts: 12,
  /** See editSignature. */
  nationalSignature: 13,
  localSignature: 14,
  phoneSignature: 15,
  width: 16,
} as const;

export const digestBits = {
  /**
   * Of one kind of value, the digest does not tell all that is compared: there are several, or one is a former one, or
   * an address has another line.
   */
  hasMoreNames: 1,
  hasMoreAddresses: 2,
  hasMorePhones: 4,
  hasMoreEmails: 8,
  hasMoreIdentifiers: 16,
  hasMother: 32,
  hasBirthFacts: 64,
  /** Two bits: genderCodes. */
  genderShift: 7,
  /** Four bits: generation, or 0. */
  generationShift: 9,
  /** Seven bits each. */
  nationalDomainShift: 13,
  localDomainShift: 20,
  domainMask: 127,
  /** Two bits each: authoritative and unique of valueFlags. */
  nationalFlagsShift: 27,
  localFlagsShift: 29,
  identifierFlagsMask: 3,
} as const;

/** Digests of all records, `digest.width` numbers each. */
export function digestRows(store: RecordStore): Int32Array {
  const rows = roomForDigests(store);
  let taken = 0;
  digestStretches(store, rows, () => taken++);
  return rows;
}

/** Room for digests that are still to be made, in memory that threads can share. */
export const roomForDigests = ({ size }: RecordStore): Int32Array =>
  new Int32Array(new SharedArrayBuffer(size * digest.width * 4));

const rowsPerStretch = 10_000;
/** So many digests get their signatures at a time that what is looked up for them stays in the processor's cache. */
const rowsAtATime = 500;

/** A name of a later generation is not told whole. */
const mostGenerations = 15;

/** valueFlags.authoritative is the lower of the two bits of an identifier that a digest keeps. */
const identifierFlagsShift = 1;

/** The flags of an identifier, authoritative and unique, as valueFlags has them. */
export const flagsOfDigest = (bits: number): number => bits << identifierFlagsShift;

/** @param take how many stretches of records have been taken before: several threads share them out. */
export function digestStretches(store: RecordStore, rows: Int32Array, take: () => number): void {
  const nationalDomains = findNationalDomains(store);
  for (let from = take() * rowsPerStretch; from < store.size; from = take() * rowsPerStretch) {
    const to = Math.min(store.size, from + rowsPerStretch);
    for (let start = from; start < to; start += rowsAtATime) {
      const end = Math.min(to, start + rowsAtATime);
      for (let row = start; row < end; row++) {
        digestRow(store, nationalDomains, row, rows, row * digest.width);
      }
      const { phones, identifiers } = store.dictionaries;
      sign(rows, start, end, digest.phone, digest.phoneSignature, phones);
      sign(rows, start, end, digest.nationalIdentifier, digest.nationalSignature, identifiers);
      sign(rows, start, end, digest.localIdentifier, digest.localSignature, identifiers);
    }
  }
}

const startsOfValues = new Uint32Array(rowsAtATime);
const firstBytes = new Uint8Array(rowsAtATime);

/**
 * Puts the signatures of one kind of values into digests. The values lie anywhere: where each begins, and its first
 * byte, are looked up for many one after the other, so that the processor waits for several at once.
 */
function sign(
  rows: Int32Array,
  from: number,
  to: number,
  value: number,
  signature: number,
  dictionary: DictionaryColumns,
): void {
  const { bytes, offsets } = dictionary;
  for (let row = from; row < to; row++) {
    const code = rows[row * digest.width + value]!;
    startsOfValues[row - from] = code < 0 ? 0 : offsets[code]!;
  }
  for (let i = 0; i < to - from; i++) firstBytes[i] = bytes[startsOfValues[i]!]!;
  for (let row = from; row < to; row++) {
    const at = row * digest.width;
    const code = rows[at + value]!;
    rows[at + signature] = code < 0 ? -1 : editSignature(dictionary, code);
  }
}

/** By domain: 1 where it has national identifiers. A type and a system may have one name. */
function findNationalDomains({ identifiers, dictionaries }: RecordStore): Uint8Array {
  const { domain, flags } = identifiers;
  const isNational = new Uint8Array(dictionaries.domains.size);
  for (let x = 0; x < flags.length; x++) {
    if ((flags[x]! & valueFlags.national) !== 0) isNational[domain[x]!] = 1;
  }
  return isNational;
}

function digestRow(
  store: RecordStore,
  nationalDomains: Uint8Array,
  row: number,
  out: Int32Array,
  at: number,
): void {
  const { names, addresses, phones, emails, identifiers } = store;
  for (let i = 0; i < digest.width; i++) out[at + i] = -1;
  out[at + digest.birthDate] = store.birthDates[row]!;
  let facts =
    (store.genders[row]! << digestBits.genderShift) |
    (isSimple(names.starts, names.flags, row) ? 0 : digestBits.hasMoreNames) |
    (isSimple(addresses.starts, addresses.flags, row) ? 0 : digestBits.hasMoreAddresses) |
    (isSimple(phones.starts, phones.flags, row) ? 0 : digestBits.hasMorePhones) |
    (isSimple(emails.starts, emails.flags, row) ? 0 : digestBits.hasMoreEmails);
  const name = names.starts[row]!;
  if (name < names.starts[row + 1]!) {
    out[at + digest.family] = names.family[name]!;
    out[at + digest.given] = names.given[name]!;
    out[at + digest.middle] = names.middle[name]!;
    const generation = names.generation[name]!;
    facts |=
      generation > mostGenerations ? digestBits.hasMoreNames : generation << digestBits.generationShift;
  }
  const address = addresses.starts[row]!;
  if (address < addresses.starts[row + 1]!) {
    out[at + digest.postalCode] = addresses.postalCode[address]!;
    out[at + digest.city] = addresses.city[address]!;
    out[at + digest.houseNumber] = addresses.houseNumber[address]!;
    out[at + digest.streetName] = addresses.streetName[address]!;
    if (addresses.extra[address]! >= 0) facts |= digestBits.hasMoreAddresses;
  }
  if (phones.starts[row]! < phones.starts[row + 1]!) {
    out[at + digest.phone] = phones.value[phones.starts[row]!]!;
  }
  if (emails.starts[row]! < emails.starts[row + 1]!)
    out[at + digest.email] = emails.value[emails.starts[row]!]!;
  for (let x = identifiers.starts[row]!; x < identifiers.starts[row + 1]!; x++) {
    const flags = identifiers.flags[x]!;
    const isNational = (flags & valueFlags.national) !== 0;
    const place = at + (isNational ? digest.nationalIdentifier : digest.localIdentifier);
    const domain = identifiers.domain[x]!;
    const isAmongNational = !isNational && nationalDomains[domain] === 1;
    const isTold = (flags & valueFlags.current) !== 0 && domain <= digestBits.domainMask && !isAmongNational;
    if (out[place] !== -1 || !isTold) {
      facts |= digestBits.hasMoreIdentifiers;
      continue;
    }
    out[place] = identifiers.value[x]!;
    facts |= domain << (isNational ? digestBits.nationalDomainShift : digestBits.localDomainShift);
    facts |=
      ((flags >> identifierFlagsShift) & digestBits.identifierFlagsMask) <<
      (isNational ? digestBits.nationalFlagsShift : digestBits.localFlagsShift);
  }
  if (store.motherNames[row]! >= 0 || store.motherIdentifiers[row]! >= 0) facts |= digestBits.hasMother;
  if (store.flags[row] !== 0 || store.birthOrders[row] !== 0) facts |= digestBits.hasBirthFacts;
  out[at + digest.facts] = facts;
}

/** At most one value, and that one current. */
function isSimple(starts: Uint32Array, flags: Uint8Array, row: number): boolean {
  const start = starts[row]!;
  const count = starts[row + 1]! - start;
  return count === 0 || (count === 1 && (flags[start]! & valueFlags.current) !== 0);
}
