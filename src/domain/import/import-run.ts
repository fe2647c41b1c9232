import type { Database, Transaction } from "../../db/client.ts";
import {
  analyzePatientTables,
  insertCommittedStretch,
  openImportRun,
  updateImportRun,
  type CommittedStretch,
  type OpenImport,
} from "../../db/queries/imports.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import {
  importInBatches,
  type CommittedBatch,
  type ImportEntry,
  type RejectedEntry,
} from "./batch-import.ts";
import { CommittedAhead, type CommittedEntry } from "./committed-ahead.ts";
import { importOutcomes, noOutcomes, type ImportOrigin, type ImportOutcome } from "./import-record.ts";
import { fingerprintInput, type InputFile } from "./input-file.ts";
import { RejectsFile } from "./rejects-file.ts";

/** What every import is asked, whatever the format. */
export interface ImportOptions {
  readonly dryRun: boolean;
  /** Stop after more than so many rejected entries; undefined: never. */
  readonly maxRejects: number | undefined;
  /** Default: the file's name and the format's ending. */
  readonly rejectsPath: string | undefined;
  readonly signal: AbortSignal;
  /** Absent: the planner's statistics are refreshed at the end. */
  readonly leavesStatistics?: boolean;
  readonly onProgress: (progress: {
    readonly records: number;
    readonly bytes: number;
    readonly size: number | undefined;
  }) => void;
}

export type ImportCounts = Readonly<Record<ImportOutcome | "rejected", number>>;

export interface ImportResult {
  readonly file: string;
  readonly records: number;
  readonly counts: ImportCounts;
  /** Records that an earlier, stopped import of the same file had committed. */
  readonly resumedAfter: number;
  readonly rejectsFile: string | null;
  /** The first rejections, without the data. */
  readonly rejections: readonly { readonly line: number; readonly reason: string }[];
}

/** What one format has of its own. */
export interface ImportFormat {
  readonly origin: ImportOrigin;
  /** For the run's row: the source, or why there is no single one. */
  readonly sourceSystem: string;
  /** Whatever besides the file decides the result: the same command carries on only where it is the same. */
  readonly fingerprint: readonly string[];
  readonly rejects: {
    /** Of the rejects file's name: `.rejects.csv`. */
    readonly ending: string;
    /** Bytes that it begins with. */
    readonly header: Buffer;
    readonly format: (entry: RejectedEntry) => Buffer;
  };
}

const batchSize = 1000;
/** While one or two wait for the disk, two keep the processors of a small server busy: three were a twentieth slower. */
const lanes = 4;
/** Between checkpoints each batch tells for itself that it is committed; so many records, so many batches at most. */
const recordsPerCheckpoint = 5000;
const notesPerCheckpoint = 50;
const rejectionsListed = 10;
/** Beyond it the planner's statistics are worth refreshing. */
const analyzeFrom = 1000;

/**
 * The import of one file: batches, counts, rejects and the checkpoint from which a stopped import of the same file
 * carries on. `finish` ends it; until then it is open, so that work after the records is taken up again too.
 */
export class ImportRun {
  readonly #db: Database;
  readonly #audit: AuditContext;
  readonly #input: InputFile;
  readonly #format: ImportFormat;
  readonly #options: ImportOptions;
  readonly #run: OpenImport | undefined;
  readonly #rejects: RejectsFile;
  readonly #counts: Record<ImportOutcome | "rejected", number>;
  readonly #rejections: { line: number; reason: string }[] = [];
  readonly #resumedAfter: number;
  #done: number;
  #isAnalyzed = false;
  #checkpointed: number;
  /** Stretches told of since the checkpoint. */
  #noted = 0;
  readonly #ahead: CommittedAhead;

  private constructor(
    db: Database,
    audit: AuditContext,
    input: InputFile,
    format: ImportFormat,
    options: ImportOptions,
    run: OpenImport | undefined,
  ) {
    this.#db = db;
    this.#audit = audit;
    this.#input = input;
    this.#format = format;
    this.#options = options;
    this.#run = run;
    this.#done = this.#checkpointed = this.#resumedAfter = run?.recordsDone ?? 0;
    this.#counts = { ...noOutcomes(), rejected: 0, ...run?.counts };
    this.#ahead = new CommittedAhead(run?.ahead ?? []);
    const path =
      options.rejectsPath ?? `${input.name === "-" ? "stdin" : input.name}${format.rejects.ending}`;
    this.#rejects = new RejectsFile(path, format.rejects.header, run?.rejectsBytes ?? 0);
  }

  /** Begins, or takes up the unfinished import of the same input. A dry run and standard input always begin. */
  static async open(
    db: Database,
    audit: AuditContext,
    input: InputFile,
    format: ImportFormat,
    options: ImportOptions,
  ): Promise<ImportRun> {
    const { origin, sourceSystem } = format;
    const fingerprint = options.dryRun ? undefined : await fingerprintInput(input, format.fingerprint);
    const run =
      fingerprint === undefined
        ? undefined
        : await withTransaction(db, audit, (tx) =>
            openImportRun(tx, { format: origin, sourceSystem, fingerprint }),
          );
    return new ImportRun(db, audit, input, format, options, run);
  }

