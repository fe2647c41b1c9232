import type { Day } from "../../lib/calendar.ts";
import type { Sex } from "./given-names.ts";
import type { StreetAddress } from "./street-address.ts";

/** Why telling a person apart from the others of her group is hard; `none` and `household` are the ordinary ones. */
export const HARD_CASES = [
  "none",
  "household",
  "institution",
  "twins",
  "generations",
  "mother_newborn",
  "shared_ssn",
  "overlay",
  "namesake",
  "unidentified",
] as const;
export type HardCase = (typeof HARD_CASES)[number];

export interface Household {
  /** `H` and a number, or the institution's name in the truth file. */
  readonly id: string;
  readonly address: StreetAddress;
  /** Ten digits. */
  readonly phone: string;
  /** Where the family moved to; those who move later follow. */
  readonly nextAddress: StreetAddress;
}

/** One invented person, as the record that is made of her first shows her. */
export interface Person {
  /** Names the person in the truth file. */
  readonly cluster: number;
  readonly household: Household;
  readonly kind: HardCase;
  /** Ties the persons of a hard case together; empty for `none`. */
  readonly group: string;
  readonly sex: Sex;
  readonly birthDay: Day;
  readonly culture: number;
  readonly given: string;
  /** What a newborn was registered as before she had a name; empty for everybody else. */
  readonly temporaryGiven: string;
  /** What friends call her, where the first record was made under that name; else empty. */
  readonly calledBy: string;
  readonly middle: string;
  readonly family: FamilyName;
  /** The name before the marriage, or the one that came with it. */
  readonly otherFamily: FamilyName | undefined;
  readonly maidenName: string;
  readonly suffix: string;
  /** Nine digits; empty for those who have none. */
  readonly ssn: string;
  readonly phone: string;
  readonly email: string;
  readonly address: StreetAddress;
  readonly mother: Person | undefined;
  /** 1 for the first-born of twins, 0 for all who are not of a multiple birth. */
  readonly birthOrder: number;
  /** Whose data a clerk wrote over one of this person's records. */
  readonly overlaidBy: Person | undefined;
}

export interface FamilyName {
  /** What the children get. */
  readonly first: string;
  /** The mother's name in Spanish and Portuguese use, the husband's in a double name; empty for most. */
  readonly second: string;
  /** Between the two: a space or a hyphen. */
  readonly joint: string;
}

export function singleName(first: string): FamilyName {
  return { first, second: "", joint: "" };
}

export function writeFamilyName(name: FamilyName): string {
  return name.second === "" ? name.first : name.first + name.joint + name.second;
}
