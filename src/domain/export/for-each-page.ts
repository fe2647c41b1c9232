import type { Database, Transaction } from "../../db/client.ts";
import { selectExportIds, type ExportFilter } from "../../db/queries/exports.ts";
import { withTransaction } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { recordRead, type ReadContext } from "../audit/record-read.ts";
import { loadExportRecords, type ExportRecord } from "./export-record.ts";
import type { Disguise } from "./disguise.ts";

/** Takes the text of an export, piece by piece; waits where the reader is slow. */
export interface ExportSink {
  write(text: string): Promise<void>;
}

/** What is asked of every export. */
export interface ExportOptions {
  readonly filter: ExportFilter;
  /** What hides who the patients are; null: nothing does. */
  readonly disguise: Disguise | null;
  readonly signal: AbortSignal;
  readonly onProgress: (records: number) => void;
}

/** Records that are read, written down in the trail and given out together. */
const pageSize = 1000;

/**
 * Runs an export on one state of the database, however long it takes.
 *
 * @param work reads in the transaction it is given; nothing it writes is kept.
 */
export const withExportSnapshot = <T>(
  db: Database,
  context: ReadContext,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> => withTransaction(db, context, work, { isolationLevel: "repeatable read", retries: 0 });

/**
 * Writes down whose data leave, one row a patient, and commits that before anything is given out.
 *
 * @throws {MpiError} `unavailable` where it cannot be written down.
 */
export const recordExport = (
  db: Database,
  context: ReadContext,
  ids: readonly string[],
  format: string,
  { filter, disguise }: ExportOptions,
  entityType: "patient" | "organization" = "patient",
): Promise<void> =>
  withTransaction(db, context, (tx) =>
    recordRead(
      tx,
      context,
      {
        action: "EXPORT",
        entityType,
        details: {
          format,
          ...(filter.sources.length > 0 ? { sources: filter.sources } : {}),
          ...(filter.since === null ? {} : { since: filter.since }),
          ...(disguise === null ? {} : disguise.details),
        },
      },
      ids,
    ),
  );

/** Gives the records that a filter lets through to `use`, page by page in order of id, each page audited before. */
export async function forEachPage(
  db: Database,
  context: ReadContext,
  snapshot: Transaction,
  format: string,
  options: ExportOptions,
  use: (records: readonly ExportRecord[]) => Promise<void>,
): Promise<number> {
  let count = 0;
  let last: string | null = null;
  for (;;) {
    refuseAborted(options.signal);
    const ids: readonly string[] = await selectExportIds(snapshot, options.filter, last, pageSize);
    if (ids.length === 0) break;
    last = ids.at(-1)!;
    const records = await loadExportRecords(snapshot, ids);
    await recordExport(db, context, ids, format, options);
    const { disguise } = options;
    await use(disguise === null ? records : records.map((record) => disguise.hide(record)));
    count += records.length;
    options.onProgress(count);
  }
  return count;
}

export function refuseAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new MpiError("cancelled", "Stopped; the export is not complete.");
}
