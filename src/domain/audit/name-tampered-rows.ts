import type { Transaction } from "../../db/client.ts";
import {
  findChunkLeaves,
  impossible,
  matchRowsToLeaves,
  selectChunkRows,
  type BrokenPart,
  type LeafRow,
  type SealEpoch,
} from "../../db/queries/audit-verify.ts";

/** A row of the audit trail that is not as it was sealed. */
export interface RowProblem {
  readonly kind: "altered" | "removed" | "inserted" | "reordered";
  readonly id: string;
  /** Its time as it was sealed; of an inserted row, the time it claims. */
  readonly at: string;
  /** 0 for a row that no seal covers. */
  readonly sealId: number;
}

/** A part of a month whose rows agree with their leaves, but not with the hash: both were altered. */
export interface PartProblem {
  readonly kind: "part-altered";
  readonly sealId: number;
  readonly month: string;
}

/** So many chunks are looked into row by row; where more are broken the rest is only counted. */
const chunksLookedInto = 20;
/** And so many rows are named: who drops a whole month leaves millions. */
const rowsNamed = 1000;
/** So many suspicious rows are tried in each other's places. */
const rowsTriedOut = 200;

/**
 * Says for the broken parts of a month which rows they are. Leaves remember every sealed row's id, time and the start
 * of its hash; what does not agree with its leaf was altered, a leaf without a row was removed, a row without a leaf
 * inserted, and where a row's content fits another leaf, rows have changed places.
 */
export async function nameTamperedRows(
  tx: Transaction,
  month: string,
  broken: readonly BrokenPart[],
  epochs: readonly SealEpoch[],
): Promise<readonly (RowProblem | PartProblem)[]> {
  const problems: (RowProblem | PartProblem)[] = [];
  const emptyPlaces: (LeafRow & { readonly sealId: number })[] = [];
  const strangers: (LeafRow & { readonly sealId: number })[] = [];
  const chunks = broken.filter((part) => part.block !== null);
  for (const { sealId, block } of chunks.slice(0, chunksLookedInto)) {
    if (problems.length + emptyPlaces.length + strangers.length > rowsNamed) break;
    const rows = await selectChunkRows(tx, sealId, month, block!, epochs);
    if (sealId === 0) {
      problems.push(
        ...rows.filter((row) => row.isStale).map(({ id, at }) => rowProblem("altered", id, at, 0)),
      );
      continue;
    }
    const leaves =
      sealId === impossible ? [] : parseLeaves((await findChunkLeaves(tx, sealId, month, block!)) ?? "");
    const difference = compareLeaves(leaves, rows);
    if (difference.leaves.length + difference.rows.length + difference.stale.length === 0) {
      problems.push({ kind: "part-altered", sealId, month });
    }
    problems.push(...difference.stale.map(({ id, at }) => rowProblem("altered", id, at, sealId)));
    emptyPlaces.push(...difference.leaves.map((leaf) => ({ ...leaf, sealId })));
    strangers.push(...difference.rows.map((row) => ({ ...row, sealId })));
  }
  if (chunks.length === 0) {
    problems.push(...broken.map(({ sealId }): PartProblem => ({ kind: "part-altered", sealId, month })));
  }
  problems.push(...(await explain(tx, emptyPlaces, strangers)));
  return problems.sort(inSealedOrder).slice(0, rowsNamed);
}

type Placed = LeafRow & { readonly sealId: number };

/** Tells moved rows from altered, removed and inserted ones. */
async function explain(
  tx: Transaction,
  emptyPlaces: readonly Placed[],
  strangers: readonly Placed[],
): Promise<readonly RowProblem[]> {
  const moves = await matchRowsToLeaves(
    tx,
    emptyPlaces.slice(0, rowsTriedOut),
    strangers.slice(0, rowsTriedOut),
  );
  const refilled = new Set(moves.map(({ leaf }) => leaf));
  const moved = new Set(moves.map(({ row }) => row));
  const key = ({ id, at, sealId }: Placed) => `${id} ${at} ${String(sealId)}`;
  const newcomers = new Map(strangers.filter((row) => !moved.has(row)).map((row) => [key(row), row]));
  const problems: RowProblem[] = [];
  for (const leaf of emptyPlaces) {
    if (refilled.has(leaf)) problems.push(rowProblem("reordered", leaf.id, leaf.at, leaf.sealId));
    else if (newcomers.delete(key(leaf))) problems.push(rowProblem("altered", leaf.id, leaf.at, leaf.sealId));
    else problems.push(rowProblem("removed", leaf.id, leaf.at, leaf.sealId));
  }
  for (const { id, at, sealId } of newcomers.values()) problems.push(rowProblem("inserted", id, at, sealId));
  return problems;
}

const rowProblem = (kind: RowProblem["kind"], id: string, at: string, sealId: number): RowProblem => ({
  kind,
  id,
  at,
  sealId: Math.max(sealId, 0),
});

const inSealedOrder = (a: RowProblem | PartProblem, b: RowProblem | PartProblem) =>
  (a.sealId || Infinity) - (b.sealId || Infinity) ||
  Number("id" in a ? a.id : 0) - Number("id" in b ? b.id : 0);

/** Leaves without an equal row, rows without an equal leaf, and rows whose own hash is not theirs. */
function compareLeaves(
  leaves: readonly LeafRow[],
  rows: readonly (LeafRow & { readonly isStale: boolean })[],
): {
  readonly leaves: readonly LeafRow[];
  readonly rows: readonly LeafRow[];
  readonly stale: readonly LeafRow[];
} {
  const text = ({ id, at, start }: LeafRow) => `${id} ${at} ${start}`;
  const waiting = new Map(leaves.map((leaf) => [text(leaf), leaf]));
  const strangers: LeafRow[] = [];
  const stale: LeafRow[] = [];
  for (const row of rows) {
    if (!waiting.delete(text(row))) strangers.push(row);
    else if (row.isStale) stale.push(row);
  }
  return { leaves: [...waiting.values()], rows: strangers, stale };
}

const leafDigits = 48;
/** PostgreSQL counts microseconds from here. */
const postgresEpoch = Date.UTC(2000, 0, 1);

/** 24 bytes each: id, microseconds since 2000, the start of the hash. */
export function parseLeaves(hex: string): readonly LeafRow[] {
  const leaves: LeafRow[] = [];
  for (let offset = 0; offset < hex.length; offset += leafDigits) {
    const id = BigInt.asIntN(64, BigInt(`0x${hex.slice(offset, offset + 16)}`));
    const microseconds = BigInt.asIntN(64, BigInt(`0x${hex.slice(offset + 16, offset + 32)}`));
    leaves.push({
      id: String(id),
      at: formatMicroseconds(microseconds),
      start: hex.slice(offset + 32, offset + 48),
    });
  }
  return leaves;
}

function formatMicroseconds(sinceEpoch: bigint): string {
  const fraction = ((sinceEpoch % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = Number((sinceEpoch - fraction) / 1_000_000n);
  const whole = new Date(postgresEpoch + seconds * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(fraction).padStart(6, "0")}Z`;
}
