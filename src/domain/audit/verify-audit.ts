import { existsSync } from "node:fs";
import path from "node:path";
import type { ConnectionTarget, Database, Transaction } from "../../db/client.ts";
import { selectSealMonths, selectSeals } from "../../db/queries/audit-seals.ts";
import {
  compareMonth,
  prepareForReadingAll,
  readEpoch,
  selectArchives,
  selectAuditMonths,
  selectMonthRows,
  type ArchiveRow,
  type SealEpoch,
} from "../../db/queries/audit-verify.ts";
import { verifySchema } from "../../db/migrate/verify.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { agreesWithSeals, readArchive } from "./archive-file.ts";
import { compareHeads, type KeptHead } from "./head-file.ts";
import { nameTamperedRows, type PartProblem, type RowProblem } from "./name-tampered-rows.ts";
import { checkChain, joinSeals, type ChainProblem, type Seal } from "./seal-chain.ts";

/** Something that guards the trail is missing, switched off or altered. */
export interface GuardProblem {
  readonly kind: "guard";
  /** `trigger audit_log.audit_log_immutable`, `function mpi_audit_seal()`, `partition audit_log_2026_11`. */
  readonly name: string;
  readonly problem: string;
}

/**
 * A month is said to be archived, and the trail itself knows nothing of it; or its file is missing, is another one
 * than was written, or does not hold what was sealed.
 */
export interface ArchiveProblem {
  readonly kind: "archive-untold" | "archive-missing" | "archive-altered";
  readonly month: string;
}

export type AuditProblem = RowProblem | PartProblem | ChainProblem | GuardProblem | ArchiveProblem;

export interface VerifyReport {
  readonly seals: number;
  /** The time of the last seal: what came later is not covered. */
  readonly coveredUntil: string | null;
  /** Rows that were hashed again and belong to a seal; and those that none covers yet. */
  readonly sealedRows: number;
  readonly unsealedRows: number;
  readonly archives: readonly ArchiveRow[];
  /** The chain first, then rows in the order in which they were sealed, then the rest; empty where all is well. */
  readonly problems: readonly AuditProblem[];
  /** The first row that is not as it was sealed. */
  readonly firstRow: RowProblem | undefined;
  /** How many kept heads were compared. */
  readonly keptHeads: number;
}

export interface VerifyOptions {
  /** Heads that were kept outside of the database; without them who recomputes the whole chain is not found. */
  readonly kept?: readonly KeptHead[];
  /** Where the files of archived months lie; without it they are taken on trust. */
  readonly archiveDirectory?: string;
  readonly signal: AbortSignal;
  readonly onMonth?: (done: number, total: number) => void;
}

/**
 * Hashes every row again, compares with the seals month by month, goes along the chain, and looks at what guards the
 * trail. Covers the rows up to the last seal. Reads one snapshot and changes nothing.
 */
export async function verifyAudit(
  db: Database,
  target: ConnectionTarget,
  audit: AuditContext,
  options: VerifyOptions,
): Promise<VerifyReport> {
  const kept = options.kept ?? [];
  const content = await withTransaction(db, audit, (tx) => verifyContent(tx, kept, options), {
    isolationLevel: "repeatable read",
  });
  const guards = await findGuardProblems(target);
  return { ...content, problems: [...content.problems, ...guards], keptHeads: kept.length };
}

/** Of rows in a month that was archived so many are named. */
const rowsNamed = 100;

