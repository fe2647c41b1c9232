import type { Database, Transaction } from "../../db/client.ts";
import { violatesUnique } from "../../db/errors.ts";
import { insertQuarantine } from "../../db/queries/imports.ts";
import { insertReadAudit } from "../../db/queries/audit-read.ts";
import { editPatientRows, type PatientEdits } from "../../db/queries/patient-edits.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { refreshBasis } from "../decision/refresh-basis.ts";
import { listDomains, type IdentifierDomain } from "../identifier/identifier-domain.ts";
import { checkIdentifiers } from "../identifier/named-identifier.ts";
import { checkPatientContent } from "./check-content.ts";
import type { EditedContent } from "./content-document.ts";
import {
  isEmptyEdit,
  listDifferences,
  planEdit,
  toEditedContent,
  type EditPlan,
  type FieldDifference,
} from "./edit-plan.ts";
import { getPatientRecord } from "./get-patient-record.ts";
import { asConflict } from "./insert-patient.ts";
import { lockUsableRecords } from "./lock-usable.ts";
import { findOverlay, type KnownDomains } from "./overlay-guard.ts";
import type { PatientContent, PatientRecord } from "./patient-record.ts";
import { resolveRecord, type RecordReference } from "./resolve-record.ts";

export interface EditRequest {
  readonly record: RecordReference;
  /** What the record is to say, given what it says. */
  readonly change: (now: EditedContent, domains: readonly IdentifierDomain[]) => EditedContent;
  /** The version that the change was made from; null takes the record as it is. */
  readonly version: number | null;
  readonly dryRun: boolean;
}

export type EditResult =
  | {
      readonly outcome: "saved";
      readonly record: PatientRecord;
      readonly differences: readonly FieldDifference[];
    }
  | { readonly outcome: "unchanged"; readonly record: PatientRecord }
  /** Somebody else saved meanwhile; nothing was written. */
  | {
      readonly outcome: "stale";
      readonly record: PatientRecord;
      /** From the record as it is now to what was wanted. */
      readonly differences: readonly FieldDifference[];
    }
  /** It looks like another person's data: kept for review, not applied. */
  | {
      readonly outcome: "quarantined";
      readonly record: PatientRecord;
      readonly fields: readonly string[];
      readonly differences: readonly FieldDifference[];
    };

/**
 * Changes a record, unless it changed meanwhile, or the change would turn it into another person (semantics, section
 * 8): that is kept for review. What the caller is shown of the record is written to the audit trail.
 *
 * @throws {MpiError} `usage` for content that cannot be stored, `conflict` for a record that is deleted or retired,
 *   or an identifier that is taken.
 */
export function editPatient(db: Database, audit: AuditContext, request: EditRequest): Promise<EditResult> {
  return withTransaction(
    db,
    audit,
    async (tx): Promise<EditResult> => {
      const id = await resolveRecord(tx, request.record);
      const [record] = await lockUsableRecords(tx, [id]);
      const before = toEditedContent(record!);
      const domains = await listDomains(tx);
      const wanted = request.change(before, domains);
      const differences = listDifferences(before, wanted);
      if (request.version !== null && request.version !== record!.version) {
        await insertReadAudit(tx, { action: "READ", entityType: "patient", entityIds: [id] });
        return { outcome: "stale", record: record!, differences };
      }
      const plan = planEdit(record!, wanted);
      if (isEmptyEdit(plan)) return { outcome: "unchanged", record: record! };
      requireStorable(wanted, plan, domains);

      const fields = findOverlay(record!, toStatement(plan, wanted), toKnownDomains(domains));
      if (fields.length > 0) {
        const payload = { content: wanted, sourceSystem: null, sourceId: null };
        await insertQuarantine(tx, { patientId: id, kind: "overlay", payload, fields, origin: "edit" });
        return { outcome: "quarantined", record: record!, fields, differences };
      }
      await write(tx, id, plan);
      await refreshBasis(tx, [id]);
      return { outcome: "saved", record: await getPatientRecord(tx, id), differences };
    },
    { dryRun: request.dryRun },
  );
}

