/**
 * What a blocking key can be made of. Values are normalised; a record gives one key for each combination of
 * its values, current or not, and none where a part is unavailable.
 */
export const keyParts = [
  "family-name",
  /** Each part of a double family name. */
  "family-name-part",
  "family-name-sound",
  "given-name",
  "given-name-initial",
  "given-name-sound",
  /** Family and given name as a set: the same for swapped names. */
  "names",
  /** Initials of family and given name as a set. */
  "name-initials",
  "birth-date",
  /** The birth date with day and month as a set: the same for transposed ones. */
  "birth-date-unordered",
  "birth-year",
  "birth-year-and-month",
  "birth-month-and-day",
  "postal-code",
  "city",
  "street-name",
  "house-number",
  "phone",
  "email",
  "email-name",
  "identifier",
  "national-identifier-end",
] as const;

export type KeyPart = (typeof keyParts)[number];
