import type { MatchAddress } from "../record.ts";
import { builtInPlaceholders, type PlaceholderList } from "../reference/placeholders.ts";
import { regionCodes } from "../reference/regions.ts";
import { rememberResults } from "./bounded-memo.ts";
import { parseStreetLine, type StreetLine } from "./street.ts";
import { compactText, foldText } from "./text.ts";

/** An address in the form that is compared. What is absent or a placeholder is null. */
export interface NormalisedAddress {
  /** House number first, abbreviated: "12 n main st"; "123 po box" where there is a box and no street. */
  readonly street: string | null;
  /** The house number alone: "12", "12a", "12-14". */
  readonly houseNumber: string | null;
  /** Flat, suite, room: "5b". */
  readonly unit: string | null;
  readonly poBox: string | null;
  /** What the second line says besides: a building, a locality, a care-of. */
  readonly extra: string | null;
  readonly city: string | null;
  /** The code where the region is known by name and code, in lower case. */
  readonly state: string | null;
  readonly postalCode: string | null;
}

/** All parts of an address, normalised. The country is not used: the rules are the same everywhere. */
export function normaliseAddress(
  address: MatchAddress,
  placeholders: PlaceholderList = builtInPlaceholders,
): NormalisedAddress {
  const first = readAddressLine(address.line1, placeholders);
  const second = readAddressLine(address.line2, placeholders);
  // "Rose Cottage" over "12 High Street": the line with the number is the street.
  const isSecondStreet = second.houseNumber !== null && second.name !== null && first.houseNumber === null;
  const main = isSecondStreet ? second : first;
  const other = isSecondStreet ? first : second;
  const poBox = main.poBox ?? other.poBox;
  return {
    street: main.street ?? (poBox === null ? null : `${poBox} po box`),
    houseNumber: main.houseNumber,
    unit: main.unit ?? other.unit,
    poBox,
    extra: other.street,
    city: normaliseCity(address.city, placeholders),
    state: normaliseState(address.state),
    postalCode: normalisePostalCode(address.postalCode),
  };
}

/** One of the two lines, by itself. */
export function readAddressLine(
  raw: string | null,
  placeholders: PlaceholderList = builtInPlaceholders,
): StreetLine {
  return parseStreetLine(withoutPlaceholder(raw, placeholders));
}

const cityWords: ReadonlyMap<string, string> = new Map([
  ["saint", "st"],
  ["sainte", "ste"],
  ["mount", "mt"],
  ["fort", "ft"],
]);

const directions: ReadonlyMap<string, string> = new Map([
  ["n", "north"],
  ["s", "south"],
  ["e", "east"],
  ["w", "west"],
]);

/** Folded, with Saint, Mount and Fort abbreviated and a direction in front written out. Null for a placeholder. */
export function normaliseCity(
  raw: string | null,
  placeholders: PlaceholderList = builtInPlaceholders,
): string | null {
  const folded = withoutPlaceholder(raw, placeholders) === null || raw === null ? null : foldText(raw);
  return folded === null ? null : abbreviateCity(folded);
}

const abbreviateCity = rememberResults((folded) => {
  const words = folded.split(" ");
  const [first = ""] = words;
  const direction = words.length > 1 ? directions.get(first) : undefined;
  if (direction !== undefined) words[0] = direction;
  return words.map((word) => cityWords.get(word) ?? word).join(" ");
});

/** Folded; the code for a state of the United States or Australia or a province of Canada written out. */
export function normaliseState(raw: string | null): string | null {
  const folded = raw === null ? null : foldText(raw);
  return folded === null ? null : (regionCodes.get(folded) ?? compactText(folded));
}

/**
 * Upper-case letters and digits of any country's postal code; ZIP+4 loses its last four. Leading zeros stay as
 * received: the comparator knows that they get lost. Null for nothing but zeros or nines.
 */
export function normalisePostalCode(raw: string | null): string | null {
  if (raw === null) return null;
  if (/^(?!0+$|9+$)[0-9]{5}$/u.test(raw)) return raw;
  const text = raw.normalize("NFKC").trim();
  // 4-4 is a ZIP+4 that lost its zero. 3-4 is Japanese and 4-3 Portuguese: those stay whole.
  const zip = /^(\d{4,5})[-\u2010-\u2015\s]+\d{4}$|^(\d{5})\d{4}$/u.exec(text);
  const code = zip?.[1] ?? zip?.[2] ?? text.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");
  return code === "" || /^(?:0+|9{4,}|X+)$/u.test(code) ? null : code;
}

function withoutPlaceholder(raw: string | null, placeholders: PlaceholderList): string | null {
  return raw === null || placeholders.addresses.has(foldText(raw) ?? "") ? null : raw;
}
