import type { Database } from "../../db/client.ts";
import { withTransaction } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { withAuditedRead, type ReadContext } from "../audit/record-read.ts";
import { listPatientRecords } from "../patient/get-patient-record.ts";
import type { PatientRecord } from "../patient/patient-record.ts";
import { resolveRecord, type RecordReference } from "../patient/resolve-record.ts";
import { toMergeDiff, type MergeDiff } from "./merge-diff.ts";
import type { MergeRequest } from "./merge-one.ts";
import { mergePatients, type MergeResult } from "./merge-patients.ts";

/** What a merge would do, and the records it is about as they are before. */
export interface MergePreview {
  readonly result: MergeResult;
  readonly records: ReadonlyMap<string, PatientRecord>;
}

/** Reads whole records for showing them; that they were read is written down. */
export async function readRecords(
  db: Database,
  context: ReadContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PatientRecord>> {
  const records = await withAuditedRead(db, context, { action: "READ" }, async (tx) => {
    const result = await listPatientRecords(tx, ids);
    return { result, ids: result.map((record) => record.id) };
  });
  return new Map(records.map((record) => [record.id, record]));
}

/** The ids of the records that references name (law M1), each in its place. */
export const resolveRecords = (
  db: Database,
  context: ReadContext,
  references: readonly RecordReference[],
): Promise<readonly string[]> =>
  withTransaction(db, context, async (tx) => {
    const ids: string[] = [];
    for (const reference of references) ids.push(await resolveRecord(tx, reference));
    return ids;
  });

/** Does a merge and takes it back at once, so that it is seen (law M9). */
export async function previewMerge(
  db: Database,
  context: ReadContext,
  request: MergeRequest,
): Promise<MergePreview> {
  const records = await readRecords(db, context, [...request.sources, request.survivor]);
  const result = await withTransaction(db, context, (tx) => mergePatients(tx, request), { dryRun: true });
  return { result, records };
}

/**
 * Merges for good.
 *
 * @param expected the diff that was shown or planned; where the merge would do anything else by now, it is refused.
 */
export const runMerge = (
  db: Database,
  context: ReadContext,
  request: MergeRequest,
  expected?: readonly MergeDiff[],
): Promise<MergeResult> =>
  withTransaction(db, context, async (tx) => {
    const result = await mergePatients(tx, request);
    if (expected !== undefined) requireSameDiff(result.merges.map(toMergeDiff), expected);
    return result;
  });

function requireSameDiff(now: readonly MergeDiff[], expected: readonly MergeDiff[]): void {
  // By way of JSON: a plan that was read from a file has no undefined and no prototypes.
  if (JSON.stringify(now) === JSON.stringify(expected)) return;
  throw new MpiError("conflict", "Refused, because the merge would no longer do what was planned.", {
    hint: "Make the plan anew and look at it.",
    details: { reason: "stale" },
  });
}
