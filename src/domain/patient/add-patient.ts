import type { Database, Transaction } from "../../db/client.ts";
import { insertReadAudit } from "../../db/queries/audit-read.ts";
import { lockRegistration } from "../../db/queries/likely-matches.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import type { ScorePair } from "../decision/pair-scorer.ts";
import { listDomains } from "../identifier/identifier-domain.ts";
import { checkIdentifiers } from "../identifier/named-identifier.ts";
import { linkPatients } from "../link/link-patients.ts";
import type { FindLikelyMatches, LikelyMatch } from "../match/find-likely-matches.ts";
import { checkPatientContent } from "./check-content.ts";
import { getPatientRecord, listPatientRecords } from "./get-patient-record.ts";
import { insertPatient, type RecordSource } from "./insert-patient.ts";
import type { PatientContent, PatientRecord } from "./patient-record.ts";
import { resolveRecord, type RecordReference } from "./resolve-record.ts";

export interface AddRequest {
  readonly content: PatientContent;
  readonly source: RecordSource | null;
  /** Adds whoever is there already. */
  readonly allowDuplicate: boolean;
  /** Likely matches that somebody looked at, and said are others. */
  readonly seen: readonly string[];
  /** Links the new record to this one, as the same person. */
  readonly linkTo: RecordReference | null;
  readonly reason: string | null;
  readonly dryRun: boolean;
}

/** Somebody who may be meant, with the record to look at. */
export interface ShownMatch extends LikelyMatch {
  readonly record: PatientRecord;
}

export type AddResult =
  | { readonly outcome: "added"; readonly record: PatientRecord; readonly matches: readonly ShownMatch[] }
  /** Nothing was written: somebody has to look at these first. */
  | { readonly outcome: "likely-matches"; readonly matches: readonly ShownMatch[] };

/** What else takes part: tests and later models bring their own. */
export interface AddTools {
  readonly findLikelyMatches: FindLikelyMatches;
  readonly scorePair?: ScorePair | undefined;
}

/**
 * Registers a patient, unless somebody who is there already is likely to be the same person. Registrations follow
 * each other, so that two people who add the same patient at the same moment do not miss each other. Whoever is shown
 * as a likely match is written to the audit trail.
 *
 * @throws {MpiError} `usage` for content that cannot be stored, `conflict` where an identifier or source id is taken,
 *   or the record to link to cannot be linked.
 */
export async function addPatient(
  db: Database,
  audit: AuditContext,
  request: AddRequest,
  tools: AddTools,
): Promise<AddResult> {
  const { dryRun } = request;
  if (request.content.names.length === 0) {
    throw new MpiError("usage", "A patient has a family or a given name.", { details: { field: "names" } });
  }
  const register = async (tx: Transaction, matches: readonly ShownMatch[]): Promise<AddResult> => {
    const id = await insertPatient(tx, request.content, request.source);
    if (request.linkTo !== null) {
      const target = await resolveRecord(tx, request.linkTo);
      await linkPatients(tx, { a: id, b: target, reason: request.reason }, tools.scorePair);
    }
    return { outcome: "added", record: await getPatientRecord(tx, id), matches };
  };
  const look = async (tx: Transaction): Promise<readonly ShownMatch[]> => {
    await requireStorable(tx, request.content);
    return listMatches(tx, request.content, tools.findLikelyMatches);
  };
  const mustLook = (matches: readonly ShownMatch[]) =>
    !request.allowDuplicate &&
    request.linkTo === null &&
    matches.some((match) => match.isAboveReviewLine && !request.seen.includes(match.id));

  if (dryRun) {
    // What is shown was read, also where nothing is written.
    const matches = await withTransaction(db, audit, look, { parallelism: "none" });
    if (mustLook(matches)) return { outcome: "likely-matches", matches };
    return withTransaction(db, audit, (tx) => register(tx, matches), { dryRun });
  }
  const lookAndRegister = async (tx: Transaction): Promise<AddResult> => {
    await lockRegistration(tx);
    const matches = await look(tx);
    return mustLook(matches) ? { outcome: "likely-matches", matches } : register(tx, matches);
  };
  return withTransaction(db, audit, lookAndRegister, { parallelism: "none" });
}

async function requireStorable(tx: Transaction, content: PatientContent): Promise<void> {
  const problems = [
    ...checkPatientContent(content),
    ...checkIdentifiers(content.identifiers, await listDomains(tx)),
  ];
  if (problems.length === 0) return;
  throw new MpiError(
    "usage",
    `The record cannot be stored: ${problems.map((each) => `${each.field} ${each.reason}`).join("; ")}.`,
    { details: { problems } },
  );
}

async function listMatches(
  tx: Transaction,
  content: PatientContent,
  find: FindLikelyMatches,
): Promise<readonly ShownMatch[]> {
  const matches = await find(tx, content);
  const ids = matches.map((match) => match.id);
  const records = new Map((await listPatientRecords(tx, ids)).map((record) => [record.id, record]));
  if (ids.length > 0) {
    await insertReadAudit(tx, {
      action: "SEARCH",
      entityType: "patient",
      entityIds: ids,
      details: { fields: ["likely-matches"] },
    });
  }
  return matches.map((match) => ({ ...match, record: records.get(match.id)! }));
}
