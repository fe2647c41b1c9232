import type { Database, Transaction } from "../../db/client.ts";
import {
  detachSource,
  findQuarantine,
  lockQuarantine,
  settleQuarantine,
} from "../../db/queries/quarantine.ts";
import type { PatientQuarantineRow } from "../../db/rows.ts";
import { withTransaction, type TransactionOptions } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { withAuditedRead, type ReadContext } from "../audit/record-read.ts";
import { createPairScorer } from "../decision/calibrated-scorer.ts";
import { decideDifferent } from "../decision/decide-different.ts";
import { decideSame } from "../decision/decide-same.ts";
import { refreshBasis } from "../decision/refresh-basis.ts";
import { mergePatients } from "../merge/merge-patients.ts";
import { applyUpdate } from "../patient/apply-update.ts";
import { getPatientRecord } from "../patient/get-patient-record.ts";
import { insertPatient, type RecordSource } from "../patient/insert-patient.ts";
import type { PatientContent, PatientRecord } from "../patient/patient-record.ts";
import { planUpdate } from "../patient/update-plan.ts";
import { lockPersons } from "../person/lock-persons.ts";
import { requireUsable } from "../person/require-usable.ts";

/** What an overlay's payload is, as edit and import wrote it. */
interface OverlayPayload {
  readonly content: PatientContent;
  readonly sourceSystem: string | null;
  readonly sourceId: string | null;
}

/** What the payload of a merge or link is that went against a decision. */
interface RefusedPayload {
  readonly source: string;
  readonly other: string;
  readonly linkType: "replaced-by" | "replaces" | "refer" | "seealso";
}

/** Data in quarantine beside the record that it was sent for. */
export interface OverlayView {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly origin: string;
  readonly fields: readonly string[];
  readonly since: string;
  readonly record: PatientRecord;
  /** What an update said; null for a merge or link. */
  readonly incoming: PatientContent | null;
  /** The other record of a merge or link; null for an update. */
  readonly other: PatientRecord | null;
}

/** @throws {MpiError} `not-found` */
export const showOverlay = (db: Database, context: ReadContext, id: string): Promise<OverlayView> =>
  withAuditedRead(db, context, { action: "READ" }, async (tx) => {
    const row = await findQuarantine(tx, id);
    if (row === undefined) throw new MpiError("not-found", `There is no entry ${id}.`);
    const other = row.kind === "overlay" ? null : await getPatientRecord(tx, refusedOf(row).other);
    const result = {
      id,
      kind: row.kind,
      state: row.state,
      origin: row.origin,
      fields: row.fields,
      since: row.createdAt,
      record: await getPatientRecord(tx, row.patientId),
      incoming: row.kind === "overlay" ? payloadOf(row).content : null,
      other,
    };
    return { result, ids: other === null ? [row.patientId] : [row.patientId, other.id] };
  });

/** What was sent, in the form of a record, to be compared with the one it was sent for. */
export function toIncomingRecord(record: PatientRecord, incoming: PatientContent): PatientRecord {
  const stored = <Row extends object>(rows: readonly Row[]) =>
    rows.map((row, place) => ({ ...row, id: `sent-${String(place)}`, originPatientId: null, mergeId: null }));
  return {
    ...record,
    ...incoming,
    sourceSystem: null,
    sourceId: null,
    names: stored(incoming.names),
    identifiers: stored(incoming.identifiers),
    addresses: stored(incoming.addresses),
    contacts: stored(incoming.contacts),
  };
}

// Written by insertQuarantine only.
const payloadOf = (row: PatientQuarantineRow): OverlayPayload => row.payload as OverlayPayload;
const refusedOf = (row: PatientQuarantineRow): RefusedPayload => row.payload as RefusedPayload;

export const overlayVerdicts = ["apply", "reject", "split"] as const;
export type OverlayVerdict = (typeof overlayVerdicts)[number];

export interface OverlayResult {
  readonly id: string;
  readonly verdict: OverlayVerdict;
  readonly record: string;
  /** The record that split made. */
  readonly newRecord: string | null;
}

