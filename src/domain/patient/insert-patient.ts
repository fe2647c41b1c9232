import type { Transaction } from "../../db/client.ts";
import { violatesUnique } from "../../db/errors.ts";
import { insertPatientRowSet, type PatientInsertSet } from "../../db/queries/patient-records.ts";
import { MpiError } from "../../lib/errors.ts";
import { checkPatientContent } from "./check-content.ts";
import type { PatientContent } from "./patient-record.ts";

/** Which source a record came from, and under which id; both or neither. */
export interface RecordSource {
  readonly system: string;
  readonly id: string;
}

/** True at the index of the row to be primary: the one marked, else the first. */
const primaryIndex = (rows: readonly { readonly isPrimary: boolean }[]) =>
  Math.max(
    0,
    rows.findIndex((row) => row.isPrimary),
  );

/** What a record may bring along beside its content; the database's own defaults stand for the rest. */
export type Provenance = Pick<
  PatientInsertSet["patient"],
  "receivedAt" | "active" | "enterpriseId" | "enterpriseSince"
>;

/** The rows that a record's content becomes. */
export function toInsertSet(
  content: PatientContent,
  source: RecordSource | null,
  provenance: Provenance = {},
): PatientInsertSet {
  const primaryName = primaryIndex(content.names);
  const primaryAddress = primaryIndex(content.addresses);
  return {
    patient: {
      gender: content.gender,
      birthDate: content.birthDate?.date ?? null,
      birthDatePrecision: content.birthDate?.precision ?? "day",
      deceased: content.deceased,
      deceasedDatetime: content.deceasedAt,
      maritalStatus: content.maritalStatus,
      multipleBirth: content.multipleBirth,
      birthOrder: content.birthOrder,
      motherName: content.motherName,
      motherIdentifier: content.motherIdentifier,
      managingOrganizationId: content.managingOrganizationId,
      sourceSystem: source?.system ?? null,
      sourceId: source?.id ?? null,
      receivedAt: provenance.receivedAt,
      active: provenance.active,
      enterpriseId: provenance.enterpriseId,
      enterpriseSince: provenance.enterpriseSince,
    },
    names: content.names.map((name, index) => ({
      family: name.family,
      given: [...name.given],
      prefix: [...name.prefix],
      suffix: [...name.suffix],
      useType: name.use,
      isPrimary: index === primaryName,
    })),
    identifiers: content.identifiers.map((identifier) => ({
      type: identifier.type,
      system: identifier.system,
      value: identifier.value,
      assigner: identifier.assigner,
      useType: identifier.use,
    })),
    addresses: content.addresses.map((address, index) => ({
      line1: address.line1,
      line2: address.line2,
      city: address.city,
      state: address.state,
      postalCode: address.postalCode,
      country: address.country,
      useType: address.use,
      isPrimary: index === primaryAddress,
    })),
    contacts: content.contacts.map((contact) => ({
      system: contact.system,
      value: contact.value,
      useType: contact.use,
      isPrimary: contact.isPrimary,
    })),
  };
}

/**
 * Stores a new record, checked, and returns its id.
 *
 * @throws {MpiError} `usage` listing every field that cannot be stored; `conflict` where the source's id, or an
 *   identifier of a unique domain, is taken.
 */
export async function insertPatient(
  tx: Transaction,
  content: PatientContent,
  source: RecordSource | null,
): Promise<string> {
  const problems = checkPatientContent(content);
  if (problems.length > 0) {
    throw new MpiError(
      "usage",
      `The record cannot be stored: ${problems.map((each) => `${each.field} ${each.reason}`).join("; ")}.`,
      {
        details: { problems },
      },
    );
  }
  try {
    return await insertPatientRowSet(tx, toInsertSet(content, source));
  } catch (error) {
    throw asConflict(error) ?? error;
  }
}

/** The refusal behind a unique violation, where it is one that a user can cause. */
export function asConflict(error: unknown): MpiError | undefined {
  if (violatesUnique(error, "patient_identifiers_unique_key")) {
    return new MpiError(
      "conflict",
      "Another active record already carries an identifier of a domain that allows one.",
      {
        hint: "Find it with mpi patient find --identifier, then link or edit that record.",
        details: { constraint: "unique-identifier" },
      },
    );
  }
  if (violatesUnique(error, "patients_source_key")) {
    return new MpiError("conflict", "That source has delivered a record under this id already.", {
      details: { constraint: "source-id" },
    });
  }
  if (violatesUnique(error, "patients_pkey")) {
    return new MpiError("conflict", "A record of another source has this id here already.", {
      details: { constraint: "record-id" },
    });
  }
  return undefined;
}
