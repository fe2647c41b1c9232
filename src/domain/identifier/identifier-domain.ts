import type { Queryable } from "../../db/client.ts";
import { selectDomains } from "../../db/queries/domains.ts";
import type { IdentifierDomainRow } from "../../db/rows.ts";
import { checkDigitValid, type CheckDigitRule } from "../../matching/normalise/check-digit.ts";

export const checkDigitRules = [
  "none",
  "luhn",
  "npi",
  "nhs",
  "ssn",
] as const satisfies readonly CheckDigitRule[];

/** What is known of a system that issues identifiers. */
export interface IdentifierDomain {
  readonly id: string;
  /** Short name to type: `MRN`. */
  readonly code: string;
  /** The assigning authority's URI. */
  readonly system: string;
  readonly name: string;
  readonly assigningAuthority: string | null;
  /** No two records in use may carry the same value. */
  readonly isUnique: boolean;
  /** One value names one person for sure. */
  readonly isAuthoritative: boolean;
  /** A person has at most one current value. */
  readonly isSingleValued: boolean;
  readonly checkDigit: CheckDigitRule;
  /** A regular expression that the whole value fits. */
  readonly pattern: string | null;
  readonly organizationId: string | null;
  readonly version: number;
}

export function toIdentifierDomain(row: IdentifierDomainRow): IdentifierDomain {
  return {
    id: row.id,
    code: row.code,
    system: row.system,
    name: row.name,
    assigningAuthority: row.assigningAuthority,
    isUnique: row.isUnique,
    isAuthoritative: row.isAuthoritative,
    isSingleValued: row.isSingleValued,
    // A CHECK constraint keeps the column to the rules.
    checkDigit: row.checkDigit as CheckDigitRule,
    pattern: row.pattern,
    organizationId: row.organizationId,
    version: row.version,
  };
}

export const listDomains = async (db: Queryable): Promise<readonly IdentifierDomain[]> =>
  (await selectDomains(db)).map(toIdentifierDomain);

/** Why a value is none of its domain's; undefined where it may be one. Never repeats the value. */
export function identifierProblem(
  domain: Pick<IdentifierDomain, "code" | "checkDigit" | "pattern">,
  value: string,
): string | undefined {
  if (!checkDigitValid(domain.checkDigit, value)) {
    return domain.checkDigit === "ssn"
      ? "is no number that the SSN's structure allows"
      : `does not pass the check digit of ${domain.code} (${domain.checkDigit})`;
  }
  if (domain.pattern !== null && !toPattern(domain.pattern).test(value.trim())) {
    return `does not have the form of ${domain.code}`;
  }
  return undefined;
}

/** The whole value has to fit. @throws {SyntaxError} for what is no regular expression */
export const toPattern = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, "u");
