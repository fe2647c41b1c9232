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
import { gatherRows, toMoment, withRow, type OpenMerge, type OpenMerges } from "./merge-inverse.ts";
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
  await replaceLost(tx, merges, merge, chain, rows);
  await keepShown(tx, merges, { merge, leaving, chain });
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
 * Where the record in charge lost a value that a record merged into it later has too, that one's row moves up: as it
 * would have done, had the one that left never come. Rows of earlier merges stay where they are: if the value was not
 * there any more when this one brought it, somebody had taken it away.
 */
async function replaceLost(
  tx: Transaction,
  merges: OpenMerges,
  merge: OpenMerge,
  chain: readonly string[],
  rows: readonly RowReturn[],
): Promise<void> {
  const inCharge = chain.at(-1)!;
  // When the rows that leave came to each record on their way.
  const came = new Map(
    chain.map((holder, place) => [
      holder,
      place === 0 ? merge.mergedAt : merges.of(chain[place - 1]!)!.mergedAt,
    ]),
  );
  const joined = listJoiners(merges, came, inCharge);
  if (joined.size === 0) return;
  const candidates = await selectChildRows(tx, [...joined.keys()]);
  const own = await selectChildRows(tx, [inCharge]);
  for (const table of childTables) {
    const known = new Set((own[table] as readonly ChildRow[]).map((row) => rowKey(table, row)));
    for (const { present } of rows.filter((each) => each.table === table)) {
      if (present?.patientId !== inCharge) continue;
      const key = rowKey(table, present);
      const row = (candidates[table] as readonly ChildRow[]).find((each) => {
        const { at, where } = joined.get(each.patientId)!;
        const since = [came.get(where)!, toMoment(present.createdAt)].sort()[1]!;
        // A record of the chain itself came there by the very merge that brought the row that leaves.
        return (chain.includes(each.patientId) ? at >= since : at > since) && rowKey(table, each) === key;
      });
      if (row === undefined || known.has(key)) continue;
      known.add(key);
      await moveUp(tx, merges, inCharge, table, row);
    }
  }
}

/**
 * The retired records whose way leads to one of `holders`, or on from one to the next: where, and when the merge was
 * made that leads there.
 */
function listJoiners(
  merges: OpenMerges,
  holders: ReadonlyMap<string, string>,
  inCharge: string,
): ReadonlyMap<string, { readonly where: string; readonly at: string }> {
  const joiners = new Map<string, { where: string; at: string }>();
  for (const { patientId } of merges.list()) {
    if (patientId === inCharge) continue;
    const seen = new Set<string>();
    for (
      let step = merges.of(patientId);
      step !== undefined && !seen.has(step.id);
      step = merges.of(step.survivorId)
    ) {
      seen.add(step.id);
      if (!holders.has(step.survivorId)) continue;
      joiners.set(patientId, { where: step.survivorId, at: step.mergedAt });
      break;
    }
  }
  return joiners;
}

/**
 * A value that the records merged into the returning one have, and whoever stays in charge showed for them, is the
 * returning one's to show now: where it has none of its own, one of theirs moves up.
 */
async function keepShown(
  tx: Transaction,
  merges: OpenMerges,
  { merge, leaving, chain }: Pick<Departure, "merge" | "leaving" | "chain">,
): Promise<void> {
  const record = merge.patientId;
  const others = [...leaving].filter((id) => id !== record);
  if (others.length === 0) return;
  const hidden = await selectChildRows(tx, others);
  const own = await selectChildRows(tx, [record]);
  const shown = await selectChildRows(tx, [chain.at(-1)!]);
  for (const table of childTables) {
    const keysOf = (rows: ChildRows) =>
      new Set((rows[table] as readonly ChildRow[]).map((row) => rowKey(table, row)));
    const known = keysOf(own);
    const wasShown = keysOf(shown);
    for (const row of hidden[table] as readonly ChildRow[]) {
      const key = rowKey(table, row);
      if (known.has(key) || !wasShown.has(key)) continue;
      known.add(key);
      await moveUp(tx, merges, record, table, row);
    }
  }
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
