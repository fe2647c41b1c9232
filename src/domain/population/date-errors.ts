import { dateOf, type Day } from "../../lib/calendar.ts";
import { findDay, formatDate, formatDay } from "./calendar.ts";
import type { Draft } from "./draft.ts";
import type { ApplyError, ErrorContext } from "./record-error.ts";

/** Nobody types a year before this one without noticing. */
const FIRST_YEAR = 1905;

/** Takes the date where it is one, not the same, and not after the day of registration. */
function setDate(draft: Draft, text: string): boolean {
  const day = findDay(text);
  if (day === undefined || text === draft.birthDate || day > draft.receivedDay) return false;
  if (Number(text.slice(0, 4)) < FIRST_YEAR) return false;
  draft.birthDate = text;
  return true;
}

/** Errors start from a whole date; another error may have spoilt it. */
const fromDay =
  (change: (draft: Draft, day: Day, context: ErrorContext) => boolean): ApplyError =>
  (draft, context) => {
    const day = findDay(draft.birthDate);
    return day !== undefined && change(draft, day, context);
  };

function retry(times: number, attempt: () => boolean): boolean {
  for (let i = 0; i < times; i++) if (attempt()) return true;
  return false;
}

const typing = fromDay((draft, _, { random, tables }) => {
  const text = draft.birthDate;
  // The digits of year, month and day, hyphens left out; the century is hardly ever wrong.
  return retry(6, () => {
    const [start, length] = random.pick([
      [2, 2],
      [5, 2],
      [8, 2],
    ] as const);
    const part = tables.textErrors.digit(random, text.slice(start, start + length));
    return setDate(draft, text.slice(0, start) + part + text.slice(start + length));
  });
});

const swapDayAndMonth = fromDay((draft, day) => {
  const { year, month, dayOfMonth } = dateOf(day);
  return dayOfMonth <= 12 && setDate(draft, formatDate(year, dayOfMonth, month));
});

const transposeDigits = fromDay((draft, _, { random }) => {
  const text = draft.birthDate;
  return retry(4, () => {
    const at = random.pick([2, 5, 8] as const);
    const turned = `${text[at + 1]!}${text[at]!}`;
    return setDate(draft, text.slice(0, at) + turned + text.slice(at + 2));
  });
});

const shiftYear = (years: readonly number[]) =>
  fromDay((draft, day, { random }) => {
    const { year, month, dayOfMonth } = dateOf(day);
    return setDate(draft, formatDate(year + random.pick(years), month, dayOfMonth));
  });

export const BIRTH_DATE_ERRORS: Readonly<Record<string, ApplyError>> = {
  typing,
  day_month_swapped: swapDayAndMonth,
  digits_transposed: transposeDigits,
  one_day_off: fromDay((draft, day, { random }) => setDate(draft, formatDay(day + random.pick([-1, 1])))),
  one_year_off: shiftYear([-1, 1]),
  ten_years_off: shiftYear([-10, 10]),
  first_of_year: fromDay((draft, day) => setDate(draft, formatDate(dateOf(day).year, 1, 1))),
  precision_lost: fromDay((draft, _, { random }) => {
    draft.birthDate = draft.birthDate.slice(0, random.chance(0.5) ? 4 : 7);
    return true;
  }),
  placeholder: (draft, { random, tables }) => {
    const text = tables.placeholders.birth_date.draw(random);
    if (text === draft.birthDate) return false;
    draft.birthDate = text;
    return true;
  },
};

export const GENDER_ERRORS: Readonly<Record<string, ApplyError>> = {
  flipped: (draft) => {
    if (draft.gender !== "male" && draft.gender !== "female") return false;
    draft.gender = draft.gender === "male" ? "female" : "male";
    return true;
  },
  unknown: (draft) => {
    if (draft.gender === "" || draft.gender === "unknown") return false;
    draft.gender = "unknown";
    return true;
  },
};
