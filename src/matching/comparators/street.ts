import { streetTypes } from "../reference/street-words.ts";
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

/**
 * Compares two street lines as normaliseAddress gives them ("12 main st"). Symmetric; unavailable where either
 * is missing. Two box numbers are the same, one edit apart, or nothing: a post office is not a street.
 */
export function compareStreets(a: string | null, b: string | null): number {
  if (a === null || b === null || a === "" || b === "") return unavailable;
  if (a === b) return level.exact;
  const cutA = nameStart(a);
  const cutB = nameStart(b);
  const numberA = a.slice(0, cutA).trimEnd();
  const numberB = b.slice(0, cutB).trimEnd();
  const nameA = a.slice(cutA);
  const nameB = b.slice(cutB);

  if (nameA === "po box" || nameB === "po box") {
    return nameA === nameB && isNumberOneEdit(numberA, numberB) ? level.numberOneEdit : level.else;
  }
  const sameNumber = numberA === numberB && numberA !== "";
  const compactA = compactText(nameA);
  const compactB = compactText(nameB);
  if (sameNumber && compactA === compactB) return level.exact;
  if (!isSameOrMisspelt(nameA, nameB, compactA, compactB)) return sameNumber ? level.sameNumber : level.else;
  if (sameNumber || (numberA === "" && numberB === "")) return level.close;
  if (numberA === "" || numberB === "") return level.numberMissing;
  return isNumberOneEdit(numberA, numberB) ? level.numberOneEdit : level.sameStreet;
}

/** Where the street's name begins: after a first word that starts with a digit, if there is one. */
function nameStart(street: string): number {
  const first = street.charCodeAt(0);
  if (first < 48 || first > 57) return 0;
  const space = street.indexOf(" ");
  const end = space < 0 ? street.length : space;
  return /^[0-9]+(?:st|nd|rd|th)$/u.test(street.slice(0, end)) ? 0 : Math.min(street.length, end + 1);
}

function isSameOrMisspelt(nameA: string, nameB: string, compactA: string, compactB: string): boolean {
  if (compactA === compactB) return true;
  if (jaroWinkler(compactA, compactB) >= 0.92) return true;
  if (Math.min(compactA.length, compactB.length) >= 5 && isWithinOneEdit(compactA, compactB)) return true;
  const coreA = coreOf(nameA);
  return coreA.length >= 3 && coreA === coreOf(nameB);
}

/** The name without street types and directions; "5th" and names made of nothing else stay as they are. */
function coreOf(name: string): string {
  const words = name.split(" ").filter((word) => !streetTypes.has(word) && !directions.has(word));
  return words.join("");
}

const directions: ReadonlySet<string> = new Set(["n", "s", "e", "w", "ne", "nw", "se", "sw"]);

function isNumberOneEdit(a: string, b: string): boolean {
  return a !== "" && b !== "" && Math.max(a.length, b.length) >= 2 && isWithinOneEdit(a, b);
}
