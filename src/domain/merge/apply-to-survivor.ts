import type { Transaction } from "../../db/client.ts";
import {
  childTables,
  selectChildRows,
  selectVisitingRows,
  type ChildRow,
  type ChildRows,
  type ChildTable,
} from "../../db/queries/child-rows.ts";
import { selectPatientRows } from "../../db/queries/merges.ts";
import { updatePatientRowSet } from "../../db/queries/patient-updates.ts";
import { toPatientChanges } from "../patient/apply-update.ts";
import { asConflict } from "../patient/insert-patient.ts";
import { refreshBasis } from "../decision/refresh-basis.ts";
import { toPatientRecord, type PatientContent } from "../patient/patient-record.ts";
import { isEmptyPlan, planUpdate } from "../patient/update-plan.ts";
import { lockPersons } from "../person/lock-persons.ts";
import { findInCharge, findNextInCharge, requireMember } from "../person/require-usable.ts";
import { fillField } from "./fill-fields.ts";
import { splitChanges } from "./late-changes.ts";
import { OpenMerges } from "./merge-inverse.ts";
import { scalarColumns, type ScalarField } from "./survivorship.ts";

export interface LateData {
  /** The record that got the data. */
  readonly inCharge: string;
  readonly outcome: "unchanged" | "updated";
}

/**
 * Takes in what a source says now of a record that was retired meanwhile (law M14). What the record in charge lacks
 * goes to it, marked as this record's own; what it has already, and every single value, is kept on the retired
 * record; fields of the record in charge that say nothing are filled. So nothing of the survivor is overwritten, the
 * audit rows name the id that the data was sent for, and all of it returns with the record when it is un-merged.
 *
 * @throws {MpiError} `not-found`; `conflict` where an identifier of a unique domain is another record's.
 */
export async function applyToSurvivor(
  tx: Transaction,
  retiredId: string,
  content: PatientContent,
): Promise<LateData> {
  const persons = await lockPersons(tx, [retiredId]);
  requireMember(persons, retiredId);
  const inCharge = findInCharge(persons, retiredId);
  const chain = listWay(retiredId, inCharge, (id) => findNextInCharge(persons, id));
  const merges = await OpenMerges.load(tx, [...persons.members.keys()]);

  const onRetired = await selectChildRows(tx, [retiredId]);
  // Rows that others brought into it leave with them, and so do not count as its own.
  const own = filterRows(onRetired, (row) => row.originPatientId === null);
  const visiting = await selectVisitingRows(tx, chain, [retiredId]);
  const patient = (await selectPatientRows(tx, [retiredId])).get(retiredId)!;
  // As the record's own source knows it: all of its rows together, with the uses they had.
  const known = toPatientRecord({ patient, ...joinRows(own, asRemembered(visiting, merges)) });
  const plan = planUpdate(known, content);
  if (isEmptyPlan(plan)) return { inCharge, outcome: "unchanged" };

  const changes = splitChanges(toPatientChanges(known, plan), {
    retiredId,
    inCharge,
    retiredRows: onRetired,
    visiting: new Set(childTables.flatMap((table) => visiting[table].map((row) => row.id))),
    survivorRows: await selectChildRows(tx, [inCharge]),
  });
  try {
    await updatePatientRowSet(tx, retiredId, changes.onRetired);
    await updatePatientRowSet(tx, inCharge, changes.onSurvivor);
  } catch (error) {
    throw asConflict(error) ?? error;
  }
  for (const { table, id, set } of changes.remembered) {
    merges.changeRow(table, id, (row) => ({ ...row, ...set }));
  }
  const fields = (Object.keys(scalarColumns) as readonly ScalarField[]).filter((field) =>
    scalarColumns[field].some((column) => column in changes.onRetired.patient),
  );
  for (const [place, holder] of chain.entries()) {
    const giver = merges.of(chain[place - 1] ?? retiredId);
    for (const field of fields)
      await fillField(tx, merges, holder, field, giver === undefined ? [] : [giver]);
  }
  await merges.save();
  await refreshBasis(tx, [inCharge]);
  return { inCharge, outcome: "updated" };
}

/** The records from the next one in charge to the last. */
function listWay(from: string, to: string, next: (id: string) => string | undefined): readonly string[] {
  const way: string[] = [];
  for (let at = next(from); at !== undefined; at = at === to ? undefined : next(at)) way.push(at);
  return way;
}

/** Rows with the use and mark they had on their own record, where a merge has changed them. */
function asRemembered(visiting: ChildRows, merges: OpenMerges): ChildRows {
  const remember = (table: ChildTable): readonly ChildRow[] =>
    (visiting[table] as readonly ChildRow[]).map((row) => {
      const image = merges
        .list()
        .flatMap((merge) => merge.inverse.rows[table] as readonly ChildRow[])
        .find((each) => each.id === row.id);
      return { ...row, useType: image === undefined ? row.useType : image.useType, originPatientId: null };
    });
  return Object.fromEntries(childTables.map((table) => [table, remember(table)])) as unknown as ChildRows;
}

const filterRows = (rows: ChildRows, keep: (row: ChildRow) => boolean): ChildRows => ({
  names: rows.names.filter(keep),
  identifiers: rows.identifiers.filter(keep),
  addresses: rows.addresses.filter(keep),
  contacts: rows.contacts.filter(keep),
});

const joinRows = (one: ChildRows, other: ChildRows): ChildRows => ({
  names: [...one.names, ...other.names],
  identifiers: [...one.identifiers, ...other.identifiers],
  addresses: [...one.addresses, ...other.addresses],
  contacts: [...one.contacts, ...other.contacts],
});
