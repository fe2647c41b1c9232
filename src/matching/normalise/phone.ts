import { isCountryCallingCode, splitCountryCallingCode } from "../reference/calling-codes.ts";
import { builtInPlaceholders, type PlaceholderList } from "../reference/placeholders.ts";
import { isOneCharacterRepeated } from "./placeholders.ts";

/** Shorter numbers are extensions and service numbers: many people share them. */
const fewestDigits = 6;

/** The common ways to write a number of North America: one look decides for most records. */
const northAmerican = /^(?:\+?1[-. ]?)?\(?([2-9][0-9]{2})\)?[-. ]{0,2}([0-9]{3})[-. ]?([0-9]{4})$/u;

const extension = /(?:\bext(?:ension|n)?\b|\bx|#|\bdurchwahl\b|\bposte\b).*$/iu;

/**
 * The digits of a telephone number that tell it apart: the national significant number, without country code,
 * trunk prefix and extension, as far as they can be told without knowing the country.
 * "+1 (212) 555-0123", "1-212-555-0123 x7" and "212.555.0123" are all "2125550123".
 *
 * @returns digits; null for a placeholder, or where fewer than 6 digits are left.
 */
export function normalisePhone(
  raw: string,
  placeholders: PlaceholderList = builtInPlaceholders,
): string | null {
  const [, area, exchange, line] = northAmerican.exec(raw) ?? [];
  if (area !== undefined && exchange !== undefined && line !== undefined) {
    const digits = area + exchange + line;
    return isPlaceholderPhone(digits, placeholders) ? null : digits;
  }
  const text = raw.normalize("NFKC").trim().replace(/^tel:/iu, "").replace(extension, "");
  // "+44 (0)20 …": the zero is dialled inside the country only.
  const digits = text.replace(/\(0\)/gu, "").replace(/[^0-9]/gu, "");
  if (digits.length < fewestDigits || isPlaceholderPhone(digits, placeholders)) return null;
  const significant = significantDigits(digits, /^[^0-9]*\+/u.test(text));
  return significant.length < fewestDigits || isPlaceholderPhone(significant, placeholders)
    ? null
    : significant;
}

/** One digit throughout, nothing but zeros in the last seven, or on the list. */
export function isPlaceholderPhone(
  digits: string,
  placeholders: PlaceholderList = builtInPlaceholders,
): boolean {
  return placeholders.phones.has(digits) || isOneCharacterRepeated(digits) || digits.endsWith("0000000");
}

function significantDigits(digits: string, isInternational: boolean): string {
  if (isInternational) return withoutTrunkPrefix(splitCountryCallingCode(digits).national);
  // 011 is the international prefix of North America, 00 of nearly everybody else.
  if (digits.startsWith("011") && digits.length > 12 && isCountryCallingCode(digits.slice(3))) {
    return withoutTrunkPrefix(splitCountryCallingCode(digits.slice(3)).national);
  }
  if (digits.startsWith("00")) return withoutTrunkPrefix(splitCountryCallingCode(digits.slice(2)).national);
  if (digits.length === 11 && digits.startsWith("1")) return digits.slice(1);
  return withoutTrunkPrefix(digits);
}

function withoutTrunkPrefix(national: string): string {
  return national.replace(/^0+/u, "");
}
