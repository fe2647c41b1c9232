import { directionWords, streetTypes } from "../reference/street-words.ts";
import { compactText } from "../normalise/text.ts";
import { jaroWinkler } from "./jaro-winkler.ts";
import { indexLevels, unavailable } from "./levels.ts";
import { isWithinOneEdit } from "./osa.ts";

/**
 * exact: the same number in the same street, spaces aside; close: the same number, and the street misspelt or
 * its type or direction missing; numberOneEdit: the same or a misspelt street, and a number with one digit
 * wrong, missing or too many, or two swapped; numberMissing: the street, and no number on one side;
 * sameStreet: another number; sameNumber: another street; else.
 */
export const streetLevels = [
  "exact",
  "close",
  "numberOneEdit",
  "numberMissing",
  "sameStreet",
  "sameNumber",
  "else",
] as const;

const level = indexLevels(streetLevels);

export const streetLevel = level;

/** A street line taken apart, so that many pairs pay for it once. */
export interface PreparedStreet {
  /** As normaliseAddress gives it. */
  readonly value: string;
  /** "" where there is none. */
  readonly houseNumber: string;
  /** The name without spaces. */
  readonly name: string;
  /** The name without spaces, types and directions; "" where it is too short to tell a street. */
  readonly core: string;
}

const shortestCore = 3;
const poBox = "pobox";

/**
 * Compares two street lines as normaliseAddress gives them ("12 main st"). Symmetric; unavailable where either
 * is missing. Two box numbers are the same, one edit apart, or nothing: a post office is not a street.
 */
export function compareStreets(a: string | null, b: string | null): number {
  if (a === null || b === null || a === "" || b === "") return unavailable;
  return a === b ? level.exact : comparePreparedStreets(prepareStreet(a), prepareStreet(b));
}

/** @param value a street as normaliseAddress gives it, not empty. */
export function prepareStreet(value: string): PreparedStreet {
  const cut = /^[0-9]+(?![0-9]*(?:st|nd|rd|th)(?: |$))[^ ]*/u.exec(value)?.[0].length ?? 0;
  const words = value.slice(cut).trimStart().split(" ");
  const core = words.filter((word) => !streetTypes.has(word) && !directionWords.has(word)).join("");
  return {
    value,
    houseNumber: value.slice(0, cut),
    name: compactText(words.join("")),
    core: core.length >= shortestCore ? core : "",
  };
}

/** As compareStreets, of two streets that are both there. Symmetric. */
export function comparePreparedStreets(a: PreparedStreet, b: PreparedStreet): number {
  if (a.value === b.value) return level.exact;
  if (a.name === poBox || b.name === poBox) {
    return a.name === b.name && isOneEdit(a.houseNumber, b.houseNumber) ? level.numberOneEdit : level.else;
  }
  const isSameNumber = a.houseNumber === b.houseNumber && a.houseNumber !== "";
  if (isSameNumber && a.name === b.name) return level.exact;
  if (!isSameOrMisspelt(a, b)) return isSameNumber ? level.sameNumber : level.else;
  if (isSameNumber || (a.houseNumber === "" && b.houseNumber === "")) return level.close;
  if (a.houseNumber === "" || b.houseNumber === "") return level.numberMissing;
  return isOneEdit(a.houseNumber, b.houseNumber) ? level.numberOneEdit : level.sameStreet;
}

function isSameOrMisspelt(a: PreparedStreet, b: PreparedStreet): boolean {
  if (a.name === b.name) return a.name !== "";
  if (a.core !== "" && a.core === b.core) return true;
  const similarity = jaroWinkler(a.name, b.name);
  if (similarity >= 0.92) return true;
  // One edit in five letters leaves at least (4/5 + 4/5 + 1/2) / 3 = 0.7, even if all matches are out of order.
  return similarity >= 0.69 && a.name.length >= 5 && b.name.length >= 5 && isWithinOneEdit(a.name, b.name);
}

function isOneEdit(a: string, b: string): boolean {
  return a !== "" && b !== "" && (a.length >= 2 || b.length >= 2) && isWithinOneEdit(a, b);
}
