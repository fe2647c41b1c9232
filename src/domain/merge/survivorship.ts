import type { PatientRow, PatientUpdate } from "../../db/rows.ts";
import type { PatientRecord } from "../patient/patient-record.ts";
import { normaliseBirthDate } from "../../matching/normalise/date.ts";

/** The fields of a record that have one value, each with the columns that hold it. */
export const scalarColumns = {
  gender: ["gender"],
  birthDate: ["birthDate", "birthDatePrecision"],
  maritalStatus: ["maritalStatus"],
  deceased: ["deceased", "deceasedDatetime"],
  multipleBirth: ["multipleBirth"],
  birthOrder: ["birthOrder"],
  motherName: ["motherName"],
  motherIdentifier: ["motherIdentifier"],
  managingOrganization: ["managingOrganizationId"],
} as const satisfies Readonly<Record<string, readonly (keyof PatientRow)[]>>;

export type ScalarField = keyof typeof scalarColumns;

export const scalarFields = Object.keys(scalarColumns) as readonly ScalarField[];

/** The columns of one field with their values: `{ birthDate: "1980-03-01", birthDatePrecision: "month" }`. */
export type FieldValue = Readonly<Partial<PatientUpdate>>;

export function readField(row: PatientRow, field: ScalarField): FieldValue {
  return Object.fromEntries(scalarColumns[field].map((column) => [column, row[column]]));
}

/** The same of a whole record. */
export function readRecordField(record: PatientRecord, field: ScalarField): FieldValue {
  switch (field) {
    case "birthDate":
      return {
        birthDate: record.birthDate?.date ?? null,
        birthDatePrecision: record.birthDate?.precision ?? "day",
      };
    case "deceased":
      return { deceased: record.deceased, deceasedDatetime: record.deceasedAt };
    case "managingOrganization":
      return { managingOrganizationId: record.managingOrganizationId };
    default:
      return { [field]: record[field] };
  }
}

export const isSameValue = (field: ScalarField, one: FieldValue, other: FieldValue): boolean =>
  scalarColumns[field].every((column) => one[column] === other[column]);

/**
 * Whether a field says anything: not null, not an unknown gender, not a placeholder date of birth (judged against
 * the day of receipt, never against today).
 */
export function saysSomething(row: PatientRow, field: ScalarField): boolean {
  switch (field) {
    case "gender":
      return row.gender !== null && row.gender !== "unknown";
    case "birthDate":
      return normaliseBirthDate(row.birthDate, toPrecision(row.birthDatePrecision), row.receivedAt) !== 0;
    case "deceased":
      return isDeceased(row);
    default:
      return scalarColumns[field].some((column) => row[column] !== null && row[column] !== "");
  }
}

const toPrecision = (text: string) => (text === "month" || text === "year" ? text : "day");

const isDeceased = (row: PatientRow): boolean => row.deceased || row.deceasedDatetime !== null;

const isNull = (row: PatientRow, field: ScalarField): boolean => row[scalarColumns[field][0]] === null;

/** Which of two records a value is taken from: `a` the one to be retired, `b` the survivor. */
export type Side = "a" | "b";

/** Why a value won. */
export type WinReason =
  /** Both say the same. */
  | "equal"
  /** Somebody chose. */
  | "chosen"
  /** The other says nothing. */
  | "only-value"
  /** Nothing else speaks for either. */
  | "survivor"
  /** Once known to be dead, a person stays so until somebody corrects it. */
  | "deceased-anywhere";

export interface FieldOutcome {
  readonly field: ScalarField;
  readonly a: FieldValue;
  readonly b: FieldValue;
  readonly winner: Side;
  readonly reason: WinReason;
}

/**
 * Which value of one field survives a merge: the steward's choice; else a value over no value; else the survivor's.
 * A record known as deceased anywhere stays so, whatever was chosen. No value wins for being newer.
 */
export function chooseField(
  field: ScalarField,
  a: PatientRow,
  b: PatientRow,
  choice: Side | undefined,
): FieldOutcome {
  const outcome = (winner: Side, reason: WinReason): FieldOutcome => ({
    field,
    a: readField(a, field),
    b: readField(b, field),
    winner,
    reason,
  });
  if (isSameValue(field, readField(a, field), readField(b, field))) return outcome("b", "equal");
  if (field === "deceased" && isDeceased(a) !== isDeceased(b)) {
    return outcome(isDeceased(a) ? "a" : "b", "deceased-anywhere");
  }
  if (choice !== undefined) return outcome(choice, "chosen");
  const [says, has] =
    field === "deceased"
      ? [a.deceasedDatetime !== null, b.deceasedDatetime !== null]
      : [saysSomething(a, field), saysSomething(b, field)];
  if (says !== has) return outcome(says ? "a" : "b", "only-value");
  // An unknown gender or a placeholder is still more than nothing at all.
  if (!says && isNull(b, field) && !isNull(a, field)) return outcome("a", "only-value");
  return outcome("b", "survivor");
}

/** Fields whose values differ and of which neither wins for saying more: those that a steward is asked about. */
export const isOpenQuestion = (outcome: FieldOutcome): boolean => outcome.reason === "survivor";
