import type { PatientContent, PatientName, PatientRecord } from "../../src/domain/patient/patient-record.ts";

/** A name, invented; override what the test is about. */
export const aName = (overrides: Partial<PatientName> = {}): PatientName => ({
  family: "Quillfeather",
  given: ["Wilma"],
  prefix: [],
  suffix: [],
  use: "official",
  isPrimary: true,
  ...overrides,
});

/** A patient's content, invented; override what the test is about. */
export const aPatient = (overrides: Partial<PatientContent> = {}): PatientContent => ({
  gender: "female",
  birthDate: { date: "1980-03-15", precision: "day" },
  deceased: false,
  deceasedAt: null,
  maritalStatus: null,
  multipleBirth: null,
  birthOrder: null,
  motherName: null,
  motherIdentifier: null,
  managingOrganizationId: null,
  names: [aName()],
  identifiers: [],
  addresses: [],
  contacts: [],
  ...overrides,
});

let lastRow = 0;
const stored = <Row extends object>(row: Row) => ({
  ...row,
  id: `00000000-0000-4000-8000-${String((lastRow += 1)).padStart(12, "0")}`,
  originPatientId: null,
  mergeId: null,
});

/** The same as a record that is stored already. */
export const aStoredPatient = (overrides: Partial<PatientContent> = {}): PatientRecord => {
  const content = aPatient(overrides);
  return {
    ...content,
    id: "11111111-1111-4111-8111-111111111111",
    active: true,
    sourceSystem: "clinic",
    sourceId: "1",
    receivedAt: "2026-01-01 00:00:00+00",
    enterpriseId: "22222222-2222-4222-8222-222222222222",
    enterpriseSince: "2026-01-01 00:00:00+00",
    version: 1,
    createdAt: "2026-01-01 00:00:00+00",
    createdBy: "tester",
    updatedAt: "2026-01-01 00:00:00+00",
    updatedBy: "tester",
    deletedAt: null,
    deletedBy: null,
    names: content.names.map(stored),
    identifiers: content.identifiers.map(stored),
    addresses: content.addresses.map(stored),
    contacts: content.contacts.map(stored),
  };
};
