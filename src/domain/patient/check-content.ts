import { parsePartialDate } from "./partial-date.ts";
import type { PatientContent } from "./patient-record.ts";

/** What is wrong with one field. Names the field and the reason, never the value. */
export interface ContentProblem {
  /** A path such as `names[0].given[1]`. */
  readonly field: string;
  readonly reason: string;
}

/** Longest part of a name or line of an address, in characters: longer ones are rejected, never cut. */
export const longestPart = 1000;

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;
/** Nearly no text has one, so that one look at it is enough. */
const suspicious = /[\0\uD800-\uDFFF]/;

/** Why PostgreSQL, or we, cannot keep this text as it is; undefined where it can be kept. */
export function textProblem(value: string, limit: number): string | undefined {
  if (value.length <= limit && !suspicious.test(value)) return undefined;
  if (value.includes("\0")) return "contains a NUL byte, which PostgreSQL cannot store";
  if (loneSurrogate.test(value)) return "is not valid Unicode (half of a surrogate pair)";
  // Counted in code points, as char_length does.
  if (value.length > limit && Array.from(value).length > limit) return `is longer than ${limit} characters`;
  return undefined;
}

/** Everything that is wrong with a record's content, in the order of its fields; empty where it can be stored. */
export function checkPatientContent(content: PatientContent): readonly ContentProblem[] {
  const problems: ContentProblem[] = [];
  const text = (field: string, value: string | null, limit: number) => {
    const reason = value === null ? undefined : textProblem(value, limit);
    if (reason !== undefined) problems.push({ field, reason });
  };
  const required = (field: string, value: string, limit: number) => {
    if (value.trim() === "") problems.push({ field, reason: "is empty" });
    else text(field, value, limit);
  };

  if (content.birthDate !== null && parsePartialDate(content.birthDate.date) === undefined) {
    problems.push({ field: "birthDate", reason: "is not a date of the calendar" });
  }
  if (
    content.birthOrder !== null &&
    !(Number.isInteger(content.birthOrder) && content.birthOrder >= 1 && content.birthOrder <= 20)
  ) {
    problems.push({ field: "birthOrder", reason: "is not a whole number from 1 to 20" });
  }
  text("maritalStatus", content.maritalStatus, 50);
  text("motherName", content.motherName, longestPart);
  text("motherIdentifier", content.motherIdentifier, 255);

  content.names.forEach((name, index) => {
    const at = `names[${index}]`;
    if ((name.family ?? "").trim() === "" && name.given.every((part) => part.trim() === "")) {
      problems.push({ field: at, reason: "has neither a family nor a given name" });
    }
    text(`${at}.family`, name.family, longestPart);
    for (const list of ["given", "prefix", "suffix"] as const) {
      name[list].forEach((part, position) => text(`${at}.${list}[${position}]`, part, longestPart));
    }
  });
  content.identifiers.forEach((identifier, index) => {
    const at = `identifiers[${index}]`;
    required(`${at}.type`, identifier.type, 50);
    required(`${at}.system`, identifier.system, 255);
    required(`${at}.value`, identifier.value, 255);
    text(`${at}.assigner`, identifier.assigner, 255);
    if (
      content.identifiers.findIndex(
        (other) => other.system === identifier.system && other.value === identifier.value,
      ) < index
    ) {
      problems.push({ field: at, reason: "repeats an identifier of the same record" });
    }
  });
  content.addresses.forEach((address, index) => {
    const at = `addresses[${index}]`;
    text(`${at}.line1`, address.line1, longestPart);
    text(`${at}.line2`, address.line2, longestPart);
    text(`${at}.city`, address.city, 255);
    text(`${at}.state`, address.state, 100);
    text(`${at}.postalCode`, address.postalCode, 20);
    text(`${at}.country`, address.country, 100);
  });
  content.contacts.forEach((contact, index) => required(`contacts[${index}].value`, contact.value, 255));
  for (const list of ["names", "addresses"] as const) {
    if (content[list].filter((row) => row.isPrimary).length > 1) {
      problems.push({ field: list, reason: "has more than one primary entry" });
    }
  }
  return problems;
}
