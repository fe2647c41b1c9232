import { builtInPlaceholders, type PlaceholderList } from "../reference/placeholders.ts";
import { hasSocialSecurityStructure } from "./check-digit.ts";
import { isDigitRun, isOneCharacterRepeated } from "./placeholders.ts";

/** Below this length a repeated digit or a run may be a real number of a small register. */
const shortestTellingLength = 6;

/**
 * An identifier in the form that is compared: upper-case letters and digits, separators dropped. Leading zeros
 * are kept, as two numbers that differ in them may be two persons' in some domains; the comparator knows about
 * lost ones. An SSN masked to its last digits (XXX-XX-1234) keeps those alone.
 *
 * @param type the domain's code: "SSN" is also judged by its structure.
 * @returns null for a placeholder, and where nothing is left.
 */
export function normaliseIdentifier(
  raw: string,
  type: string,
  placeholders: PlaceholderList = builtInPlaceholders,
): string | null {
  const value = raw
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
  if (value === "" || isPlaceholderIdentifier(value, placeholders)) return null;
  return type.toUpperCase() === "SSN" ? normaliseSocialSecurityNumber(value, placeholders) : value;
}

/** On the list, zeros only, or six and more characters that are all the same or a plain run (123456). */
export function isPlaceholderIdentifier(
  value: string,
  placeholders: PlaceholderList = builtInPlaceholders,
): boolean {
  if (placeholders.identifiers.has(value) || /^0+$/u.test(value)) return true;
  if (value.length < shortestTellingLength) return false;
  return isOneCharacterRepeated(value) || (/^[0-9]+$/u.test(value) && isDigitRun(value));
}

function normaliseSocialSecurityNumber(value: string, placeholders: PlaceholderList): string | null {
  const digits = value.replace(/^X+/u, "");
  if (digits === "" || placeholders.socialSecurityNumbers.has(digits)) return null;
  if (/^[0-9]{9}$/u.test(digits) && !hasSocialSecurityStructure(digits)) return null;
  return digits;
}
