import { foldText } from "../../matching/normalise/text.ts";
import type {
  PatientAddress,
  PatientContact,
  PatientContent,
  PatientIdentifier,
  PatientName,
  PatientRecord,
} from "./patient-record.ts";

/** Fields of the record itself that a source may change. */
export const scalarFields = [
  "gender",
  "birthDate",
  "deceased",
  "deceasedAt",
  "maritalStatus",
  "multipleBirth",
  "birthOrder",
  "motherName",
  "motherIdentifier",
  "managingOrganizationId",
] as const;
export type ScalarField = (typeof scalarFields)[number];

/** What becomes of one list: rows to add, rows to keep as history, and the row that is primary now. */
export interface ListPlan<Row> {
  readonly add: readonly Row[];
  /** Ids of rows that the source no longer gives: they stay, as `old`. */
  readonly retire: readonly string[];
  /** Rows that the source spells otherwise now (case, accents, punctuation), gives again, or gives as former ones. */
  readonly correct: readonly { readonly id: string; readonly row: Row }[];
}

/** The difference between a record and what its source says of it now. */
export interface UpdatePlan {
  readonly scalars: Partial<Pick<PatientContent, ScalarField>>;
  readonly names: ListPlan<PatientName>;
  readonly identifiers: ListPlan<PatientIdentifier>;
  readonly addresses: ListPlan<PatientAddress>;
  readonly contacts: ListPlan<PatientContact>;
}

const nothing = { add: [], retire: [], correct: [] } as const;

export const isEmptyPlan = (plan: UpdatePlan): boolean =>
  Object.keys(plan.scalars).length === 0 &&
  [plan.names, plan.identifiers, plan.addresses, plan.contacts].every(
    (list) => list.add.length + list.retire.length + list.correct.length === 0,
  );

const fold = (value: string | null) => (value === null ? "" : (foldText(value) ?? value));
const text = (parts: readonly (string | null)[]) => JSON.stringify(parts);
const joined = (values: readonly string[]) => values.map(fold).join(" ");

/** Rows with the same key are one row; where their spelling differs, the source has corrected it. */
const keys = {
  name: (name: PatientName) => [fold(name.family), joined(name.given), joined(name.suffix)].join("|"),
  identifier: (each: PatientIdentifier) =>
    `${each.system}|${each.value
      .normalize("NFKC")
      .toUpperCase()
      .replace(/[^\p{L}\p{N}]/gu, "")}`,
  address: (each: PatientAddress) =>
    [each.line1, each.line2, each.city, each.state, each.postalCode, each.country].map(fold).join("|"),
  contact: (each: PatientContact) => `${each.system}|${each.value.trim().toLowerCase()}`,
};

/** Former values: they are history, and a source does not have to repeat them. */
const formerUses: ReadonlySet<string | null> = new Set(["old", "maiden"]);

/**
 * What has to change so that the record says what its source says now.
 *
 * Nothing is lost: a name, address, contact or identifier that the source no longer gives stays on the record as
 * `old`. What the source leaves out altogether is left alone: a missing value is no statement. Rows that a merge
 * brought, or that came for a retired record, are not this source's to retire.
 */
export function planUpdate(record: PatientRecord, content: PatientContent): UpdatePlan {
  const scalars: Partial<Record<ScalarField, unknown>> = {};
  for (const field of scalarFields) {
    const value = content[field];
    if (value === null || (field === "deceased" && value === false)) continue;
    if (!sameScalar(record[field], value)) scalars[field] = value;
  }
  return {
    scalars: scalars as UpdatePlan["scalars"],
    names: planList(
      record.names,
      content.names,
      keys.name,
      () => "name",
      (name) => text([name.family, ...name.given, "", ...name.prefix, "", ...name.suffix]),
    ),
    identifiers: planList(
      record.identifiers,
      content.identifiers,
      keys.identifier,
      (each) => each.system,
      (each) => text([each.type, each.value, each.assigner]),
    ),
    addresses: planList(
      record.addresses,
      content.addresses,
      keys.address,
      (each) => each.use ?? "home",
      (each) => text([each.line1, each.line2, each.city, each.state, each.postalCode, each.country]),
    ),
    contacts: planList(
      record.contacts,
      content.contacts,
      keys.contact,
      (each) => each.system,
      (each) => each.value,
    ),
  };
}

function sameScalar(before: unknown, now: unknown): boolean {
  if (typeof now === "object" && now !== null) return JSON.stringify(before) === JSON.stringify(now);
  // Timestamps come back in the database's own spelling.
  if (typeof now === "string" && typeof before === "string" && /^\d{4}-\d{2}-\d{2}/.test(now)) {
    return before === now || before.startsWith(`${now} 00:00:00`) || Date.parse(before) === Date.parse(now);
  }
  return before === now;
}

interface StoredRow {
  readonly id: string;
  readonly use: string | null;
  readonly originPatientId: string | null;
}

/** @param groupOf rows of one group replace each other: a new home address retires the home address, not the work one. */
function planList<Row extends { readonly use: string | null }>(
  stored: readonly (Row & StoredRow)[],
  given: readonly Row[],
  keyOf: (row: Row) => string,
  groupOf: (row: Row) => string,
  textOf: (row: Row) => string,
): ListPlan<Row> {
  if (given.length === 0) return nothing;
  const storedByKey = new Map<string, (Row & StoredRow)[]>();
  for (const row of stored) {
    const key = keyOf(row);
    storedByKey.set(key, [...(storedByKey.get(key) ?? []), row]);
  }
  const isFormer = (row: { readonly use: string | null }) => formerUses.has(row.use);
  const isSame = (known: Row & StoredRow, row: Row) =>
    textOf(known) === textOf(row) &&
    !(known.use === "old" && !isFormer(row)) &&
    !(isFormer(row) && !isFormer(known));
  const givenKeys = new Set(given.map(keyOf));
  const givenGroups = new Set(given.filter((row) => !isFormer(row)).map(groupOf));
  const add: Row[] = [];
  const correct: { id: string; row: Row }[] = [];
  const seen = new Set<string>();
  for (const row of given) {
    const key = keyOf(row);
    if (seen.has(key)) continue;
    seen.add(key);
    // The same value may be there twice: as a former one and as what is in use.
    const known = storedByKey.get(key);
    if (known === undefined) add.push(row);
    else if (!known.some((each) => isSame(each, row))) correct.push({ id: known[0]!.id, row });
  }
  const retire = stored.filter(
    (row) =>
      row.originPatientId === null &&
      !formerUses.has(row.use) &&
      !givenKeys.has(keyOf(row)) &&
      givenGroups.has(groupOf(row)),
  );
  return { add, retire: retire.map((row) => row.id), correct };
}
