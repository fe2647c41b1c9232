import type { Transaction } from "../../db/client.ts";
import {
  deleteChildRows,
  insertChildRows,
  selectChildRows,
  type ChildRow,
  type ChildTable,
} from "../../db/queries/child-rows.ts";
import { insertMerge, selectPatientRows, updatePatient } from "../../db/queries/merges.ts";
import type { PatientLinkRow, PatientRow, PatientUpdate } from "../../db/rows.ts";
import { MpiError } from "../../lib/errors.ts";
import { ChangeJournal } from "../decision/change-journal.ts";
import { listLinksBetween } from "../decision/decide-same.ts";
import { refreshConflicts } from "../decision/refresh-conflicts.ts";
import {
  closeDecisions,
  contradictionError,
  findContradiction,
  toStandingDecision,
  type StandingDecision,
} from "../decision/standing-decisions.ts";
import { findPair, writeDecision } from "../decision/write-decision.ts";
import { listPersonOf, type LockedPersons } from "../person/lock-persons.ts";
import type { PersonChange } from "../person/recompute-persons.ts";
import { gatherRows, OpenMerges, type FieldEntry, type MergeInverse } from "./merge-inverse.ts";
import { planRows, type RowPlan } from "./plan-rows.ts";
import {
  chooseField,
  isSameValue,
  scalarFields,
  type FieldOutcome,
  type ScalarField,
  type Side,
} from "./survivorship.ts";

export interface MergeRequest {
  /** Records to retire, in the order in which they are merged. */
  readonly sources: readonly string[];
  readonly survivor: string;
  readonly reason: string | null;
  /** The record whose value of a field is kept, by its id. */
  readonly keep?: Readonly<Partial<Record<ScalarField, string>>>;
  /** Kinds of rows that keep their use when they move. */
  readonly keepUses?: readonly ChildTable[];
  /** Goes against decisions "different", and closes them. */
  readonly override?: boolean;
  /** Merged already is success. */
  readonly ifNeeded?: boolean;
  /**
   * The merge was made elsewhere and the records come from there as it left them, the source retired: it is written
   * down, and neither rows nor values move.
   */
  readonly isDone?: boolean;
  /** What proposed the merge, where a rule did. */
  readonly rule?: string;
  /** Version of each record that the request was made from; where one has changed, nothing is done. */
  readonly versions?: ReadonlyMap<string, number>;
}

/** What merging one record into the survivor does: the same in a dry run and for real. */
export interface MergeStep {
  readonly source: string;
  readonly survivor: string;
  readonly fields: readonly FieldOutcome[];
  readonly rows: readonly RowPlan[];
  /** Links between the two that the merge takes the place of. */
  readonly linksTaken: readonly PatientLinkRow[];
  /** Decisions "different" that were overridden. */
  readonly closed: readonly StandingDecision[];
  /** Records whose enterprise id changes. */
  readonly persons: readonly PersonChange[];
}

interface OneMerge {
  readonly source: string;
  readonly mergeId: string;
  readonly groupId: string;
}

/**
 * Merges one record into a survivor. The caller has checked that the two may be merged.
 *
 * @param persons of both records, locked, as they stand now.
 * @throws {MpiError} `conflict` where a decision forbids it.
 */
