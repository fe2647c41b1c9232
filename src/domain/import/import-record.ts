import type { Transaction } from "../../db/client.ts";
import {
  insertQuarantine,
  selectRecordsWithoutSource,
  selectSourceRecords,
  type SourceRecordRow,
} from "../../db/queries/imports.ts";
import { insertPatientsBulk, type BulkPatient } from "../../db/queries/patient-bulk-insert.ts";
import { selectSurvivors } from "../../db/queries/search.ts";
import { MpiError } from "../../lib/errors.ts";
import { applyUpdate } from "../patient/apply-update.ts";
import { deleteRecord } from "../patient/delete-patient.ts";
import { listPatientRecords } from "../patient/get-patient-record.ts";
import { asConflict, toInsertSet } from "../patient/insert-patient.ts";
import { findOverlay, type KnownDomains } from "../patient/overlay-guard.ts";
import type { PatientContent, PatientRecord } from "../patient/patient-record.ts";
import { isEmptyPlan, planUpdate, type UpdatePlan } from "../patient/update-plan.ts";

/** What names a record for ever: the source's name and its own id of it. Both or neither are null. */
export interface ImportKey {
  readonly sourceSystem: string | null;
  readonly sourceId: string | null;
  /** The id it has in an index that exported it; a record without a source is known by it alone. */
  readonly kept?: KeptIdentity;
}

/** What a record keeps of the index that it comes from, where it is new here. */
export interface KeptIdentity {
  readonly id: string;
  /** False for one that was merged into another there. */
  readonly active: boolean;
  /** The enterprise id it was born with, and when; null where the export does not tell. */
  readonly enterprise: { readonly id: string; readonly since: string } | null;
}

/** A record as a source delivers it. */
export interface ImportRecord extends ImportKey {
  /** ISO date or time the source received it; null where it does not say. */
  readonly receivedAt: string | null;
  readonly content: PatientContent;
  /** Where it stands in the input, for messages. */
  readonly line: number;
  /** As it came, for the rejects file. */
  readonly raw: string;
}

/** That a source has deleted a record: it is deleted here too, softly. */
export interface ImportDeletion extends ImportKey {
  readonly deleted: true;
  readonly line: number;
  readonly raw: string;
}

export const importOutcomes = [
  "added",
  "updated",
  "unchanged",
  "quarantined",
  "deleted",
  // What a source says of two records, or of nobody that the index keeps.
  "merged",
  "linked",
  "unlinked",
  "skipped",
] as const;
export type ImportOutcome = (typeof importOutcomes)[number];

/** Counts of nothing. */
export const noOutcomes = (): Record<ImportOutcome, number> =>
  Object.fromEntries(importOutcomes.map((outcome) => [outcome, 0])) as Record<ImportOutcome, number>;

export interface Rejected {
  readonly record: ImportRecord | ImportDeletion;
  readonly reason: string;
}

export interface BatchResult {
  readonly counts: Readonly<Record<ImportOutcome, number>>;
  readonly rejected: readonly Rejected[];
}

export type ImportOrigin = "csv" | "fhir" | "hl7";

/** One text for each record that a source, or another index, names. */
export const importKeyOf = ({ sourceSystem, sourceId, kept }: ImportKey): string =>
  sourceSystem === null || sourceId === null ? `\n${kept?.id ?? ""}` : `${sourceSystem}\n${sourceId}`;

/**
 * Stores one batch: new records set-based, known ones by what has changed. No key may be in it twice.
 *
 * @param careful add new records one by one, each under a savepoint, so that one that is refused rejects itself
 *   and not the batch. Used after a batch failed.
 */
export async function importBatch(
  tx: Transaction,
  entries: readonly (ImportRecord | ImportDeletion)[],
  domains: KnownDomains,
  origin: ImportOrigin,
  careful: boolean,
): Promise<BatchResult> {
  const known = await findKnown(tx, entries);
  const records = entries.filter((entry): entry is ImportRecord => !("deleted" in entry));
  const counts = noOutcomes();
  const rejected: Rejected[] = [];

  const fresh = records.filter((record) => !known.has(importKeyOf(record)));
  if (careful) {
    for (const record of fresh) {
      const reason = await refusalOf(() =>
        tx.transaction((inner) => insertPatientsBulk(inner, [toBulkPatient(record)])),
      );
      if (reason === undefined) counts.added += 1;
      else rejected.push({ record, reason });
    }
  } else {
    await insertPatientsBulk(tx, fresh.map(toBulkPatient));
    counts.added = fresh.length;
  }

  const returning = records.flatMap((record) => {
    const row = known.get(importKeyOf(record));
    return row === undefined ? [] : [{ record, row }];
  });
  const targets = await loadTargets(
    tx,
    returning.map(({ row }) => row),
  );
  for (const { record, row } of returning) {
    if (row.deleted) {
      rejected.push({ record, reason: "the record was deleted here; restore it first" });
      continue;
    }
    const target = targets.get(row.id)!;
    let outcome: ImportOutcome = "unchanged";
    const reason = await refusalOf(async () => {
      outcome = await updateOne(tx, record, target, domains, origin);
    });
    if (reason === undefined) counts[outcome] += 1;
    else rejected.push({ record, reason });
  }
  for (const record of entries.filter((entry) => "deleted" in entry)) {
    const row = known.get(importKeyOf(record));
    if (row === undefined || row.deleted) {
      counts.unchanged += 1;
      continue;
    }
    const reason = await refusalOf(() => tx.transaction((inner) => deleteRecord(inner, row.id)));
    if (reason === undefined) counts.deleted += 1;
    else rejected.push({ record, reason });
  }
  return { counts, rejected };
}

