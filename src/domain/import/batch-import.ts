import type { Database, Transaction } from "../../db/client.ts";
import { databaseErrorFacts } from "../../db/errors.ts";
import { selectDomainFlags, type CommittedStretch } from "../../db/queries/imports.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import type { KnownDomains } from "../patient/overlay-guard.ts";
import {
  importBatch,
  importKeyOf,
  noOutcomes,
  type BatchResult,
  type ImportDeletion,
  type ImportOrigin,
  type ImportOutcome,
  type ImportRecord,
} from "./import-record.ts";

export interface BatchOptions {
  readonly origin: ImportOrigin;
  readonly dryRun: boolean;
  /** Records in a batch: one transaction each. */
  readonly batchSize: number;
  /** Batches that are written at the same time, each on a connection of its own. */
  readonly lanes: number;
  readonly signal: AbortSignal;
  /** Place of the first entry in the input, from 0. */
  readonly from: number;
  /** Called at the end of the transaction that writes a batch. */
  readonly onWritten: (tx: Transaction, stretch: CommittedStretch) => Promise<void>;
}

/** A stretch of the input that is no record, or cannot be taken. */
export interface RejectedEntry {
  readonly line: number;
  readonly raw: string;
  readonly reason: string;
}

/** An entry that was stored when it was read: no patient record, and counted with them. */
export interface SettledEntry {
  readonly line: number;
  readonly settled: ImportOutcome;
}

/** One entry of the input. */
export type ImportEntry = ImportRecord | ImportDeletion | RejectedEntry | SettledEntry;

/** A stretch of the input that is committed, in order of the input. */
export interface CommittedBatch {
  readonly entries: number;
  readonly counts: BatchResult["counts"];
  readonly rejected: readonly RejectedEntry[];
}

interface PendingBatch {
  readonly entries: number;
  readonly keys: ReadonlySet<string>;
  readonly result: Promise<CommittedBatch>;
}

/**
 * Writes entries in batches, several at a time, and yields each when it is committed, in the order of the input. A
 * record that occurs again waits until its first occurrence is written.
 *
 * @throws {MpiError} `cancelled` after the batches in hand, when `signal` is aborted.
 */
export async function* importInBatches(
  db: Database,
  audit: AuditContext,
  entries: AsyncIterable<ImportEntry>,
  options: BatchOptions,
): AsyncGenerator<CommittedBatch> {
  const domains = await loadDomains(db);
  const pending: PendingBatch[] = [];
  let records: (ImportRecord | ImportDeletion)[] = [];
  let broken: RejectedEntry[] = [];
  let settled: SettledEntry[] = [];
  let keys = new Set<string>();
  let from = options.from;

  const size = () => records.length + broken.length + settled.length;
  const dispatch = () => {
    if (size() === 0) return;
    const result = writeBatch(db, audit, { from, records, broken, settled }, domains, options);
    // Somebody always awaits it, but perhaps not before it fails.
    result.catch(() => undefined);
    pending.push({ entries: size(), keys, result });
    from += size();
    [records, broken, settled, keys] = [[], [], [], new Set()];
  };
  const settleOldest = () => pending.shift()!.result;

  try {
    for await (const entry of entries) {
      if ("reason" in entry) broken.push(entry);
      else if ("settled" in entry) settled.push(entry);
      else {
        const key = importKeyOf(entry);
        if (keys.has(key)) dispatch();
        while (pending.some((batch) => batch.keys.has(key))) yield await settleOldest();
        records.push(entry);
        keys.add(key);
      }
      if (size() >= options.batchSize) {
        dispatch();
        while (pending.length >= options.lanes) yield await settleOldest();
      }
      if (options.signal.aborted)
        throw new MpiError("cancelled", "Stopped; what was read so far is imported.");
    }
    dispatch();
  } catch (error) {
    while (pending.length > 0) yield await settleOldest();
    throw error;
  } finally {
    await Promise.allSettled(pending.map((batch) => batch.result));
  }
  while (pending.length > 0) yield await settleOldest();
}

async function loadDomains(db: Database): Promise<KnownDomains> {
  const flags = await selectDomainFlags(db);
  const systems = (wanted: (flag: (typeof flags)[number]) => boolean) =>
    new Set(flags.filter(wanted).map((flag) => flag.system));
  return {
    authoritative: systems((flag) => flag.isAuthoritative),
    singleValued: systems((flag) => flag.isSingleValued),
  };
}

/** Integrity violations and data exceptions: one record's fault, which the careful way finds. */
const isDataFault = (error: unknown) =>
  /^2[23]/.test(databaseErrorFacts(error)?.sqlState ?? "") ||
  (error instanceof MpiError && error.code === "conflict");

interface Batch {
  readonly from: number;
  readonly records: readonly (ImportRecord | ImportDeletion)[];
  readonly broken: readonly RejectedEntry[];
  readonly settled: readonly SettledEntry[];
}

async function writeBatch(
  db: Database,
  audit: AuditContext,
  batch: Batch,
  domains: KnownDomains,
  options: BatchOptions,
): Promise<CommittedBatch> {
  const { records, broken, settled } = batch;
  const entries = records.length + broken.length + settled.length;
  if (records.length === 0) {
    const counts = noOutcomes();
    for (const { settled: outcome } of settled) counts[outcome] += 1;
    return { entries, counts, rejected: broken };
  }
  const write = (careful: boolean) =>
    withTransaction(
      db,
      audit,
      async (tx) => {
        const { counts: written, rejected } = await importBatch(
          tx,
          records,
          domains,
          options.origin,
          careful,
        );
        const counts = { ...written };
        for (const { settled: outcome } of settled) counts[outcome] += 1;
        await options.onWritten(tx, {
          from: batch.from,
          entries,
          counts,
          refused: listRefused(batch, rejected),
        });
        return { counts, rejected };
      },
      { dryRun: options.dryRun },
    );
  let result: BatchResult;
  try {
    result = await write(false);
  } catch (error) {
    if (!isDataFault(error)) throw error;
    result = await write(true);
  }
  const rejected = [
    ...broken,
    ...result.rejected.map(({ record, reason }) => ({ line: record.line, raw: record.raw, reason })),
  ].sort((a, b) => a.line - b.line);
  return { entries, counts: result.counts, rejected };
}

/** The places of refused records in their batch. */
function listRefused(
  { records, broken, settled }: Batch,
  rejected: BatchResult["rejected"],
): CommittedStretch["refused"] {
  if (rejected.length === 0) return [];
  const inOrder = [...records, ...broken, ...settled].sort((a, b) => a.line - b.line);
  const places = new Map(inOrder.map((entry, place) => [entry.line, place]));
  return rejected.map(({ record, reason }) => [places.get(record.line)!, reason] as const);
}
