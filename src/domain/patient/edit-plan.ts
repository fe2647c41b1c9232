import type { EditedContent } from "./content-document.ts";
import { formatPartialDate } from "./partial-date.ts";
import type { PatientRecord } from "./patient-record.ts";
import { scalarFields, type ScalarField } from "./update-plan.ts";

export const childLists = ["names", "identifiers", "addresses", "contacts"] as const;
export type ChildList = (typeof childLists)[number];

/** What becomes of one list of rows. */
export interface ListEdit<Row> {
  readonly insert: readonly Row[];
  readonly update: readonly { readonly id: string; readonly row: Row }[];
  /** Ids of rows taken away on purpose; the audit trail keeps them. */
  readonly remove: readonly string[];
}

type RowsOf<List extends ChildList> = EditedContent[List][number];

/** The difference between a record and what a person wants it to say. */
export interface EditPlan {
  readonly scalars: Partial<Pick<EditedContent, ScalarField>>;
  readonly names: ListEdit<RowsOf<"names">>;
  readonly identifiers: ListEdit<RowsOf<"identifiers">>;
  readonly addresses: ListEdit<RowsOf<"addresses">>;
  readonly contacts: ListEdit<RowsOf<"contacts">>;
}

/** One line of a diff, for eyes. */
export interface FieldDifference {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What has to change so that a record says what was edited. Row ids that the record has not are new rows. */
export function planEdit(record: PatientRecord, edited: EditedContent): EditPlan {
  const scalars = Object.fromEntries(
    scalarFields
      .filter((field) => scalarText(record, field) !== scalarText(edited, field))
      .map((field) => [field, edited[field]]),
  ) as EditPlan["scalars"];
  return {
    scalars,
    names: planList(record.names, edited.names),
    identifiers: planList(record.identifiers, edited.identifiers),
    addresses: planList(record.addresses, edited.addresses),
    contacts: planList(record.contacts, edited.contacts),
  };
}

export const isEmptyEdit = (plan: EditPlan): boolean =>
  Object.keys(plan.scalars).length === 0 &&
  childLists.every(
    (list) => plan[list].insert.length + plan[list].update.length + plan[list].remove.length === 0,
  );

/** A record's content as it stands, ready to be edited. Where its rows came from stays with them. */
export function toEditedContent(record: PatientRecord): EditedContent {
  return {
    gender: record.gender,
    birthDate: record.birthDate,
    deceased: record.deceased,
    deceasedAt: record.deceasedAt,
    maritalStatus: record.maritalStatus,
    multipleBirth: record.multipleBirth,
    birthOrder: record.birthOrder,
    motherName: record.motherName,
    motherIdentifier: record.motherIdentifier,
    managingOrganizationId: record.managingOrganizationId,
    names: record.names,
    identifiers: record.identifiers,
    addresses: record.addresses,
    contacts: record.contacts,
  };
}

/** Every field and row that differs, in words; identity and bookkeeping aside. */
export function listDifferences(before: EditedContent, after: EditedContent): readonly FieldDifference[] {
  const scalars = scalarFields.map((field) => ({
    field: field,
    before: scalarText(before, field),
    after: scalarText(after, field),
  }));
  const rows = childLists.flatMap((list) => {
    const was = byId(before[list]);
    const is = byId(after[list]);
    const kept = before[list].map((row) => ({
      field: list,
      before: rowText(row),
      after: textOrNull(is.get(row.id ?? "")),
    }));
    const added = after[list]
      .filter((row) => row.id === null || !was.has(row.id))
      .map((row) => ({ field: list, before: null, after: rowText(row) }));
    return [...kept, ...added];
  });
  return [...scalars, ...rows].filter((each) => each.before !== each.after);
}

const byId = (rows: readonly RowsOf<ChildList>[]) =>
  new Map(rows.flatMap((row) => (row.id === null ? [] : [[row.id, row] as const])));

const textOrNull = (row: RowsOf<ChildList> | undefined) => (row === undefined ? null : rowText(row));

/** One row on one line: `usual: Quillfeather, Wilma (primary)`. */
function rowText(row: RowsOf<ChildList>): string {
  const { use, ...rest } = row;
  const parts = Object.entries(rest).flatMap(([key, value]) => {
    if (key === "id" || key === "originPatientId" || key === "mergeId") return [];
    if (key === "isPrimary") return value === true ? ["primary"] : [];
    const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
    return texts.filter((each) => typeof each === "string" && each !== "").map(String);
  });
  return `${use ?? "-"}: ${parts.join(", ")}`;
}

function scalarText(content: Pick<EditedContent, ScalarField>, field: ScalarField): string | null {
  if (field === "birthDate") return content.birthDate === null ? null : formatPartialDate(content.birthDate);
  const value = content[field];
  if (value === null) return null;
  // The database writes a time its own way.
  if (field === "deceasedAt" && !Number.isNaN(Date.parse(String(value)))) {
    return new Date(String(value)).toISOString();
  }
  return String(value);
}

function planList<Row extends { readonly id: string | null }>(
  stored: readonly { readonly id: string }[],
  edited: readonly Row[],
): ListEdit<Row> {
  const known = new Map(stored.map((row) => [row.id, row]));
  const kept = new Set(edited.flatMap((row) => (row.id === null ? [] : [row.id])));
  return {
    insert: edited.filter((row) => row.id === null || !known.has(row.id)),
    update: edited.flatMap((row) => {
      const before = row.id === null ? undefined : known.get(row.id);
      return before === undefined || isSameRow(before, row) ? [] : [{ id: before.id, row }];
    }),
    remove: stored.filter((row) => !kept.has(row.id)).map((row) => row.id),
  };
}

const isSameRow = (before: object, after: object): boolean =>
  Object.entries(after).every(
    ([key, value]) => JSON.stringify((before as Record<string, unknown>)[key]) === JSON.stringify(value),
  );
