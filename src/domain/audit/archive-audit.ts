import { constants, createWriteStream, existsSync, mkdirSync, renameSync } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { ConnectionTarget, Database } from "../../db/client.ts";
import { withCopyConnection } from "../../db/copy.ts";
import {
  copyMonthStatement,
  dropArchivedMonth,
  selectArchivableMonths,
  selectMonthSeals,
  type ArchivableMonth,
} from "../../db/queries/audit-archive.ts";
import { readEpoch } from "../../db/queries/audit-verify.ts";
import { databaseErrorFacts } from "../../db/errors.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { agreesWithSeals, formatHeader, readArchive, type ArchiveContent } from "./archive-file.ts";
import { listSeals } from "./seal-audit.ts";
import { listEpochs } from "./verify-audit.ts";

export interface ArchiveOptions {
  /** Months that end before this day are archived; ISO date. */
  readonly before: string;
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onMonth?: (month: string, step: "writing" | "checking" | "dropping") => void;
}

export interface ArchivedMonth {
  readonly month: string;
  readonly rows: number;
  readonly file: string;
  /** SHA-256 of the file, hex. */
  readonly fileHash: string;
}

/**
 * The months that would be archived, oldest first.
 *
 * @throws {MpiError} `conflict` where one of them is not wholly sealed, or lies in the default partition.
 */
export async function planArchive(db: Database, before: string): Promise<readonly ArchivableMonth[]> {
  const months = await selectArchivableMonths(db, before);
  const stray = months.filter(({ strayRows }) => strayRows > 0);
  if (stray.length > 0) {
    throw new MpiError("conflict", `Rows of ${listMonths(stray)} lie in the default partition.`, {
      hint: 'Run "mpi audit partitions --ensure" first.',
    });
  }
  const unsealed = months.filter(({ rows, sealedRows }) => rows !== sealedRows);
  if (unsealed.length > 0) {
    throw new MpiError(
      "conflict",
      `Not every row of ${listMonths(unsealed)} is sealed, or not every sealed row is there.`,
      {
        hint: 'Run "mpi audit seal", then "mpi audit verify".',
      },
    );
  }
  return months;
}

const listMonths = (months: readonly ArchivableMonth[]) => months.map(({ month }) => month).join(", ");

/**
 * Moves past months out of the database into files, one after the other: write, read back, compare with the seals,
 * and only then drop. Killed at any moment, it goes on when it is run again: a draft is written anew, a finished file
 * is checked and its month dropped.
 *
 * @throws {MpiError} `conflict` as `planArchive`, and where another file is in the way; `check-failed` where a month
 *   is not as it was sealed; `locked` where a long transaction holds the trail.
 */
export async function archiveAudit(
  db: Database,
  target: ConnectionTarget,
  audit: AuditContext,
  options: ArchiveOptions,
): Promise<readonly ArchivedMonth[]> {
  const months = await planArchive(db, options.before);
  if (months.length > 0) mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const archived: ArchivedMonth[] = [];
  for (const { month } of months) {
    options.signal.throwIfAborted();
    const file = path.join(options.directory, archiveName(month));
    const content = await ensureArchive(db, target, month, file, options);
    options.onMonth?.(month, "dropping");
    const facts = { rows: content.rows, name: path.basename(file), hash: content.fileHash };
    await dropMonth(db, audit, month, facts);
    archived.push({ month, rows: content.rows, file, fileHash: content.fileHash });
  }
  return archived;
}

async function dropMonth(
  db: Database,
  audit: AuditContext,
  month: string,
  file: Parameters<typeof dropArchivedMonth>[2],
): Promise<void> {
  try {
    await withTransaction(db, audit, (tx) => dropArchivedMonth(tx, month, file));
  } catch (error) {
    if (databaseErrorFacts(error)?.sqlState !== restrictViolation) throw error;
    throw new MpiError("conflict", `Rows came into ${month} meanwhile; it was not dropped.`);
  }
}

/** What mpi_audit_drop_month() raises where the month is not what the file holds. */
const restrictViolation = "23001";

export const archiveName = (month: string): string => `audit-${month}.ndjson.gz`;

/** The month's file, written now or by a run that did not come to its end, and compared with the seals. */
async function ensureArchive(
  db: Database,
  target: ConnectionTarget,
  month: string,
  file: string,
  options: ArchiveOptions,
): Promise<ArchiveContent> {
  const seals = await selectMonthSeals(db, month);
  if (existsSync(file)) {
    options.onMonth?.(month, "checking");
    const content = await readArchive(file, options.signal);
    if (agreesWithSeals(content, month, seals)) return content;
    throw new MpiError("conflict", `${file} is in the way: it is not an archive of this trail's ${month}.`);
  }
  const draft = `${file}.partial`;
  options.onMonth?.(month, "writing");
  await writeArchive(db, target, month, draft, options.signal);
  options.onMonth?.(month, "checking");
  const content = await readArchive(draft, options.signal);
  if (!agreesWithSeals(content, month, seals)) {
    throw new MpiError(
      "check-failed",
      `The rows of ${month} are not as they were sealed; nothing was dropped.`,
      {
        hint: '"mpi audit verify" says which.',
      },
    );
  }
  renameSync(draft, file);
  // Windows knows no such thing as syncing a directory.
  if (process.platform !== "win32") await sync(options.directory, constants.O_RDONLY);
  return content;
}

async function writeArchive(
  db: Database,
  target: ConnectionTarget,
  month: string,
  draft: string,
  signal: AbortSignal,
): Promise<void> {
  const seals = await selectMonthSeals(db, month);
  const epoch = await db.transaction(readEpoch);
  const epochs = listEpochs(await listSeals(db, { after: 0 }), epoch);
  await withCopyConnection(target, async (connection) => {
    const lines = async function* () {
      yield Buffer.from(formatHeader(month, seals));
      yield* connection.copyOut(copyMonthStatement(month, epochs));
    };
    await pipeline(lines, createGzip(), createWriteStream(draft, { mode: 0o600 }), { signal });
  });
  await sync(draft, constants.O_RDWR);
}

/** Waits until the disk has it. A rename is there for good only once its directory is. */
async function sync(fileOrDirectory: string, flags: number): Promise<void> {
  const handle = await open(fileOrDirectory, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
