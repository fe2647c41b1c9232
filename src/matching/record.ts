/**
 * One patient record as matching sees it: plain values as received, all of them, with what is needed to
 * know whether a value is still current. Raw text: normalisation is matching's own business.
 */
export interface MatchRecord {
  /** patients.id */
  readonly id: string;
  readonly sourceSystem: string | null;
  readonly gender: "male" | "female" | "other" | "unknown" | null;
  /** ISO calendar date padded to a day (`1980-01-01` for the year 1980); read with its precision. */
  readonly birthDate: string | null;
  readonly birthDatePrecision: "day" | "month" | "year" | null;
  readonly multipleBirth: boolean | null;
  /** 1 for the first-born of twins. */
  readonly birthOrder: number | null;
  readonly motherName: string | null;
  readonly motherIdentifier: string | null;
  /** ISO date the record was received: placeholder dates are judged against it, never against today. */
  readonly receivedOn: string | null;
  readonly names: readonly MatchName[];
  readonly identifiers: readonly MatchIdentifier[];
  readonly addresses: readonly MatchAddress[];
  readonly contacts: readonly MatchContact[];
}

export interface MatchName {
  readonly family: string | null;
  readonly given: readonly string[];
  readonly prefix: readonly string[];
  readonly suffix: readonly string[];
  /** False for `old` and `maiden` names: they can agree, never conflict. */
  readonly current: boolean;
}

export interface MatchIdentifier {
  /** `MRN`, `SSN`, `NHS`, `NPI`, `DL`, … the domain's code. */
  readonly type: string;
  /** The assigning authority's URI. */
  readonly system: string;
  readonly value: string;
  readonly current: boolean;
  /** True where the domain is flagged authoritative: its value names one person for sure. */
  readonly authoritative: boolean;
  /** True where one person has at most one current value in this domain (a national id, a source's own number). */
  readonly unique: boolean;
}

export interface MatchAddress {
  readonly line1: string | null;
  readonly line2: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  readonly current: boolean;
}

export interface MatchContact {
  readonly system: "phone" | "fax" | "email" | "pager" | "url" | "sms" | "other";
  readonly value: string;
  readonly current: boolean;
}
