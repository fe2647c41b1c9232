import type { PatientRowSet } from "../../db/queries/patient-row-sets.ts";

/** FHIR's administrative genders. */
export const genders = ["male", "female", "other", "unknown"] as const;
export type Gender = (typeof genders)[number];

export const nameUses = ["usual", "official", "temp", "nickname", "anonymous", "old", "maiden"] as const;
export type NameUse = (typeof nameUses)[number];

export const identifierUses = ["usual", "official", "temp", "secondary", "old"] as const;
export type IdentifierUse = (typeof identifierUses)[number];

export const addressUses = ["home", "work", "temp", "old", "billing"] as const;
export type AddressUse = (typeof addressUses)[number];

export const contactSystems = ["phone", "fax", "email", "pager", "url", "sms", "other"] as const;
export type ContactSystem = (typeof contactSystems)[number];

export const contactUses = ["home", "work", "temp", "old", "mobile"] as const;
export type ContactUse = (typeof contactUses)[number];

export const birthDatePrecisions = ["day", "month", "year"] as const;
export type BirthDatePrecision = (typeof birthDatePrecisions)[number];

/** A calendar date known to the day, the month or the year; `date` is padded with 01 beyond its precision. */
export interface PartialDate {
  readonly date: string;
  readonly precision: BirthDatePrecision;
}

/** Where a row belongs that a merge moved, or that arrived for a retired record. */
export interface RowOrigin {
  readonly originPatientId: string | null;
  readonly mergeId: string | null;
}

export interface PatientName {
  readonly family: string | null;
  readonly given: readonly string[];
  readonly prefix: readonly string[];
  readonly suffix: readonly string[];
  readonly use: NameUse | null;
  readonly isPrimary: boolean;
}

export interface PatientIdentifier {
  /** The domain's code, e.g. `MRN`. */
  readonly type: string;
  /** The assigning authority's URI. */
  readonly system: string;
  readonly value: string;
  readonly assigner: string | null;
  readonly use: IdentifierUse | null;
}

export interface PatientAddress {
  readonly line1: string | null;
  readonly line2: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  readonly use: AddressUse | null;
  readonly isPrimary: boolean;
}

export interface PatientContact {
  readonly system: ContactSystem;
  readonly value: string;
  readonly use: ContactUse | null;
  readonly isPrimary: boolean;
}

/** What a source says of a patient: the content of a record, without anything the index adds. */
export interface PatientContent {
  readonly gender: Gender | null;
  readonly birthDate: PartialDate | null;
  readonly deceased: boolean;
  readonly deceasedAt: string | null;
  readonly maritalStatus: string | null;
  readonly multipleBirth: boolean | null;
  readonly birthOrder: number | null;
  readonly motherName: string | null;
  readonly motherIdentifier: string | null;
  readonly managingOrganizationId: string | null;
  readonly names: readonly PatientName[];
  readonly identifiers: readonly PatientIdentifier[];
  readonly addresses: readonly PatientAddress[];
  readonly contacts: readonly PatientContact[];
}

type Stored<Child> = Child & RowOrigin & { readonly id: string };

/** One record of the index, whole. Times are ISO text with microseconds, as the database gives them. */
export interface PatientRecord extends PatientContent {
  readonly id: string;
  readonly active: boolean;
  readonly sourceSystem: string | null;
  readonly sourceId: string | null;
  readonly receivedAt: string;
  readonly enterpriseId: string;
  readonly enterpriseSince: string;
  readonly version: number;
  readonly createdAt: string;
  readonly createdBy: string | null;
  readonly updatedAt: string;
  readonly updatedBy: string | null;
  readonly deletedAt: string | null;
  readonly deletedBy: string | null;
  readonly names: readonly Stored<PatientName>[];
  readonly identifiers: readonly Stored<PatientIdentifier>[];
  readonly addresses: readonly Stored<PatientAddress>[];
  readonly contacts: readonly Stored<PatientContact>[];
}

/**
 * The record behind a set of rows. The casts are safe because CHECK constraints keep the columns to the
 * literals of the types.
 */
export function toPatientRecord(set: PatientRowSet): PatientRecord {
  const row = set.patient;
  return {
    id: row.id,
    active: row.active,
    gender: row.gender as Gender | null,
    birthDate:
      row.birthDate === null
        ? null
        : { date: row.birthDate, precision: row.birthDatePrecision as BirthDatePrecision },
    deceased: row.deceased,
    deceasedAt: row.deceasedDatetime,
    maritalStatus: row.maritalStatus,
    multipleBirth: row.multipleBirth,
    birthOrder: row.birthOrder,
    motherName: row.motherName,
    motherIdentifier: row.motherIdentifier,
    managingOrganizationId: row.managingOrganizationId,
    sourceSystem: row.sourceSystem,
    sourceId: row.sourceId,
    receivedAt: row.receivedAt,
    enterpriseId: row.enterpriseId,
    enterpriseSince: row.enterpriseSince,
    version: row.version,
    createdAt: row.createdAt,
    createdBy: row.createdBy,
    updatedAt: row.updatedAt,
    updatedBy: row.updatedBy,
    deletedAt: row.deletedAt,
    deletedBy: row.deletedBy,
    names: set.names.map((name) => ({
      id: name.id,
      family: name.family,
      given: name.given,
      prefix: name.prefix,
      suffix: name.suffix,
      use: name.useType as NameUse | null,
      isPrimary: name.isPrimary,
      originPatientId: name.originPatientId,
      mergeId: name.mergeId,
    })),
    identifiers: set.identifiers.map((identifier) => ({
      id: identifier.id,
      type: identifier.type,
      system: identifier.system,
      value: identifier.value,
      assigner: identifier.assigner,
      use: identifier.useType as IdentifierUse | null,
      originPatientId: identifier.originPatientId,
      mergeId: identifier.mergeId,
    })),
    addresses: set.addresses.map((address) => ({
      id: address.id,
      line1: address.line1,
      line2: address.line2,
      city: address.city,
      state: address.state,
      postalCode: address.postalCode,
      country: address.country,
      use: address.useType as AddressUse | null,
      isPrimary: address.isPrimary,
      originPatientId: address.originPatientId,
      mergeId: address.mergeId,
    })),
    contacts: set.contacts.map((contact) => ({
      id: contact.id,
      system: contact.system as ContactSystem,
      value: contact.value,
      use: contact.useType as ContactUse | null,
      isPrimary: contact.isPrimary,
      originPatientId: contact.originPatientId,
      mergeId: contact.mergeId,
    })),
  };
}
