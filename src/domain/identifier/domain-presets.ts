import type { IdentifierDomain } from "./identifier-domain.ts";

/** What a site says of a domain; the rest is the database's. */
export type DomainInput = Omit<IdentifierDomain, "id" | "version">;

const national = {
  assigningAuthority: null,
  isUnique: false,
  isSingleValued: true,
  isAuthoritative: false,
  pattern: null,
  organizationId: null,
} as const;

/**
 * Domains that are the same everywhere, under the system URIs that FHIR gives them. None is unique: two records of
 * one person carry the same national number, which is the evidence that matching needs. None is authoritative
 * either: numbers are mistyped and lent.
 */
export const domainPresets: Readonly<Record<string, DomainInput>> = {
  ssn: {
    ...national,
    code: "SSN",
    system: "http://hl7.org/fhir/sid/us-ssn",
    name: "United States Social Security number",
    assigningAuthority: "Social Security Administration",
    checkDigit: "ssn",
  },
  nhs: {
    ...national,
    code: "NHS",
    system: "https://fhir.nhs.uk/Id/nhs-number",
    name: "NHS number of England, Wales and the Isle of Man",
    assigningAuthority: "National Health Service",
    checkDigit: "nhs",
  },
  npi: {
    ...national,
    code: "NPI",
    system: "http://hl7.org/fhir/sid/us-npi",
    name: "National Provider Identifier",
    assigningAuthority: "Centers for Medicare & Medicaid Services",
    checkDigit: "npi",
  },
  mbi: {
    ...national,
    code: "MBI",
    system: "http://hl7.org/fhir/sid/us-mbi",
    name: "Medicare Beneficiary Identifier",
    assigningAuthority: "Centers for Medicare & Medicaid Services",
    // Letters S, L, O, I, B and Z are never issued.
    pattern:
      "[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\\d-?[AC-HJKMNP-RT-Y]{2}\\d{2}",
    checkDigit: "none",
  },
};
