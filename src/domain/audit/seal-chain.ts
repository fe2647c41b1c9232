import { createHash } from "node:crypto";
import type { SealMonthRow, SealRow } from "../../db/queries/audit-seals.ts";

/** One link of the chain with what it says about each month: all that its head is computed from. */
export interface Seal extends SealRow {
  readonly months: readonly SealMonthRow[];
}

/** Something about the chain itself that is not as it was written. */
export interface ChainProblem {
  readonly kind: "seal-altered" | "seal-removed" | "head-differs";
  readonly sealId: number;
}

/** What comes before the first seal. */
export const firstPreviousHead = "00".repeat(32);

export function joinSeals(seals: readonly SealRow[], months: readonly SealMonthRow[]): readonly Seal[] {
  const bySeal = new Map<number, SealMonthRow[]>();
  for (const month of months) {
    const known = bySeal.get(month.sealId);
    if (known === undefined) bySeal.set(month.sealId, [month]);
    else known.push(month);
  }
  return seals.map((seal) => ({ ...seal, months: bySeal.get(seal.id) ?? [] }));
}

/**
 * The text a head is the SHA-256 of: the twin of what mpi_audit_write_seal() puts together. One JSON object on one
 * line, so that anybody can compute it again.
 */
export function sealText(seal: Seal): string {
  const months = seal.months.map(
    (month) =>
      `{"month": "${month.month}", "row_count": ${month.rowCount}, "first_id": ${month.firstId}, "last_id": ${month.lastId}, ` +
      `"first_at": "${month.firstAt}", "last_at": "${month.lastAt}", "hash": "${month.hash}"}`,
  );
  return (
    `{"seal": ${String(seal.id)}, "sealed_at": "${seal.sealedAt}", "sealed_by": ${JSON.stringify(seal.sealedBy)}, ` +
    `"epoch": ${JSON.stringify(seal.epoch)}, "floor_id": ${seal.floorId}, "ceiling_id": ${seal.ceilingId ?? "null"}, ` +
    `"lower_xid": "${seal.lowerXid}", "upper_xid": "${seal.upperXid}", "next_xid": "${seal.nextXid}", ` +
    `"position": ${seal.position}, "max_id": ${seal.maxId}, "row_count": ${seal.rowCount}, ` +
    `"months": [${months.join(", ")}], "previous_head": "${seal.previousHead}"}`
  );
}

export const sealHead = (seal: Seal): string => createHash("sha256").update(sealText(seal)).digest("hex");

/**
 * Goes along the chain: every head is the hash of what its seal says, every seal names the head before it, none is
 * missing, and the transactions of one begin where those of the one before ended.
 */
export function checkChain(seals: readonly Seal[]): readonly ChainProblem[] {
  const problems: ChainProblem[] = [];
  let previous: Seal | undefined;
  for (const seal of seals) {
    const expectedId = (previous?.id ?? 0) + 1;
    for (let id = expectedId; id < seal.id; id += 1) problems.push({ kind: "seal-removed", sealId: id });
    const follows =
      seal.id !== expectedId ||
      seal.previousHead === (previous === undefined ? firstPreviousHead : previous.head);
    if (!follows || sealHead(seal) !== seal.head || !adjoins(seal, previous)) {
      problems.push({ kind: "seal-altered", sealId: seal.id });
    }
    previous = seal;
  }
  return problems;
}

/** Between them no transaction is left out and none is covered twice. */
function adjoins(seal: Seal, previous: Seal | undefined): boolean {
  if (previous === undefined || previous.ceilingId !== null) {
    return seal.lowerXid === "0" && seal.floorId === (previous?.ceilingId ?? "0");
  }
  return (
    seal.epoch === previous.epoch && seal.floorId === previous.floorId && seal.lowerXid === previous.upperXid
  );
}
