import type { ChildRow, ChildTable } from "../../db/queries/child-rows.ts";
import type { StandingDecision } from "../decision/standing-decisions.ts";
import type { MergeStep } from "./merge-one.ts";
import { valueColumns } from "./row-key.ts";
import { isSameValue, type FieldOutcome } from "./survivorship.ts";

/** A row's values by column. */
export type RowValues = Readonly<Record<string, unknown>>;

/**
 * What merging one record into another changes, as JSON that is the same in a dry run, in a plan and for real: no new
 * ids and no times.
 */
export interface MergeDiff {
  readonly source: string;
  readonly survivor: string;
  readonly fields: readonly (FieldOutcome & { readonly isConflict: boolean })[];
  readonly rows: readonly {
    readonly table: ChildTable;
    readonly id: string;
    readonly values: RowValues;
    readonly action: "move" | "stay";
    readonly reason: string;
    readonly use: { readonly before: string | null; readonly after: string | null };
  }[];
  readonly linksTaken: readonly {
    readonly from: string;
    readonly to: string;
    readonly type: string;
    readonly origin: string;
  }[];
  readonly decisionsClosed: readonly StandingDecision[];
  readonly persons: readonly { readonly record: string; readonly before: string; readonly after: string }[];
}

/** The value columns of a row. */
export function listValues(table: ChildTable, row: ChildRow): RowValues {
  const columns = row as unknown as RowValues;
  return Object.fromEntries(valueColumns[table].map((column) => [column, columns[column] ?? null]));
}

export const toMergeDiff = (step: MergeStep): MergeDiff => ({
  source: step.source,
  survivor: step.survivor,
  fields: step.fields.map((outcome) => ({
    field: outcome.field,
    a: outcome.a,
    b: outcome.b,
    winner: outcome.winner,
    reason: outcome.reason,
    isConflict: !isSameValue(outcome.field, outcome.a, outcome.b),
  })),
  rows: step.rows.map(({ table, row, action, reason, useType }) => ({
    table,
    id: row.id,
    values: listValues(table, row),
    action,
    reason,
    use: { before: row.useType, after: useType },
  })),
  linksTaken: step.linksTaken.map((link) => ({
    from: link.patientId,
    to: link.otherPatientId,
    type: link.linkType,
    origin: link.origin,
  })),
  decisionsClosed: step.closed,
  persons: step.persons.map(({ recordId, before, after }) => ({
    record: recordId,
    before: before.enterpriseId,
    after: after.enterpriseId,
  })),
});

export const listMergeDiffs = (result: { readonly merges: readonly MergeStep[] }): readonly MergeDiff[] =>
  result.merges.map(toMergeDiff);