  /**
   * Writes the entries in batches, one transaction each.
   *
   * @param read the entries behind so many that are committed already, in order of the input.
   * @param size entries in a batch; fewer where each tells of itself, so that checkpoints keep up.
   * @throws {MpiError} `limit` after too many rejections, `cancelled`; the run is then closed, to be carried on.
   */
  readRecords(read: (skip: number) => AsyncIterable<ImportEntry>, size = batchSize): Promise<void> {
    return this.guard(async () => {
      const from = this.#done;
      const batches = importInBatches(this.#db, this.#audit, this.#withoutCommitted(read(from), from), {
        from,
        onWritten: (tx, stretch) => this.noteWritten(tx, stretch),
        origin: this.#format.origin,
        dryRun: this.#options.dryRun,
        batchSize: size,
        lanes: this.#options.dryRun ? 1 : lanes,
        signal: this.#options.signal,
      });
      for await (const batch of batches) await this.#commit(batch);
    });
  }

  /** Entries that are committed and counted: the place in the input at which it goes on. */
  get done(): number {
    return this.#done;
  }

  /** Tells of entries in the transaction that writes them; its last statement. */
  async noteWritten(tx: Transaction, stretch: CommittedStretch): Promise<void> {
    if (this.#run === undefined) return;
    await insertCommittedStretch(tx, this.#run.id, stretch);
    this.#noted += 1;
  }

  /** What became of an entry that an earlier part of the same import has committed. */
  findCommitted(place: number): CommittedEntry | undefined {
    return this.#ahead.find(place);
  }

  /** Entries that are committed already are given on as settled, so that they are counted and not written again. */
  async *#withoutCommitted(entries: AsyncIterable<ImportEntry>, from: number): AsyncGenerator<ImportEntry> {
    let place = from;
    for await (const entry of entries) {
      const committed = "reason" in entry || "settled" in entry ? undefined : this.#ahead.find(place);
      place += 1;
      if (committed === undefined || "reason" in entry || "settled" in entry) yield entry;
      else if ("refused" in committed) {
        yield { line: entry.line, raw: entry.raw, reason: committed.refused };
      } else yield { line: entry.line, settled: committed.outcome };
    }
  }

  /** Runs work of this import; where it fails, what is done so far is kept, and the error thrown on. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isStopped = error instanceof MpiError && error.code !== "unavailable";
      await this.#checkpoint(isStopped ? "stopped" : "failed").catch(() => undefined);
      await this.#rejects.close();
      throw error;
    }
  }

  /** Sets aside entries that cannot be taken. @throws {MpiError} `limit` after too many. */
  async reject(entries: readonly RejectedEntry[]): Promise<void> {
    for (const entry of entries) {
      const { line, reason } = entry;
      if (this.#rejections.length < rejectionsListed) this.#rejections.push({ line, reason });
      this.#counts.rejected += 1;
      if (!this.#options.dryRun) await this.#rejects.append(this.#format.rejects.format(entry));
    }
  }

  /** Ends the import: the same command begins anew. */
  async finish(): Promise<ImportResult> {
    await this.#rejects.close();
    await this.#checkpoint("succeeded");
    await this.refreshStatistics();
    return {
      file: this.#input.name,
      records: this.#done,
      counts: this.#counts,
      resumedAfter: this.#resumedAfter,
      rejectsFile: this.#rejects.length > 0 ? this.#rejects.path : null,
      rejections: this.#rejections,
    };
  }

  /** Fresh statistics for the planner, once, where much has been written. */
  async refreshStatistics(): Promise<void> {
    const { dryRun, leavesStatistics = false } = this.#options;
    const isWorthIt = this.#counts.added + this.#counts.updated >= analyzeFrom;
    if (this.#isAnalyzed || dryRun || leavesStatistics || !isWorthIt) return;
    this.#isAnalyzed = true;
    await analyzePatientTables(this.#db);
  }

  /** @throws {MpiError} `limit` where more was rejected than is allowed. */
  checkRejects(): void {
    const { maxRejects } = this.#options;
    if (maxRejects !== undefined && this.#counts.rejected > maxRejects) {
      throw new MpiError("limit", `Stopped after ${this.#counts.rejected} rejected records.`, {
        hint: "The reasons are in the rejects file; the same command carries on.",
      });
    }
  }

  async #commit(batch: CommittedBatch): Promise<void> {
    await this.reject(batch.rejected);
    for (const outcome of importOutcomes) this.#counts[outcome] += batch.counts[outcome];
    this.#done += batch.entries;
    const behind = this.#done - this.#checkpointed;
    if (behind >= Math.min(recordsPerCheckpoint, this.#done / 10) || this.#noted >= notesPerCheckpoint)
      await this.#checkpoint("running");
    this.#options.onProgress({
      records: this.#done,
      bytes: this.#input.bytesRead(),
      size: this.#input.size,
    });
    this.checkRejects();
  }

  async #checkpoint(state: "running" | "succeeded" | "stopped" | "failed"): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    await withTransaction(this.#db, this.#audit, (tx) =>
      updateImportRun(tx, run.id, {
        recordsDone: this.#done,
        rejectsBytes: this.#rejects.length,
        counts: this.#counts,
        state,
      }),
    );
    this.#checkpointed = this.#done;
    this.#noted = 0;
  }
}
