import { dateOf, dayOf, type Day } from "../../lib/calendar.ts";

export function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

/** `YYYY-MM-DD` */
export function formatDay(day: Day): string {
  const { year, month, dayOfMonth } = dateOf(day);
  return formatDate(year, month, dayOfMonth);
}

export function formatDate(year: number, month: number, dayOfMonth: number): string {
  return `${year}-${twoDigits(month)}-${twoDigits(dayOfMonth)}`;
}

/** The day that a `YYYY-MM-DD` text names, undefined where there is no such day. */
export function findDay(text: string): Day | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const day = dayOf(Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10)));
  return formatDay(day) === text ? day : undefined;
}
