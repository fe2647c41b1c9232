import type { Transaction } from "../../db/client.ts";
import { findEnterpriseIdAsOf, selectWayToInCharge, type InChargeStep } from "../../db/queries/in-charge.ts";
import { findPatientRow } from "../../db/queries/patient-records.ts";
import { MpiError } from "../../lib/errors.ts";
import { parsePartialDate } from "../patient/partial-date.ts";

export interface InCharge {
  /** The record that was asked about. */
  readonly record: string;
  /** The one to use instead of it; itself where it is not retired. */
  readonly inCharge: string;
  /** How one led to the other, step by step. */
  readonly path: readonly InChargeStep[];
  /** The person of the record in charge; null where the audit trail does not reach back to the moment. */
  readonly enterpriseId: string | null;
  /** The moment asked about; null is now. */
  readonly asOf: string | null;
}

/**
 * The record in charge of another, now or at a moment, and the way there with who did each step and why (law M13).
 *
 * @param asOf see parseMoment.
 * @throws {MpiError} `not-found` where the record does not exist, or did not then.
 */
export async function resolveInCharge(
  tx: Transaction,
  record: string,
  asOf: string | null = null,
): Promise<InCharge> {
  const path = await selectWayToInCharge(tx, record, asOf);
  const inCharge = path.at(-1)?.to ?? record;
  if (asOf === null) {
    const row = await findPatientRow(tx, inCharge);
    if (row === undefined) throw new MpiError("not-found", `There is no patient record ${record}.`);
    return { record, inCharge, path, enterpriseId: row.enterpriseId, asOf };
  }
  if (!(await findEnterpriseIdAsOf(tx, record, asOf)).existed) {
    throw new MpiError("not-found", `Record ${record} was not there yet at that time.`);
  }
  const { enterpriseId } = await findEnterpriseIdAsOf(tx, inCharge, asOf);
  return { record, inCharge, path, enterpriseId, asOf };
}

/**
 * A moment from a date, which means its end in UTC, or from an ISO 8601 time with its zone.
 *
 * @throws {MpiError} `usage`
 */
export function parseMoment(text: string): string {
  const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})$/.test(text);
  if (moment && !Number.isNaN(Date.parse(text))) return text;
  const date = parsePartialDate(text);
  if (date?.precision === "day") return `${date.date} 23:59:59.999999+00`;
  throw new MpiError(
    "usage",
    "A moment is a date (2026-03-31) or a time with its zone (2026-03-31T14:05:00Z).",
  );
}
