import type { Database } from "../../db/client.ts";
import { withAuditedRead, type ReadContext } from "../audit/record-read.ts";
import { resolveRecord, type RecordReference } from "../patient/resolve-record.ts";
import { parseMoment, resolveInCharge, type InCharge } from "./resolve-in-charge.ts";

export interface InChargeQuestion {
  readonly reference: RecordReference;
  /** See parseMoment. */
  readonly asOf?: string | undefined;
  /** False answers about the record itself: its own person, and no way. */
  readonly follow: boolean;
}

/** Who is in charge of the record that a reference names; that it was asked is written down. */
export function findInChargeOf(
  db: Database,
  context: ReadContext,
  { reference, asOf, follow }: InChargeQuestion,
): Promise<InCharge> {
  const moment = asOf === undefined ? null : parseMoment(asOf);
  return withAuditedRead(db, context, { action: "READ" }, async (tx) => {
    const record = await resolveRecord(tx, reference);
    const answer = await resolveInCharge(tx, record, moment);
    const result = follow ? answer : { ...answer, path: [] };
    return { result, ids: [...new Set([record, ...result.path.map((step) => step.to)])] };
  });
}
