import type { Transaction } from "../../db/client.ts";
import { noRows, type ChildRow, type ChildRows, type ChildTable } from "../../db/queries/child-rows.ts";
import { selectOpenMerges, updateMergeInverse } from "../../db/queries/merges.ts";
import type { PatientMergeRow } from "../../db/rows.ts";
import type { ActChanges } from "../decision/change-journal.ts";
import { isSameValue, type FieldValue, type ScalarField, type Side } from "./survivorship.ts";

/** A value that a merge gave the survivor: one entry in the history of one field of one record. */
export interface FieldEntry {
  readonly field: ScalarField;
  /** Place in the history of this field on this record, over all merges into it. */
  readonly sequence: number;
  readonly previous: FieldValue;
  readonly applied: FieldValue;
  /** The record whose value it is, which may have been merged into the one that was merged. */
  readonly originPatientId: string;
}

/** What unmerge reads: how everything was that a merge changed. Stored as JSON. */
export interface MergeInverse {
  readonly format: "mpi-merge/1";
  readonly wasActive: boolean;
  /** Of both records before the merge. */
  readonly versions: { readonly source: number; readonly survivor: number };
  /** What the steward chose, field by field. */
  readonly choices: Readonly<Partial<Record<ScalarField, Side>>>;
  readonly fields: readonly FieldEntry[];
  /** The rows that moved, as they were before they did. */
  readonly rows: ChildRows;
  readonly changes: ActChanges;
}

/** A merge in force. */
export interface OpenMerge {
  readonly id: string;
  readonly patientId: string;
  readonly survivorId: string;
  /** Sorts as text; see toMoment. */
  readonly mergedAt: string;
  readonly inverse: MergeInverse;
}

/** A timestamp of the database (UTC) with all of its digits, so that text sorts as time does. */
export const toMoment = (timestamp: string): string =>
  timestamp
    .replace(/\+00$/, "")
    .replace(/^([^.]*)$/, "$1.")
    .padEnd(26, "0");

/** @param row of patient_merges; its JSON was written by insertMerge and is of our own making. */
export const toOpenMerge = (row: PatientMergeRow): OpenMerge => ({
  id: row.id,
  patientId: row.patientId,
  survivorId: row.survivorId,
  mergedAt: toMoment(row.mergedAt),
  inverse: row.inverse as MergeInverse,
});

/** The merges in force among some records, with what later events add to them. */
export class OpenMerges {
  readonly #tx: Transaction;
  readonly #merges: Map<string, OpenMerge>;
  readonly #changed = new Set<string>();

  private constructor(tx: Transaction, merges: readonly OpenMerge[]) {
    this.#tx = tx;
    this.#merges = new Map(merges.map((merge) => [merge.id, merge]));
  }

  /** @param recordIds all records of the persons concerned, locked. */
  static async load(tx: Transaction, recordIds: readonly string[]): Promise<OpenMerges> {
    return new OpenMerges(tx, (await selectOpenMerges(tx, recordIds)).map(toOpenMerge));
  }

  /** Oldest first. */
  list(): readonly OpenMerge[] {
    return [...this.#merges.values()];
  }

  /** The merges into one record, oldest first. */
  into(recordId: string): readonly OpenMerge[] {
    return this.list().filter((merge) => merge.survivorId === recordId);
  }

  /** The merge that retired a record. */
  of(recordId: string): OpenMerge | undefined {
    return this.list().find((merge) => merge.patientId === recordId);
  }

  /** The history of one field of a record, oldest first. */
  history(recordId: string, field: ScalarField): readonly FieldEntry[] {
    return this.into(recordId)
      .flatMap((merge) => merge.inverse.fields.filter((entry) => entry.field === field))
      .sort((one, other) => one.sequence - other.sequence);
  }

  nextSequence(recordId: string, field: ScalarField): number {
    return (this.history(recordId, field).at(-1)?.sequence ?? 0) + 1;
  }

  /** The record whose value this is: the one that a merge brought it from, else the record itself. */
  ownerOf(recordId: string, field: ScalarField, value: FieldValue): string {
    const latest = this.history(recordId, field).at(-1);
    return latest !== undefined && isSameValue(field, latest.applied, value)
      ? latest.originPatientId
      : recordId;
  }

  /** Leaves a merge out that is being taken back. */
  remove(mergeId: string): void {
    this.#merges.delete(mergeId);
    this.#changed.delete(mergeId);
  }

  addField(mergeId: string, entry: FieldEntry): void {
    this.#change(mergeId, (inverse) => ({ ...inverse, fields: [...inverse.fields, entry] }));
  }

  /** Replaces the history of one field of a record: entries that are gone go, changed ones change. */
  replaceHistory(recordId: string, field: ScalarField, entries: readonly FieldEntry[]): void {
    const bySequence = new Map(entries.map((entry) => [entry.sequence, entry]));
    for (const merge of this.into(recordId)) {
      const fields = merge.inverse.fields.flatMap((entry) => {
        if (entry.field !== field) return [entry];
        const kept = bySequence.get(entry.sequence);
        return kept === undefined ? [] : [kept];
      });
      if (JSON.stringify(fields) !== JSON.stringify(merge.inverse.fields)) {
        this.#change(merge.id, (inverse) => ({ ...inverse, fields }));
      }
    }
  }

  /** Remembers a further row that moved on account of a merge. */
  addRow(mergeId: string, table: ChildTable, row: ChildRow): void {
    this.#change(mergeId, (inverse) => ({
      ...inverse,
      rows: { ...inverse.rows, [table]: [...inverse.rows[table], row] },
    }));
  }

  /** Changes the remembered image of a row wherever one is kept: its own source has said something new of it. */
  changeRow(table: ChildTable, id: string, change: (row: ChildRow) => ChildRow): void {
    for (const merge of this.list()) {
      const rows = merge.inverse.rows[table] as readonly ChildRow[];
      if (!rows.some((row) => row.id === id)) continue;
      this.#change(merge.id, (inverse) => ({
        ...inverse,
        rows: { ...inverse.rows, [table]: rows.map((row) => (row.id === id ? change(row) : row)) },
      }));
    }
  }

  /** Writes what was added. */
  async save(): Promise<void> {
    for (const id of this.#changed) await updateMergeInverse(this.#tx, id, this.#merges.get(id)!.inverse);
    this.#changed.clear();
  }

  #change(mergeId: string, change: (inverse: MergeInverse) => MergeInverse): void {
    const merge = this.#merges.get(mergeId)!;
    this.#merges.set(mergeId, { ...merge, inverse: change(merge.inverse) });
    this.#changed.add(mergeId);
  }
}

/** Adds a row to a set of rows. */
export const withRow = (rows: ChildRows, table: ChildTable, row: ChildRow): ChildRows => ({
  ...rows,
  [table]: [...rows[table], row],
});

/** Rows gathered from several tables. */
export const gatherRows = (
  rows: readonly { readonly table: ChildTable; readonly row: ChildRow }[],
): ChildRows => rows.reduce((all, { table, row }) => withRow(all, table, row), noRows);
