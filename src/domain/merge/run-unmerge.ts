import type { Database } from "../../db/client.ts";
import { findMergeById, selectMergesOf } from "../../db/queries/merges.ts";
import type { PatientMergeRow } from "../../db/rows.ts";
import { withTransaction } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import type { ReadContext } from "../audit/record-read.ts";
import { createPairScorer } from "../decision/calibrated-scorer.ts";
import type { PatientRecord } from "../patient/patient-record.ts";
import { parseRecordReference, resolveRecord } from "../patient/resolve-record.ts";
import { readRecords } from "./run-merge.ts";
import {
  alreadyUnmerged,
  unmergePatient,
  type UnmergeRequest,
  type UnmergeResult,
} from "./unmerge-patient.ts";

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The merge in force that a merge's id or a retired record names.
 *
 * @throws {MpiError} `not-found`; `conflict` where it was taken back already, or the record was never merged.
 */
export const findMergeToUndo = (db: Database, context: ReadContext, text: string): Promise<PatientMergeRow> =>
  withTransaction(db, context, async (tx) => {
    const named = uuid.test(text) ? await findMergeById(tx, text.toLowerCase()) : undefined;
    if (named !== undefined) {
      if (named.unmergedAt !== null) throw alreadyUnmerged(named);
      return named;
    }
    const record = await resolveRecord(tx, parseRecordReference(text));
    const merges = await selectMergesOf(tx, record);
    const open = merges.find((merge) => merge.unmergedAt === null);
    if (open !== undefined) return open;
    if (merges[0] !== undefined) throw alreadyUnmerged(merges[0]);
    throw new MpiError("conflict", `Record ${record} is not merged into another.`, {
      details: { reason: "not-merged", record },
    });
  });

/** What un-merging would do, and the records as they are before. */
export interface UnmergePreview {
  readonly result: UnmergeResult;
  readonly records: ReadonlyMap<string, PatientRecord>;
}

export async function previewUnmerge(
  db: Database,
  context: ReadContext,
  request: UnmergeRequest,
): Promise<UnmergePreview> {
  const result = await withTransaction(db, context, (tx) => unmergePatient(tx, request, createPairScorer()), {
    dryRun: true,
  });
  const records = await readRecords(db, context, [
    ...new Set([result.record, result.survivor, result.inCharge]),
  ]);
  return { result, records };
}

/** Un-merges for good. */
export const runUnmerge = (
  db: Database,
  context: ReadContext,
  request: UnmergeRequest,
): Promise<UnmergeResult> =>
  withTransaction(db, context, (tx) => unmergePatient(tx, request, createPairScorer()));