/** The records here that entries speak of, by their keys. */
async function findKnown(
  tx: Transaction,
  entries: readonly ImportKey[],
): Promise<ReadonlyMap<string, SourceRecordRow>> {
  const sources: { system: string; id: string }[] = [];
  const ids: string[] = [];
  for (const { sourceSystem, sourceId, kept } of entries) {
    if (sourceSystem !== null && sourceId !== null) sources.push({ system: sourceSystem, id: sourceId });
    else if (kept !== undefined) ids.push(kept.id);
  }
  const rows = await selectSourceRecords(tx, sources);
  const sourceless = ids.length === 0 ? [] : await selectRecordsWithoutSource(tx, ids);
  return new Map([
    ...rows.map((row) => [importKeyOf(row), row] as const),
    ...sourceless.map((row) => [`\n${row.id}`, row] as const),
  ]);
}

const toBulkPatient = ({ sourceSystem, sourceId, kept, receivedAt, content }: ImportRecord): BulkPatient => {
  const source = sourceSystem === null || sourceId === null ? null : { system: sourceSystem, id: sourceId };
  return {
    ...toInsertSet(content, source, {
      receivedAt: receivedAt ?? undefined,
      active: kept?.active ?? true,
      enterpriseId: kept?.enterprise?.id,
      enterpriseSince: kept?.enterprise?.since,
    }),
    id: kept?.id,
  };
};

interface Target {
  readonly record: PatientRecord;
  /** The retired record that the data was sent for, where `record` stands for it (law M14). */
  readonly sentFor: string | null;
}

async function loadTargets(
  tx: Transaction,
  rows: readonly SourceRecordRow[],
): Promise<ReadonlyMap<string, Target>> {
  const survivors = await selectSurvivors(
    tx,
    rows.filter((row) => !row.active).map((row) => row.id),
  );
  const inCharge = (id: string) => survivors.get(id) ?? id;
  const loaded = new Map(
    (await listPatientRecords(tx, [...new Set(rows.map((row) => inCharge(row.id)))])).map((record) => [
      record.id,
      record,
    ]),
  );
  return new Map(
    rows.map((row) => {
      const id = inCharge(row.id);
      return [row.id, { record: loaded.get(id)!, sentFor: id === row.id ? null : row.id }];
    }),
  );
}

async function updateOne(
  tx: Transaction,
  incoming: ImportRecord,
  target: Target,
  domains: KnownDomains,
  origin: ImportOrigin,
): Promise<ImportOutcome> {
  const plan = planUpdate(target.record, incoming.content);
  const applied = target.sentFor === null ? plan : additionsOnly(plan, target.record);
  if (isEmptyPlan(applied)) return "unchanged";
  const overlay = findOverlay(target.record, incoming.content, domains);
  if (overlay.length > 0) {
    const { content, sourceSystem, sourceId } = incoming;
    await insertQuarantine(tx, {
      patientId: target.record.id,
      kind: "overlay",
      payload: { content, sourceSystem, sourceId },
      fields: overlay,
      origin,
    });
    return "quarantined";
  }
  await tx.transaction((inner) => applyUpdate(inner, target.record, applied, target.sentFor));
  return "updated";
}

/** What a retired record's source says adds to the survivor, and takes nothing from it. */
function additionsOnly(plan: UpdatePlan, survivor: PatientRecord): UpdatePlan {
  const keep = <List extends UpdatePlan["names" | "identifiers" | "addresses" | "contacts"]>(
    list: List,
  ): List => ({
    ...list,
    retire: [],
    correct: [],
  });
  return {
    scalars: Object.fromEntries(
      Object.entries(plan.scalars).filter(
        ([field]) => survivor[field as keyof UpdatePlan["scalars"]] === null,
      ),
    ),
    names: keep(plan.names),
    identifiers: keep(plan.identifiers),
    addresses: keep(plan.addresses),
    contacts: keep(plan.contacts),
  };
}

/** Runs `work`; the reason where it was refused by a rule that the data can break. Anything else is thrown on. */
async function refusalOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const refusal = error instanceof MpiError ? error : asConflict(error);
    if (refusal === undefined || (refusal.code !== "conflict" && refusal.code !== "usage")) throw error;
    return refusal.message;
  }
}