/** A record to edit elsewhere, as it is now; that it was read is written down. */
export function readForEdit(
  db: Database,
  audit: AuditContext,
  reference: RecordReference,
): Promise<PatientRecord> {
  return withTransaction(db, audit, async (tx) => {
    const id = await resolveRecord(tx, reference);
    await insertReadAudit(tx, { action: "READ", entityType: "patient", entityIds: [id] });
    return getPatientRecord(tx, id);
  });
}

const toKnownDomains = (domains: readonly IdentifierDomain[]): KnownDomains => ({
  authoritative: new Set(domains.filter((each) => each.isAuthoritative).map((each) => each.system)),
  singleValued: new Set(domains.filter((each) => each.isSingleValued).map((each) => each.system)),
});

const formerUses: ReadonlySet<string | null> = new Set(["old", "maiden", "nickname", "anonymous", "temp"]);

/**
 * What the edit itself says of the person: names that it gives, not those it leaves alone, which would always agree;
 * and likewise identifiers, as one that was there before does not vouch for what is new.
 */
function toStatement(plan: EditPlan, wanted: EditedContent): PatientContent {
  const given = [...plan.names.insert, ...plan.names.update.map(({ row }) => row)].filter(
    (name) => !formerUses.has(name.use),
  );
  return {
    ...wanted,
    names: given.length > 0 ? given : wanted.names,
    identifiers: [...plan.identifiers.insert, ...plan.identifiers.update.map(({ row }) => row)],
  };
}

function requireStorable(wanted: EditedContent, plan: EditPlan, domains: readonly IdentifierDomain[]): void {
  const given = new Set([...plan.identifiers.insert, ...plan.identifiers.update.map(({ row }) => row)]);
  const problems = [
    ...(wanted.names.length === 0 ? [{ field: "names", reason: "would be empty" }] : []),
    ...checkPatientContent(wanted),
    // What was there before is not this edit's to mend.
    ...checkIdentifiers(
      wanted.identifiers.map((each) => (given.has(each) ? each : { ...each, use: "old" as const })),
      domains,
    ),
  ];
  if (problems.length === 0) return;
  throw new MpiError(
    "usage",
    `The record cannot be stored: ${problems.map((each) => `${each.field} ${each.reason}`).join("; ")}.`,
    { details: { problems } },
  );
}

async function write(tx: Transaction, patientId: string, plan: EditPlan): Promise<void> {
  try {
    await editPatientRows(tx, patientId, toEdits(patientId, plan));
  } catch (error) {
    if (violatesUnique(error, "patient_identifiers_patient_system_value_key")) {
      throw new MpiError("usage", "The record would carry the same identifier twice.");
    }
    throw asConflict(error) ?? error;
  }
}

function toEdits(patientId: string, plan: EditPlan): PatientEdits {
  const { birthDate, deceasedAt, ...same } = plan.scalars;
  const toRows = <Row extends { readonly id: string | null }, Columns extends object>(
    list: {
      readonly insert: readonly Row[];
      readonly update: readonly { id: string; row: Row }[];
      readonly remove: readonly string[];
    },
    columns: (row: Row) => Columns,
  ) => ({
    remove: list.remove,
    update: list.update.map(({ id, row }) => ({ id, set: columns(row) })),
    insert: list.insert.map((row) => ({ patientId, ...columns(row) })),
  });
  return {
    patient: {
      ...same,
      ...(birthDate === undefined
        ? {}
        : { birthDate: birthDate?.date ?? null, birthDatePrecision: birthDate?.precision ?? "day" }),
      ...(deceasedAt === undefined ? {} : { deceasedDatetime: deceasedAt }),
    },
    names: toRows(plan.names, (row) => ({
      family: row.family,
      given: [...row.given],
      prefix: [...row.prefix],
      suffix: [...row.suffix],
      useType: row.use,
      isPrimary: row.isPrimary,
    })),
    identifiers: toRows(plan.identifiers, (row) => ({
      type: row.type,
      system: row.system,
      value: row.value,
      assigner: row.assigner,
      useType: row.use,
    })),
    addresses: toRows(plan.addresses, (row) => ({
      line1: row.line1,
      line2: row.line2,
      city: row.city,
      state: row.state,
      postalCode: row.postalCode,
      country: row.country,
      useType: row.use,
      isPrimary: row.isPrimary,
    })),
    contacts: toRows(plan.contacts, (row) => ({
      system: row.system,
      value: row.value,
      useType: row.use,
      isPrimary: row.isPrimary,
    })),
  };
}
