import type { Transaction } from "../../db/client.ts";
import { updatePatientRowSet, type PatientChanges } from "../../db/queries/patient-updates.ts";
import type { PatientUpdate } from "../../db/rows.ts";
import { asConflict } from "./insert-patient.ts";
import type { PatientContent, PatientRecord } from "./patient-record.ts";
import type { ScalarField, UpdatePlan } from "./update-plan.ts";

/**
 * Writes an update plan to its record.
 *
 * @param originPatientId the retired record that the data was sent for (law M14), where `record` stands for it:
 *   the rows then go back with it when the merge is undone.
 * @throws {MpiError} `conflict` where an identifier of a unique domain is another record's.
 */
export async function applyUpdate(
  tx: Transaction,
  record: PatientRecord,
  plan: UpdatePlan,
  originPatientId: string | null = null,
): Promise<void> {
  try {
    await updatePatientRowSet(tx, record.id, toPatientChanges(record, plan, originPatientId));
  } catch (error) {
    throw asConflict(error) ?? error;
  }
}

/** The changes of rows that an update plan means. Parameters as for applyUpdate. */
export function toPatientChanges(
  record: PatientRecord,
  plan: UpdatePlan,
  originPatientId: string | null = null,
): PatientChanges {
  const patientId = record.id;
  const origin = { patientId, originPatientId };
  // A survivor keeps its own primary rows when data of a retired record arrives.
  const hasPrimaryName = originPatientId !== null && record.names.some((name) => name.isPrimary);
  const newPrimary = plan.names.add.findIndex((name) => name.use !== "old" && name.use !== "maiden");
  const hasPrimaryAddress = record.addresses.some(
    (address) => address.isPrimary && !plan.addresses.retire.includes(address.id),
  );
  return {
    patient: scalarColumns(plan.scalars),
    names: {
      insert: plan.names.add.map((name, index) => ({
        ...origin,
        ...nameColumns(name),
        isPrimary: !hasPrimaryName && index === newPrimary,
      })),
      retire: plan.names.retire,
      update: plan.names.correct.map(({ id, row }) => ({ id, set: nameColumns(row) })),
    },
    identifiers: {
      insert: plan.identifiers.add.map((each) => ({ ...origin, ...identifierColumns(each) })),
      retire: plan.identifiers.retire,
      update: plan.identifiers.correct.map(({ id, row }) => ({ id, set: identifierColumns(row) })),
    },
    addresses: {
      insert: plan.addresses.add.map((each, index) => ({
        ...origin,
        ...addressColumns(each),
        isPrimary: !hasPrimaryAddress && index === 0,
      })),
      retire: plan.addresses.retire,
      update: plan.addresses.correct.map(({ id, row }) => ({ id, set: addressColumns(row) })),
    },
    contacts: {
      insert: plan.contacts.add.map((each) => ({ ...origin, ...contactColumns(each) })),
      retire: plan.contacts.retire,
      update: plan.contacts.correct.map(({ id, row }) => ({ id, set: contactColumns(row) })),
    },
  };
}

function scalarColumns(scalars: Partial<Pick<PatientContent, ScalarField>>): PatientUpdate {
  const { birthDate, deceasedAt, ...same } = scalars;
  return {
    ...same,
    ...(birthDate == null ? {} : { birthDate: birthDate.date, birthDatePrecision: birthDate.precision }),
    ...(deceasedAt == null ? {} : { deceasedDatetime: deceasedAt }),
  };
}

const nameColumns = (name: PatientContent["names"][number]) => ({
  family: name.family,
  given: [...name.given],
  prefix: [...name.prefix],
  suffix: [...name.suffix],
  useType: name.use,
});

const identifierColumns = (each: PatientContent["identifiers"][number]) => ({
  type: each.type,
  system: each.system,
  value: each.value,
  assigner: each.assigner,
  useType: each.use,
});

const addressColumns = (each: PatientContent["addresses"][number]) => ({
  line1: each.line1,
  line2: each.line2,
  city: each.city,
  state: each.state,
  postalCode: each.postalCode,
  country: each.country,
  useType: each.use,
});

const contactColumns = (each: PatientContent["contacts"][number]) => ({
  system: each.system,
  value: each.value,
  useType: each.use,
});
