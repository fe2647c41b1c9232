import type { MatchRecord } from "../../matching/record.ts";
import type { PatientRecord } from "../patient/patient-record.ts";

/** What is known of an identifier's system. */
export interface DomainFacts {
  readonly isAuthoritative: boolean;
  readonly isSingleValued: boolean;
}

/** Facts about identifier systems, by system. */
export type DomainFactsBySystem = ReadonlyMap<string, DomainFacts>;

/** A whole record, or one that is about to be stored, as matching sees it. */
export function toMatchRecord(
  record: Omit<
    PatientRecord,
    | "createdAt"
    | "createdBy"
    | "updatedAt"
    | "updatedBy"
    | "enterpriseId"
    | "enterpriseSince"
    | "version"
    | "active"
    | "deletedAt"
    | "deletedBy"
  >,
  domains: DomainFactsBySystem,
): MatchRecord {
  return {
    id: record.id,
    sourceSystem: record.sourceSystem,
    gender: record.gender,
    birthDate: record.birthDate?.date ?? null,
    birthDatePrecision: record.birthDate?.precision ?? "day",
    multipleBirth: record.multipleBirth,
    birthOrder: record.birthOrder,
    motherName: record.motherName,
    motherIdentifier: record.motherIdentifier,
    receivedOn: record.receivedAt.slice(0, 10),
    names: byId(record.names).map((name) => ({
      family: name.family,
      given: name.given,
      prefix: name.prefix,
      suffix: name.suffix,
      current: isCurrent(name.use),
    })),
    identifiers: byId(record.identifiers).map((each) =>
      toIdentifier(each.type, each.system, each.value, isCurrent(each.use), domains),
    ),
    addresses: byId(record.addresses).map(({ line1, line2, city, state, postalCode, country, use }) => ({
      line1,
      line2,
      city,
      state,
      postalCode,
      country,
      current: isCurrent(use),
    })),
    contacts: byId(record.contacts).map(({ system, value, use }) => ({
      system,
      value,
      current: isCurrent(use),
    })),
  };
}

/** Former values can agree, never conflict. */
export const isCurrent = (use: string | null) => use !== "old" && use !== "maiden" && use !== "temp";

/** The order in which COPY gives the rows: a score must not depend on which way a record came. */
const byId = <Row extends { readonly id: string }>(rows: readonly Row[]): readonly Row[] =>
  [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));

const toIdentifier = (
  type: string,
  system: string,
  value: string,
  current: boolean,
  domains: DomainFactsBySystem,
) => ({
  type,
  system,
  value,
  current,
  authoritative: domains.get(system)?.isAuthoritative ?? false,
  unique: domains.get(system)?.isSingleValued ?? false,
});
