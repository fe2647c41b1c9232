import { MpiError } from "../../../lib/errors.ts";
import { longestPart, textProblem } from "../check-content.ts";
import { parsePartialDate } from "../partial-date.ts";
import type { Gender, PartialDate } from "../patient-record.ts";

/** What to look for. Absent is not asked; everything asked must hold. */
export interface PatientSearch {
  /** Free words in any order: names, a birth date, an identifier, a telephone number, an e-mail address. */
  readonly words?: readonly string[];
  readonly family?: string;
  readonly given?: string;
  readonly birthDate?: PartialDate;
  readonly gender?: Gender;
  readonly identifier?: { readonly value: string; readonly system: string | null };
  readonly phone?: string;
  readonly email?: string;
  readonly postalCode?: string;
  readonly city?: string;
  /** A prefix of a record's id, hex digits without dashes. */
  readonly id?: string;
}

/**
 * A field that is asked for must say something: an empty one would fit everybody.
 *
 * @throws {MpiError} `usage` naming the field
 */
export function checkSearchText(search: PatientSearch): void {
  const { words = [], family, given, identifier, phone, email, postalCode, city } = search;
  const fields = {
    family,
    given,
    identifier: identifier?.value,
    system: identifier?.system ?? undefined,
    phone,
    email,
    "postal-code": postalCode,
    city,
  };
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const problem = value.trim() === "" ? "is empty" : textProblem(value, longestPart);
    if (problem !== undefined) throw new MpiError("usage", `--${field} ${problem}.`);
  }
  for (const word of words) {
    const problem = textProblem(word, longestPart);
    if (problem !== undefined) throw new MpiError("usage", `A word to look for ${problem}.`);
  }
}

/** Free words sorted by what they look like. */
export interface FreeWords {
  readonly names: readonly string[];
  readonly birthDate: PartialDate | undefined;
  readonly email: string | undefined;
  /** Identifiers, telephone numbers or postal codes; which of them is for the search to find out. */
  readonly numbers: readonly string[];
}

/** The last year a four-digit word is read as a birth year; anything later or before 1850 is a number. */
const isYear = (word: string) => /^(18[5-9]\d|19\d\d|20\d\d)$/.test(word);

/**
 * Sorts free words into names, a birth date, an e-mail address and numbers.
 *
 * @throws {MpiError} `usage` for a date that no calendar has, or that could be read two ways.
 */
export function sortFreeWords(words: readonly string[]): FreeWords {
  const names: string[] = [];
  const numbers: string[] = [];
  let birthDate: PartialDate | undefined;
  let email: string | undefined;
  for (const word of words.flatMap((each) => each.split(/\s+/)).filter((each) => each !== "")) {
    if (word.includes("@")) {
      if (email !== undefined) throw new MpiError("usage", "Only one e-mail address can be looked for.");
      email = word;
    } else if (isYear(word) || /^\d{4}-\d{2}(-\d{2})?$/.test(word)) {
      if (birthDate !== undefined) throw new MpiError("usage", "Only one birth date can be looked for.");
      birthDate = requireDate(word);
    } else if (/^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$/.test(word)) throw unclearDate();
    else if (/\d/.test(word) && /^[\p{L}\p{N}()+./#-]+$/u.test(word)) numbers.push(word);
    else names.push(word);
  }
  return { names, birthDate, email, numbers };
}

const unclearDate = () =>
  new MpiError("usage", "A date is written YYYY-MM-DD, YYYY-MM or YYYY; other forms could be read two ways.");

/** @throws {MpiError} `usage` */
export function requireDate(text: string): PartialDate {
  const date = parsePartialDate(text);
  if (date === undefined) {
    throw /^\d{4}-\d{2}-\d{2}$/.test(text)
      ? new MpiError("usage", "The birth date is not in the calendar.", {
          hint: "Write it YYYY-MM-DD, YYYY-MM or YYYY.",
        })
      : unclearDate();
  }
  return date;
}

/** The first and last day that a date known to its precision may be. */
export function dateRange(date: PartialDate): { readonly from: string; readonly to: string } {
  switch (date.precision) {
    case "day":
      return { from: date.date, to: date.date };
    case "month": {
      const [year, month] = date.date.split("-").map(Number);
      const last = new Date(Date.UTC(year!, month, 0)).getUTCDate();
      return { from: date.date, to: `${date.date.slice(0, 8)}${String(last).padStart(2, "0")}` };
    }
    case "year":
      return { from: date.date, to: `${date.date.slice(0, 4)}-12-31` };
  }
}
