import type { ChildRow, ChildRows, ChildTable } from "../../db/queries/child-rows.ts";
import type { ChildChanges, PatientChanges } from "../../db/queries/patient-updates.ts";
import { rowKey } from "./row-key.ts";

export interface LatePlace {
  readonly retiredId: string;
  readonly inCharge: string;
  /** Ids of the retired record's rows that merges have carried to others. */
  readonly visiting: ReadonlySet<string>;
  readonly retiredRows: ChildRows;
  readonly survivorRows: ChildRows;
}

export interface LateChanges {
  readonly onRetired: PatientChanges;
  readonly onSurvivor: PatientChanges;
  /** New content of rows that visit elsewhere, for what their merges remember of them. */
  readonly remembered: readonly {
    readonly table: ChildTable;
    readonly id: string;
    readonly set: Readonly<Record<string, unknown>>;
  }[];
}

/**
 * Parts the changes of a retired record by where they are written. New rows go to the survivor unless it has them;
 * corrections follow their row wherever it is, and leave a carried row the use that the merge gave it.
 */
export function splitChanges(changes: PatientChanges, place: LatePlace): LateChanges {
  const names = splitList("names", changes.names, place);
  const identifiers = splitList("identifiers", changes.identifiers, place);
  const addresses = splitList("addresses", changes.addresses, place);
  const contacts = splitList("contacts", changes.contacts, place);
  const side = <Key extends "onRetired" | "onSurvivor">(key: Key) => ({
    names: names[key],
    identifiers: identifiers[key],
    addresses: addresses[key],
    contacts: contacts[key],
  });
  return {
    onRetired: { patient: changes.patient, ...side("onRetired") },
    onSurvivor: { patient: {}, ...side("onSurvivor") },
    remembered: [names, identifiers, addresses, contacts].flatMap((list) => list.remembered),
  };
}

interface NewRow {
  readonly patientId: string;
  readonly originPatientId?: string | null | undefined;
  readonly isPrimary?: boolean | undefined;
}

function splitList<Insert extends NewRow, Update extends object>(
  table: ChildTable,
  list: ChildChanges<Insert, Update>,
  { retiredId, inCharge, visiting, retiredRows, survivorRows }: LatePlace,
) {
  const present = survivorRows[table] as readonly ChildRow[];
  const known = new Set(present.map((row) => rowKey(table, row)));
  const hasPrimary = present.some((row) => "isPrimary" in row && row.isPrimary);
  const isVisiting = ({ id }: { readonly id: string }) => visiting.has(id);
  // A row to insert has all the columns that a key is made of.
  const isKnown = (row: Insert) =>
    known.has(rowKey(table, row as unknown as ChildRow)) || hasSameIdentifier(table, row, present);
  const withoutUse = (set: Update) =>
    Object.fromEntries(Object.entries(set).filter(([column]) => column !== "useType")) as Update;
  return {
    onRetired: {
      insert: list.insert.filter((row) => isKnown(row) && !hasSameIdentifier(table, row, retiredRows[table])),
      retire: list.retire.filter((id) => !visiting.has(id)),
      update: list.update.filter((each) => !isVisiting(each)),
    },
    onSurvivor: {
      insert: list.insert
        .filter((row) => !isKnown(row))
        .map((row) => ({
          ...row,
          patientId: inCharge,
          originPatientId: inCharge === retiredId ? null : retiredId,
          ...(row.isPrimary === undefined ? {} : { isPrimary: row.isPrimary && !hasPrimary }),
        })),
      retire: list.retire.filter((id) => visiting.has(id)),
      update: list.update.filter(isVisiting).map((each) => ({ id: each.id, set: withoutUse(each.set) })),
    },
    remembered: [
      ...list.retire
        .filter((id) => visiting.has(id))
        .map((id) => ({
          table,
          id,
          set: { useType: "old", ...(table === "identifiers" ? {} : { isPrimary: false }) },
        })),
      ...list.update.filter(isVisiting).map((each) => ({ table, id: each.id, set: { ...each.set } })),
    ],
  };
}

const hasSameIdentifier = (table: ChildTable, row: object, present: readonly ChildRow[]): boolean =>
  table === "identifiers" &&
  "system" in row &&
  "value" in row &&
  present.some((other) => "value" in other && other.system === row.system && other.value === row.value);
