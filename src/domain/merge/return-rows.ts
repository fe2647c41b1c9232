import type { Transaction } from "../../db/client.ts";
import {
  childTables,
  deleteChildRows,
  insertChildRows,
  noRows,
  selectChildRows,
  selectChildRowsById,
  selectTakenIdentifiers,
  selectVisitingRows,
  type ChildRow,
  type ChildRows,
  type ChildTable,
} from "../../db/queries/child-rows.ts";
import { makeIds } from "../../db/queries/merges.ts";
import type { PatientIdentifierRow } from "../../db/rows.ts";
import { gatherRows, withRow, type OpenMerges } from "./merge-inverse.ts";
import { planReturn, type RowReturn } from "./plan-return.ts";
import { rowKey } from "./row-key.ts";
import type { Departure } from "./withdraw-fields.ts";

export interface ReturnedRows {
  readonly rows: readonly RowReturn[];
  /** Identifiers that another active record has been given meanwhile. */
  readonly identifiersTaken: readonly string[];
}

/** Brings the rows of the leaving records home from wherever merges have carried them. */
export async function returnRows(
  tx: Transaction,
  merges: OpenMerges,
  { merge, leaving, chain, take }: Departure,
): Promise<ReturnedRows> {
  const record = merge.patientId;
  const images = merge.inverse.rows;
  const visiting = await selectVisitingRows(tx, chain, [...leaving]);
  const present = await selectChildRows(tx, [record]);
  const imageIds = childTables.flatMap((table) => images[table].map((row) => row.id));
  const standing = await selectChildRowsById(tx, imageIds);
  const rows = planReturn({
    record,
    leaving,
    visiting,
    images,
    existing: new Set(childTables.flatMap((table) => standing[table].map((row) => row.id))),
    present,
    take,
  });

  const home = gather(rows, (each) => each.home);
  const identifiersTaken = merge.inverse.wasActive
    ? await listTaken(tx, [...present.identifiers, ...home.identifiers])
    : new Set<string>();
  const outdate = (row: PatientIdentifierRow): PatientIdentifierRow =>
    identifiersTaken.has(row.id) ? { ...row, useType: "old" } : row;
  const outdated = present.identifiers.filter((row) => identifiersTaken.has(row.id));

  const left = await nameCopies(tx, rows);
  await deleteChildRows(
    tx,
    gather(rows, (each) => each.present),
  );
  await deleteChildRows(tx, { ...noRows, identifiers: outdated });
  await insertChildRows(tx, left);
  await insertChildRows(tx, {
    ...home,
    identifiers: [...home.identifiers, ...outdated].map(outdate),
  });
  await replaceLost(tx, merges, chain.at(-1)!, rows);
  return { rows, identifiersTaken: [...identifiersTaken].sort() };
}

const gather = (rows: readonly RowReturn[], pick: (row: RowReturn) => ChildRow | null): ChildRows =>
  gatherRows(
    rows.flatMap((each) => {
      const row = pick(each);
      return row === null ? [] : [{ table: each.table, row }];
    }),
  );

const listTaken = (tx: Transaction, identifiers: readonly PatientIdentifierRow[]) =>
  selectTakenIdentifiers(
    tx,
    identifiers.filter((row) => row.useType !== "old"),
    identifiers.map((row) => row.id),
  );

/** What stays with the holder: under the row's own id where the row itself stays, under a new one beside it. */
async function nameCopies(tx: Transaction, rows: readonly RowReturn[]): Promise<ChildRows> {
  const copies = rows.filter((each) => each.copy !== null);
  const ids = await makeIds(tx, copies.length);
  return copies.reduce<ChildRows>(
    (all, { table, copy, home }, index) =>
      withRow(all, table, home === null ? copy! : { ...copy!, id: ids[index]! }),
    noRows,
  );
}

/**
 * Where the record in charge lost a value that a record still merged into it has too, that one's row moves up: as it
 * would have done, had the one that left never come.
 */
async function replaceLost(
  tx: Transaction,
  merges: OpenMerges,
  inCharge: string,
  rows: readonly RowReturn[],
): Promise<void> {
  const retired = merges.list().map((merge) => merge.patientId);
  const below = retired.filter((id) => isUnder(merges, id, inCharge));
  if (below.length === 0) return;
  const candidates = await selectChildRows(tx, below);
  const own = await selectChildRows(tx, [inCharge]);
  for (const table of childTables) {
    const known = new Set((own[table] as readonly ChildRow[]).map((row) => rowKey(table, row)));
    const lost = rows.flatMap((each) =>
      each.table === table && each.present?.patientId === inCharge ? [rowKey(table, each.present)] : [],
    );
    for (const key of new Set(lost)) {
      const row = (candidates[table] as readonly ChildRow[]).find((each) => rowKey(table, each) === key);
      if (row === undefined || known.has(key)) continue;
      await moveUp(tx, merges, inCharge, table, row);
    }
  }
}

function isUnder(merges: OpenMerges, id: string, inCharge: string): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = id; at !== undefined && !seen.has(at); at = merges.of(at)?.survivorId) {
    if (at === inCharge) return id !== inCharge;
    seen.add(at);
  }
  return false;
}

async function moveUp(
  tx: Transaction,
  merges: OpenMerges,
  inCharge: string,
  table: ChildTable,
  row: ChildRow,
): Promise<void> {
  const merge = merges.of(row.patientId)!;
  merges.addRow(merge.id, table, row);
  const moved = {
    ...row,
    patientId: inCharge,
    originPatientId: row.originPatientId ?? row.patientId,
    mergeId: merge.id,
    useType: table === "identifiers" ? "old" : row.useType,
    ...("isPrimary" in row ? { isPrimary: false } : {}),
  };
  await deleteChildRows(tx, gatherRows([{ table, row }]));
  await insertChildRows(tx, gatherRows([{ table, row: moved }]));
}