/**
 * Settles data in quarantine. `apply`: it is the same patient after all, and the record is updated; a merge or link is
 * made, over the decision against it, which is closed. `reject`: it is wrong, and goes nowhere. `split`: it is another person's; it becomes a record of its own, which is remembered as
 * different and takes the source's id along, so that later data of that source reaches the right one.
 *
 * @throws {MpiError} `not-found`; `conflict` where it was settled before, or its record is retired or deleted.
 */
export const settleOverlay = (
  db: Database,
  context: ReadContext,
  id: string,
  decision: { readonly verdict: OverlayVerdict; readonly reason: string },
  options: Pick<TransactionOptions, "dryRun"> = {},
): Promise<OverlayResult> =>
  withTransaction(db, context, (tx) => settle(tx, id, decision.verdict, decision.reason), options);

async function settle(
  tx: Transaction,
  id: string,
  verdict: OverlayVerdict,
  reason: string,
): Promise<OverlayResult> {
  const named = await findQuarantine(tx, id);
  if (named === undefined) throw new MpiError("not-found", `There is no entry ${id}.`);
  // Both persons at once, as everywhere, so that nobody waits in a circle.
  const persons = await lockPersons(
    tx,
    named.kind === "overlay" ? [named.patientId] : [named.patientId, refusedOf(named).other],
  );
  const row = (await lockQuarantine(tx, id))!;
  if (row.state !== "pending") {
    throw new MpiError("conflict", `That entry was settled already (${row.state}).`, {
      details: { reason: "already-settled", state: row.state },
    });
  }
  if (row.kind !== "overlay" && verdict === "split") {
    throw new MpiError(
      "conflict",
      `A ${row.kind} that was refused is applied or rejected; it has no data to split.`,
    );
  }
  const record = row.patientId;
  let newRecord: string | null = null;
  if (verdict !== "reject") requireUsable(persons, record);
  if (verdict === "apply") {
    if (row.kind === "overlay") await applyOverlay(tx, record, payloadOf(row));
    else await applyRefused(tx, row, reason);
  }
  if (verdict === "split") newRecord = await splitOverlay(tx, record, payloadOf(row), reason);
  await settleQuarantine(
    tx,
    id,
    verdict === "apply" ? "applied" : verdict === "reject" ? "rejected" : "split",
    reason,
  );
  return { id, verdict, record, newRecord };
}

async function applyOverlay(tx: Transaction, id: string, { content }: OverlayPayload): Promise<void> {
  const record = await getPatientRecord(tx, id);
  await applyUpdate(tx, record, planUpdate(record, content));
  await refreshBasis(tx, [id]);
}

/** Does what a source asked for and a decision forbade: by a steward's word, which overrides that decision. */
async function applyRefused(tx: Transaction, row: PatientQuarantineRow, reason: string): Promise<void> {
  const { source, other, linkType } = refusedOf(row);
  if (row.kind === "merge") {
    await mergePatients(tx, { sources: [source], survivor: other, reason, override: true });
    return;
  }
  if (row.kind !== "link") {
    throw new MpiError("conflict", `A ${row.kind} that was refused can only be rejected here.`);
  }
  const type = linkType === "refer" ? "refer" : "seealso";
  await decideSame(
    tx,
    { a: source, b: other, linkType: type, reason, origin: "review", override: true },
    createPairScorer(),
  );
}

async function splitOverlay(
  tx: Transaction,
  id: string,
  { content, sourceSystem, sourceId }: OverlayPayload,
  reason: string,
): Promise<string> {
  const source: RecordSource | null =
    sourceSystem === null || sourceId === null ? null : { system: sourceSystem, id: sourceId };
  if (source !== null) await detachSource(tx, id);
  const newRecord = await insertPatient(tx, content, source);
  await decideDifferent(
    tx,
    { a: id, b: newRecord, origin: "review", reason, thirds: "refuse" },
    createPairScorer(),
  );
  return newRecord;
}