export async function mergeOne(
  tx: Transaction,
  persons: LockedPersons,
  request: MergeRequest,
  { source, mergeId, groupId }: OneMerge,
): Promise<MergeStep> {
  const { survivor } = request;
  const contradiction = await findContradiction(
    tx,
    listPersonOf(persons, source),
    listPersonOf(persons, survivor),
  );
  if (contradiction.different.length > 0 && request.override !== true)
    throw contradictionError(contradiction);

  const rowsById = await selectPatientRows(tx, [source, survivor]);
  const [a, b] = [rowsById.get(source)!, rowsById.get(survivor)!];
  const isDone = request.isDone === true;
  const fields = isDone ? [] : chooseFields(request, a, b);
  const rows = isDone
    ? []
    : planRows(
        await selectChildRows(tx, [source]),
        await selectChildRows(tx, [survivor]),
        new Set(request.keepUses),
      );
  const moved = rows.filter((row) => row.action === "move");
  const scored = await findPair(tx, source, survivor);

  await updatePatient(tx, source, { active: false });
  await moveRows(tx, moved, source, survivor, mergeId);
  const entries = await takeFields(tx, persons, fields, source, survivor);

  const journal = new ChangeJournal(tx);
  const linksTaken = listLinksBetween(persons, source, survivor);
  await journal.deleteLinks(linksTaken);
  await closeDecisions(journal, contradiction.different);
  await writeDecision(
    tx,
    journal,
    { a: source, b: survivor, state: "merged", origin: "merge", reason: request.reason, mergeId },
    undefined,
  );
  const { links, pairs } = journal.changes();
  const linking = new ChangeJournal(tx);
  const merged = { origin: "merge", mergeId, reason: request.reason };
  await linking.insertLinks([
    { ...merged, patientId: source, otherPatientId: survivor, linkType: "replaced_by" },
    { ...merged, patientId: survivor, otherPatientId: source, linkType: "replaces" },
  ]);
  await linking.recomputePersons([source, survivor]);
  await refreshConflicts(tx, [...persons.members.keys()], linking);
  const personChanges = linking.changes().persons;

  const inverse: MergeInverse = {
    format: "mpi-merge/1",
    // Where it comes retired already, taking the merge back brings it into use.
    wasActive: isDone || a.active,
    versions: { source: a.version, survivor: b.version },
    choices: Object.fromEntries(
      fields.filter((outcome) => outcome.reason === "chosen").map(({ field, winner }) => [field, winner]),
    ),
    fields: entries,
    rows: gatherRows(moved),
    changes: { links, pairs, persons: personChanges },
  };
  await insertMerge(tx, {
    id: mergeId,
    groupId,
    patientId: source,
    survivorId: survivor,
    reason: request.reason,
    rule:
      request.rule ??
      (scored === undefined || scored.rulesFired.length === 0 ? null : scored.rulesFired.join(", ")),
    matchWeight: scored?.modelVersion == null ? null : scored.matchWeight,
    inverse,
  });
  return {
    source,
    survivor,
    fields,
    rows,
    linksTaken,
    closed: contradiction.different.map(toStandingDecision),
    persons: personChanges,
  };
}

function chooseFields(request: MergeRequest, a: PatientRow, b: PatientRow): readonly FieldOutcome[] {
  const sideOf = (kept: string | undefined): Side | undefined => {
    if (kept === a.id) return "a";
    // The value of a source that was merged before is the survivor's by now.
    const turn = request.sources.indexOf(kept ?? "");
    return kept === b.id || (turn >= 0 && turn < request.sources.indexOf(a.id)) ? "b" : undefined;
  };
  return scalarFields.map((field) => {
    const choice = sideOf(request.keep?.[field]);
    const outcome = chooseField(field, a, b, choice);
    if (outcome.reason === "deceased-anywhere" && choice !== undefined && choice !== outcome.winner) {
      throw new MpiError(
        "conflict",
        "One of the records says that the patient is deceased; a merge keeps that.",
        {
          hint: "If it is wrong, correct that record with mpi patient edit first.",
          details: { reason: "deceased-anywhere" },
        },
      );
    }
    return outcome;
  });
}

/** Deletes the rows from the source and inserts them on the survivor, under their old ids. */
async function moveRows(
  tx: Transaction,
  plans: readonly RowPlan[],
  source: string,
  survivor: string,
  mergeId: string,
): Promise<void> {
  await deleteChildRows(tx, gatherRows(plans));
  await insertChildRows(
    tx,
    gatherRows(plans.map((plan) => ({ table: plan.table, row: arrived(plan, source, survivor, mergeId) }))),
  );
}

function arrived(plan: RowPlan, source: string, survivor: string, mergeId: string): ChildRow {
  const { row, useType, isPrimary } = plan;
  return {
    ...row,
    patientId: survivor,
    originPatientId: row.originPatientId ?? source,
    mergeId,
    useType,
    ...("isPrimary" in row ? { isPrimary } : {}),
  };
}

/** Gives the survivor the values that the source wins with; returns what was there before, and whose each value is. */
async function takeFields(
  tx: Transaction,
  persons: LockedPersons,
  fields: readonly FieldOutcome[],
  source: string,
  survivor: string,
): Promise<readonly FieldEntry[]> {
  const taken = fields.filter(
    (outcome) => outcome.winner === "a" && !isSameValue(outcome.field, outcome.a, outcome.b),
  );
  if (taken.length === 0) return [];
  const merges = await OpenMerges.load(tx, [...persons.members.keys()]);
  const values = taken.reduce<PatientUpdate>((all, outcome) => ({ ...all, ...outcome.a }), {});
  await updatePatient(tx, survivor, values);
  return taken.map(({ field, a, b }) => ({
    field,
    sequence: merges.nextSequence(survivor, field),
    previous: b,
    applied: a,
    originPatientId: merges.ownerOf(source, field, a),
  }));
}
