import { childTables, type ChildRow, type ChildRows, type ChildTable } from "../../db/queries/child-rows.ts";
import type { PatientContactRow, PatientIdentifierRow } from "../../db/rows.ts";
import { rowKey } from "./row-key.ts";

export type { ChildTable };

/** What becomes of one row of the record that is retired. */
export interface RowPlan {
  readonly table: ChildTable;
  readonly row: ChildRow;
  readonly action: "move" | "stay";
  /** The survivor's row that makes it stay. */
  readonly counterpart: ChildRow | null;
  readonly reason: "survivor lacks it" | "survivor has it" | "survivor has it under another type";
  /** The use and the mark that a moved row gets. */
  readonly useType: string | null;
  readonly isPrimary: boolean;
}

/** Uses that say "no longer" or "never was the main one" already, and stay as they are. */
const standingUses: ReadonlySet<string> = new Set(["old", "maiden", "nickname"]);

const isCurrent = (row: ChildRow): boolean => row.useType !== "old" && row.useType !== "maiden";

const isPrimary = (row: ChildRow): boolean => "isPrimary" in row && row.isPrimary;

/** Rows among which one is the main one: all of a table, but phones apart from e-mail addresses. */
const isOfOneKind = (table: ChildTable, row: ChildRow, other: ChildRow): boolean =>
  table !== "contacts" || (row as PatientContactRow).system === (other as PatientContactRow).system;

const sameValue = (row: PatientIdentifierRow, other: PatientIdentifierRow): boolean =>
  row.system === other.system && row.value === other.value;

/**
 * Which rows move to the survivor (law M5): those that it lacks, compared after normalisation. An identifier becomes
 * `old`, and so does a name, an address or a contact where the survivor has a current one of its kind; the kinds in
 * `keepUses` keep their use. A record never carries one (system, value) twice, so an identifier that the survivor has
 * under another type stays where it is, and with it everything that it says.
 */
export function planRows(
  source: ChildRows,
  survivor: ChildRows,
  keepUses: ReadonlySet<ChildTable> = new Set(),
): readonly RowPlan[] {
  return childTables.flatMap((table) =>
    planTable(table, source[table], survivor[table], keepUses.has(table)),
  );
}

function planTable(
  table: ChildTable,
  source: readonly ChildRow[],
  survivor: readonly ChildRow[],
  keepsUse: boolean,
): readonly RowPlan[] {
  const known = new Map(survivor.map((row) => [rowKey(table, row), row]));
  const present = [...survivor];
  return source.map((row): RowPlan => {
    const key = rowKey(table, row);
    const stay = (reason: RowPlan["reason"], counterpart: ChildRow): RowPlan => ({
      table,
      row,
      action: "stay",
      counterpart,
      reason,
      useType: row.useType,
      isPrimary: isPrimary(row),
    });
    const equal = known.get(key);
    if (equal !== undefined) return stay("survivor has it", equal);
    const sameIdentifier =
      table === "identifiers"
        ? present.find((other) => sameValue(row as PatientIdentifierRow, other as PatientIdentifierRow))
        : undefined;
    if (sameIdentifier !== undefined) return stay("survivor has it under another type", sameIdentifier);
    const peers = present.filter((other) => isOfOneKind(table, row, other));
    known.set(key, row);
    present.push(row);
    const isOutdated =
      table === "identifiers" || survivor.some((other) => peers.includes(other) && isCurrent(other));
    return {
      table,
      row,
      action: "move",
      counterpart: null,
      reason: "survivor lacks it",
      useType: keepsUse || !isOutdated || standingUses.has(row.useType ?? "") ? row.useType : "old",
      isPrimary: isPrimary(row) && !peers.some(isPrimary),
    };
  });
}
