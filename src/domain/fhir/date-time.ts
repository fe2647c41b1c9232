import { parsePartialDate } from "../patient/partial-date.ts";

const form = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?$/;

/**
 * A FHIR dateTime or instant with a time of day that PostgreSQL can keep; without a zone it is UTC. Undefined where it
 * is none: no day of the calendar, no time of a day, a zone that is nowhere.
 */
export function parseDateTime(text: string): string | undefined {
  const found = form.exec(text.trim());
  if (found === null) return undefined;
  const [, day, time, zone = "Z"] = found;
  if (parsePartialDate(day!) === undefined) return undefined;
  const whole = `${day!}T${time!}${zone}`;
  return Number.isNaN(Date.parse(whole)) ? undefined : whole;
}
