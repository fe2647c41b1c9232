import { childTables, type ChildRow, type ChildRows, type ChildTable } from "../../db/queries/child-rows.ts";
import type { PatientIdentifierRow } from "../../db/rows.ts";
import { rowContent } from "./row-key.ts";

/** Who gets a value that came from A and was edited on B since: A alone, B alone (A gets its old one), or both. */
export type Take = "a" | "b" | "both";

/** What becomes of one row that came with a merge. */
export interface RowReturn {
  readonly table: ChildTable;
  readonly id: string;
  /** What happened to it since the merge. */
  readonly since: "nothing" | "edited" | "deleted" | "arrived late";
  /** The row as it stands now; null where it was deleted. */
  readonly present: ChildRow | null;
  /** The row that the returning record gets; null where it gets none. */
  readonly home: ChildRow | null;
  /** A copy of the present value, for the record that keeps it; its id is new. */
  readonly copy: ChildRow | null;
}

export interface ReturnInput {
  /** The record that comes back. */
  readonly record: string;
  /** It and all that were merged into it. */
  readonly leaving: ReadonlySet<string>;
  /** The rows of those records that stand on others now. */
  readonly visiting: ChildRows;
  /** The rows that the merge moved, as they were before. */
  readonly images: ChildRows;
  /** Ids of the images that still exist anywhere. */
  readonly existing: ReadonlySet<string>;
  /** Rows that stand on the record itself. */
  readonly present: ChildRows;
  readonly take: Take;
}

/**
 * Which rows go back to a record that is un-merged, and what each then says (laws U1, U3 and U4). Whose a row is
 * decides, not which merge moved it: so chains are un-merged in any order, and data that arrived late goes along.
 */
export function planReturn(input: ReturnInput): readonly RowReturn[] {
  return childTables.flatMap((table) => {
    const images = new Map((input.images[table] as readonly ChildRow[]).map((row) => [row.id, row]));
    const taken = new Set((input.present[table] as readonly ChildRow[]).map((row) => uniqueName(table, row)));
    let hasPrimary = (input.present[table] as readonly ChildRow[]).some((row) => markOf(row) === true);
    const settle = (row: ChildRow): ChildRow | null => {
      const name = uniqueName(table, row);
      // A record carries no (system, value) twice: what it has already need not come again.
      if (taken.has(name)) return null;
      taken.add(name);
      const isSecond = table === "names" && markOf(row) === true && hasPrimary;
      hasPrimary ||= markOf(row) === true;
      return isSecond ? { ...row, isPrimary: false } : row;
    };
    const visiting = (input.visiting[table] as readonly ChildRow[]).map((row) =>
      returnVisitor(input, table, row, images.get(row.id), settle),
    );
    const deleted = [...images.values()]
      .filter(
        (image) => !input.existing.has(image.id) && input.leaving.has(image.originPatientId ?? input.record),
      )
      .map((image): RowReturn => {
        const home = input.take === "b" ? settle({ ...image, patientId: input.record }) : null;
        return { table, id: image.id, since: "deleted", present: null, home, copy: null };
      });
    return [...visiting, ...deleted];
  });
}

function returnVisitor(
  { record, take }: ReturnInput,
  table: ChildTable,
  row: ChildRow,
  image: ChildRow | undefined,
  settle: (row: ChildRow) => ChildRow | null,
): RowReturn {
  const owned = (content: ChildRow): ChildRow =>
    row.originPatientId === record
      ? { ...content, patientId: record, originPatientId: null, mergeId: null }
      : { ...content, patientId: record, originPatientId: row.originPatientId, mergeId: content.mergeId };
  const kept = { ...row, originPatientId: null, mergeId: null };
  if (image === undefined) {
    const home = settle(owned(row));
    return {
      table,
      id: row.id,
      since: "arrived late",
      present: row,
      home,
      copy: home === null ? kept : null,
    };
  }
  if (rowContent(table, row) === rowContent(table, image)) {
    const home = settle(owned(image));
    return { table, id: row.id, since: "nothing", present: row, home, copy: home === null ? kept : null };
  }
  // The use and the mark as they were with the record; what was edited is the value.
  const edited = { ...row, mergeId: image.mergeId, useType: image.useType };
  const mark = markOf(image);
  const home = settle(
    owned(take === "b" ? image : mark === undefined ? edited : { ...edited, isPrimary: mark }),
  );
  return {
    table,
    id: row.id,
    since: "edited",
    present: row,
    home,
    copy: take === "a" && home !== null ? null : kept,
  };
}

const markOf = (row: ChildRow): boolean | undefined => ("isPrimary" in row ? row.isPrimary : undefined);

const uniqueName = (table: ChildTable, row: ChildRow): string =>
  table === "identifiers"
    ? JSON.stringify([(row as PatientIdentifierRow).system, (row as PatientIdentifierRow).value])
    : row.id;
