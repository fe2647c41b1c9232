import type { Database, Transaction } from "../../db/client.ts";
import { violatesUnique } from "../../db/errors.ts";
import {
  insertIdentifier,
  moveIdentifierRow,
  selectIdentifierIds,
  updateIdentifier,
} from "../../db/queries/identifiers.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { refreshBasis } from "../decision/refresh-basis.ts";
import { textProblem } from "../patient/check-content.ts";
import { getPatientRecord } from "../patient/get-patient-record.ts";
import { asConflict } from "../patient/insert-patient.ts";
import { lockUsableRecords } from "../patient/lock-usable.ts";
import type { IdentifierUse, PatientRecord } from "../patient/patient-record.ts";
import { resolveRecord, type RecordReference } from "../patient/resolve-record.ts";
import { identifierProblem, listDomains } from "./identifier-domain.ts";
import { resolveNamedIdentifier, type NamedIdentifier } from "./named-identifier.ts";

/** Which identifier of a record is meant: by its value alone, or with its domain's code or system. */
export type IdentifierReference = NamedIdentifier | { readonly value: string };

interface Options {
  readonly dryRun: boolean;
}

/**
 * Gives a record another identifier.
 *
 * @returns the record as it is then.
 * @throws {MpiError} `usage` for a value that is none of its domain's, `conflict` where the record or, in a unique
 *   domain, another one carries it already.
 */
export function addIdentifier(
  db: Database,
  audit: AuditContext,
  record: RecordReference,
  added: {
    readonly identifier: NamedIdentifier;
    readonly use: IdentifierUse | null;
    readonly assigner: string | null;
  },
  { dryRun }: Options,
): Promise<PatientRecord> {
  return withTransaction(
    db,
    audit,
    async (tx) => {
      const id = await resolveRecord(tx, record);
      const [target] = await lockUsableRecords(tx, [id]);
      const domains = await listDomains(tx);
      const identifier = resolveNamedIdentifier(added.identifier, domains);
      const domain = domains.find((each) => each.system === identifier.system);
      const problem =
        textProblem(identifier.value, 255) ??
        textProblem(identifier.system, 255) ??
        (added.assigner === null ? undefined : textProblem(added.assigner, 255)) ??
        (domain === undefined ? undefined : identifierProblem(domain, identifier.value));
      if (problem !== undefined) throw new MpiError("usage", `The identifier's value ${problem}.`);
      const known = await selectIdentifierIds(tx, id, identifier.value, identifier.system);
      if (known.length > 0) {
        throw new MpiError("conflict", `Record ${target!.id} carries that identifier already.`, {
          details: { reason: "already-there", record: id },
        });
      }
      await refusingTaken(() =>
        insertIdentifier(tx, {
          patientId: id,
          type: identifier.type,
          system: identifier.system,
          value: identifier.value,
          assigner: added.assigner,
          useType: added.use,
        }),
      );
      await refreshBasis(tx, [id]);
      return getPatientRecord(tx, id);
    },
    { dryRun },
  );
}

/**
 * Marks an identifier as no longer in use. It stays on the record, and in a unique domain it is free for another.
 *
 * @throws {MpiError} `not-found`, `usage` where several fit, `conflict` where it is retired already.
 */
export function retireIdentifier(
  db: Database,
  audit: AuditContext,
  record: RecordReference,
  identifier: IdentifierReference,
  { dryRun }: Options,
): Promise<PatientRecord> {
  return withTransaction(
    db,
    audit,
    async (tx) => {
      const id = await resolveRecord(tx, record);
      const [source] = await lockUsableRecords(tx, [id]);
      const rowId = await findIdentifierOf(tx, source!, identifier);
      if (source!.identifiers.find((each) => each.id === rowId)?.use === "old") {
        throw new MpiError("conflict", "That identifier is retired already.", {
          details: { reason: "already-retired", record: id },
        });
      }
      await updateIdentifier(tx, rowId, { useType: "old" });
      await refreshBasis(tx, [id]);
      return getPatientRecord(tx, id);
    },
    { dryRun },
  );
}

export interface MovedIdentifier {
  readonly from: PatientRecord;
  readonly to: PatientRecord;
}

/**
 * Moves an identifier that was given to the wrong record to the right one; its row keeps its id.
 *
 * @throws {MpiError} as retireIdentifier, and `conflict` where the other record carries it already.
 */
export function moveIdentifier(
  db: Database,
  audit: AuditContext,
  move: {
    readonly from: RecordReference;
    readonly to: RecordReference;
    readonly identifier: IdentifierReference;
  },
  { dryRun }: Options,
): Promise<MovedIdentifier> {
  return withTransaction(
    db,
    audit,
    async (tx) => {
      const fromId = await resolveRecord(tx, move.from);
      const toId = await resolveRecord(tx, move.to);
      if (fromId === toId) throw new MpiError("usage", "Both name the same record.");
      const [from] = await lockUsableRecords(tx, [fromId, toId]);
      const rowId = await findIdentifierOf(tx, from!, move.identifier);
      await refusingTaken(() => moveIdentifierRow(tx, rowId, toId));
      await refreshBasis(tx, [fromId, toId]);
      return { from: await getPatientRecord(tx, fromId), to: await getPatientRecord(tx, toId) };
    },
    { dryRun },
  );
}

async function findIdentifierOf(
  tx: Transaction,
  record: PatientRecord,
  reference: IdentifierReference,
): Promise<string> {
  const problem = textProblem(reference.value, 255);
  if (problem !== undefined) throw new MpiError("usage", `The identifier's value ${problem}.`);
  const system =
    "code" in reference || "system" in reference
      ? resolveNamedIdentifier(reference, await listDomains(tx)).system
      : null;
  const ids = await selectIdentifierIds(tx, record.id, reference.value, system);
  const [id] = ids;
  if (id === undefined) {
    throw new MpiError("not-found", `Record ${record.id} carries no such identifier.`, {
      hint: '"mpi identifier list" shows those it has.',
    });
  }
  if (ids.length > 1) {
    throw new MpiError("usage", "That record carries this value more than once; name it CODE=VALUE.");
  }
  return id;
}

async function refusingTaken(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (violatesUnique(error, "patient_identifiers_patient_system_value_key")) {
      throw new MpiError("conflict", "The other record carries that identifier already.", {
        details: { reason: "already-there" },
      });
    }
    throw asConflict(error) ?? error;
  }
}
