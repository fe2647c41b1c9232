import type { AuditHistoryRow } from "../../db/queries/audit-history.ts";

/** One field that an entry changed; `old` is absent for a new row, `new` for one that is gone. */
export interface FieldChange {
  readonly field: string;
  readonly old?: unknown;
  readonly new?: unknown;
}

/** Bookkeeping, and what the entry itself says already. */
const unremarkable: ReadonlySet<string> = new Set([
  "created_at",
  "updated_at",
  "created_by",
  "updated_by",
  "version",
  "id",
  "patient_id",
  "organization_id",
  "enterprise_since",
]);

/** Fields that a list over many patients does not show in full. */
const identifierFields: Readonly<Record<string, ReadonlySet<string>>> = {
  patients: new Set(["mother_identifier", "source_id"]),
  patient_identifiers: new Set(["value"]),
};
/** Fields that hold whole records, values and all. */
const documentFields: Readonly<Record<string, ReadonlySet<string>>> = {
  patient_merges: new Set(["inverse"]),
  patient_quarantine: new Set(["payload"]),
};

/** What differs between the images of a row, field by field, in the order of the fields' names. */
export function listFieldChanges(
  row: Pick<AuditHistoryRow, "oldValues" | "newValues" | "tableName">,
  identifiers: "in full" | "masked",
): readonly FieldChange[] {
  const [before, after] = [row.oldValues ?? {}, row.newValues ?? {}];
  const shown = (field: string, value: unknown) =>
    identifiers === "masked" ? maskField(row.tableName ?? "", field, value) : value;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => !unremarkable.has(field) && !isSame(before[field], after[field]))
    .sort()
    .map((field) => ({
      field,
      ...(before[field] === undefined ? {} : { old: shown(field, before[field]) }),
      ...(after[field] === undefined ? {} : { new: shown(field, after[field]) }),
    }));
}

// Images come from jsonb, which keeps keys in one order.
const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

function maskField(table: string, field: string, value: unknown): unknown {
  if (documentFields[table]?.has(field) === true) return "****";
  return identifierFields[table]?.has(field) === true ? maskTail(value) : value;
}

/** The last four characters, as lists show identifiers. */
const maskTail = (value: unknown): string => {
  const text = Array.from(typeof value === "string" ? value : "");
  return text.length <= 4 ? "****" : `****${text.slice(-4).join("")}`;
};