async function verifyContent(
  tx: Transaction,
  kept: readonly KeptHead[],
  options: VerifyOptions,
): Promise<Omit<VerifyReport, "keptHeads">> {
  await prepareForReadingAll(tx);
  const seals = joinSeals(await selectSeals(tx), await selectSealMonths(tx));
  const contradicted = compareHeads(kept, seals);
  const chain: readonly ChainProblem[] = [
    ...checkChain(seals),
    ...contradicted.map((sealId): ChainProblem => ({ kind: "head-differs", sealId })),
  ].sort((a, b) => a.sealId - b.sealId);
  const epochs = listEpochs(seals, await readEpoch(tx));
  const archives = await selectArchives(tx);
  const archived = new Set(archives.map(({ month }) => month));
  const rows: (RowProblem | PartProblem)[] = [];
  let [sealedRows, unsealedRows] = [0, 0];
  const months = await selectAuditMonths(tx);
  for (const [index, month] of months.entries()) {
    options.signal.throwIfAborted();
    const compared = await compareMonth(tx, month, epochs);
    sealedRows += compared.sealed;
    unsealedRows += compared.unsealed;
    if (archived.has(month)) {
      const strangers = await selectMonthRows(tx, month, rowsNamed);
      rows.push(...strangers.map(({ id, at }): RowProblem => ({ kind: "inserted", id, at, sealId: 0 })));
    } else if (compared.broken.length > 0) {
      rows.push(...(await nameTamperedRows(tx, month, compared.broken, epochs)));
    }
    options.onMonth?.(index + 1, months.length);
  }
  return {
    seals: seals.length,
    coveredUntil: seals.at(-1)?.sealedAt ?? null,
    sealedRows,
    unsealedRows,
    archives,
    problems: [
      ...chain,
      ...rows,
      ...archives
        .filter(({ isTold }) => isTold === false)
        .map(({ month }): ArchiveProblem => ({ kind: "archive-untold", month })),
      ...(await checkArchives(archives, seals, options)),
    ],
    firstRow: findFirstRow(rows),
  };
}

async function checkArchives(
  archives: readonly ArchiveRow[],
  seals: readonly Seal[],
  { archiveDirectory, signal }: VerifyOptions,
): Promise<readonly ArchiveProblem[]> {
  if (archiveDirectory === undefined) return [];
  const problems: ArchiveProblem[] = [];
  for (const { month, fileName, fileHash } of archives) {
    const file = path.join(archiveDirectory, fileName);
    if (!existsSync(file)) {
      problems.push({ kind: "archive-missing", month });
      continue;
    }
    const sealed = seals.flatMap((seal) =>
      seal.months
        .filter((each) => each.month === month)
        .map(({ rowCount, hash }) => ({ seal: seal.id, rows: Number(rowCount), hash })),
    );
    const isWhole = await readArchive(file, signal).then(
      (content) => content.fileHash === fileHash && agreesWithSeals(content, month, sealed),
      (error: unknown) => {
        if (error instanceof MpiError && error.code === "check-failed") return false;
        throw error;
      },
    );
    if (!isWhole) problems.push({ kind: "archive-altered", month });
  }
  return problems;
}

const isRow = (problem: RowProblem | PartProblem): problem is RowProblem => problem.kind !== "part-altered";

/** Months come in order, but a seal covers several: the first row is the one with the smallest id. */
const findFirstRow = (problems: readonly (RowProblem | PartProblem)[]): RowProblem | undefined =>
  problems.filter(isRow).sort((a, b) => Number(a.id) - Number(b.id))[0];

/** The seals by epoch, each ready to tell which of them covers a transaction. */
export function listEpochs(seals: readonly Seal[], currentEpoch: string): readonly SealEpoch[] {
  const groups: Seal[][] = [[]];
  for (const seal of seals) {
    groups.at(-1)!.push(seal);
    if (seal.ceilingId !== null) groups.push([]);
  }
  return groups.map((own, index): SealEpoch => {
    const open = own.filter(({ ceilingId }) => ceilingId === null);
    const closing = own.find(({ ceilingId }) => ceilingId !== null);
    const floorId = groups[index - 1]?.at(-1)?.ceilingId ?? "0";
    return {
      floorId,
      ceilingId: closing?.ceilingId ?? null,
      sealedToId: open.at(-1)?.maxId ?? floorId,
      seals: open.map(({ id, upperXid }) => ({ id, upperXid })),
      closingSealId: closing?.id ?? null,
      isCurrent: closing === undefined && (own.at(-1)?.epoch ?? currentEpoch) === currentEpoch,
    };
  });
}

/** What of the trail's tables, triggers and functions is not as the migrations make it. */
async function findGuardProblems(target: ConnectionTarget): Promise<readonly GuardProblem[]> {
  const drift = await verifySchema(target);
  return drift
    .filter(({ kind, name }) => kind !== "migration" && /audit/.test(name))
    .map(({ kind, name, problem }) => ({ kind: "guard", name: `${kind} ${name}`, problem }));
}
