import type { Database } from "../../../db/client.ts";
import { analyzeLinkTables } from "../../../db/queries/imports.ts";
import { withTransaction, type AuditContext } from "../../../db/transaction.ts";
import { MpiError } from "../../../lib/errors.ts";
import type { ScorePair } from "../../decision/pair-scorer.ts";
import { setParent } from "../../organization/import-organization.ts";
import { applyUpdate } from "../../patient/apply-update.ts";
import { getPatientRecord } from "../../patient/get-patient-record.ts";
import type { ImportKey } from "../import-record.ts";
import { settleLink, type LinkOutcome, type SourceLink } from "../settle-link.ts";
import { findOrganizationTarget, findPatientTarget } from "./find-target.ts";
import type { ReferenceTarget } from "./identity.ts";
import { organizationKeyOf, type FhirFileImport, type WaitingReferences } from "./import-file.ts";

export type LinkCounts = Readonly<Record<LinkOutcome | "rejected", number>>;

/** Plans that were made for an empty table read all of it when it is full. */
const firstAnalyze = 100;

interface Settling {
  readonly db: Database;
  readonly audit: AuditContext;
  readonly file: FhirFileImport;
  readonly scorePair: ScorePair;
  readonly signal: AbortSignal;
}

/**
 * Does what had to wait until every record was in: managing organizations, links, and last the merges, because a
 * record that was merged away can no longer be linked.
 */
export async function settleReferences(settling: Settling): Promise<LinkCounts> {
  const counts = { linked: 0, merged: 0, unchanged: 0, quarantined: 0, rejected: 0 };
  const { file, signal } = settling;
  if (file.waiting.isEmpty) return counts;
  await file.run.refreshStatistics();
  const go = () => {
    if (signal.aborted)
      throw new MpiError("cancelled", "Stopped; the records are imported, some links are not.");
  };
  let analyzeAt = firstAnalyze;
  const settle = async (waiting: WaitingReferences, link: WaitingLink) => {
    const outcome = await settleOne(settling, waiting, link);
    if (outcome === undefined) return;
    if (counts.linked + counts.merged >= analyzeAt) {
      analyzeAt *= 4;
      await analyzeLinkTables(settling.db);
    }
    counts[typeof outcome === "string" ? outcome : "rejected"] += 1;
    if (typeof outcome === "string") return;
    await file.run.reject([{ line: waiting.place, raw: waiting.raw, reason: outcome.reason }]);
    file.run.checkRejects();
  };

  for await (const waiting of file.waiting.items()) {
    go();
    if (waiting.organization !== null) await settleOrganization(settling, waiting, waiting.organization);
    for (const link of waiting.links) if (!isMerge(link)) await settle(waiting, link);
  }
  const later: (readonly [WaitingReferences, WaitingLink])[] = [];
  const has = ({ links }: WaitingReferences, type: WaitingLink["type"]) =>
    links.some((each) => each.type === type);
  for await (const waiting of file.waiting.items()) {
    go();
    for (const link of waiting.links.filter(({ type }) => type === "replaced-by")) {
      // Who was merged away and is a survivor as well has to be the survivor first.
      if (has(waiting, "replaces")) later.push([waiting, link]);
      else await settle(waiting, link);
    }
  }
  for (const [waiting, link] of await inOrder(settling, later)) {
    go();
    for (const before of waiting.links) if (before.type === "replaces") await settle(waiting, before);
    await settle(waiting, link);
  }
  // What is left is said by survivors alone.
  for await (const waiting of file.waiting.items()) {
    go();
    if (has(waiting, "replaced-by")) continue;
    for (const link of waiting.links) if (link.type === "replaces") await settle(waiting, link);
  }
  return counts;
}

type WaitingLink = WaitingReferences["links"][number];

const isMerge = (link: WaitingLink): boolean => link.type === "replaced-by" || link.type === "replaces";

const ownTargets = ({ sourceSystem, sourceId, kept }: ImportKey): readonly ReferenceTarget[] =>
  sourceSystem === null || sourceId === null
    ? [{ by: "id", id: kept?.id ?? "" }]
    : [{ by: "source", system: sourceSystem, id: sourceId }];

/** Chains of merges from their beginnings: each record's survivor after the record itself. */
async function inOrder(
  { db }: Settling,
  later: readonly (readonly [WaitingReferences, WaitingLink])[],
): Promise<readonly (readonly [WaitingReferences, WaitingLink])[]> {
  const next = new Map<string, string>();
  const keyed: (readonly [string, readonly [WaitingReferences, WaitingLink]])[] = [];
  for (const each of later) {
    const [waiting, link] = each;
    const record = await findPatientTarget(db, ownTargets(waiting.key));
    const survivor = await findPatientTarget(db, link.targets);
    if (record !== undefined && survivor !== undefined) next.set(record, survivor);
    keyed.push([record ?? "", each]);
  }
  // How many steps lead on from a record; those with the most come first.
  const steps = (record: string): number => {
    let count = 0;
    for (let at = next.get(record); at !== undefined && count <= next.size; at = next.get(at)) count += 1;
    return count;
  };
  return keyed
    .map(([record, each]) => [steps(record), each] as const)
    .sort(([a], [b]) => b - a)
    .map(([, each]) => each);
}

/** @returns undefined where the record itself is not here: it was rejected, with its links. */
async function settleOne(
  { db, audit, scorePair }: Settling,
  { key }: WaitingReferences,
  link: WaitingLink,
): Promise<LinkOutcome | { readonly reason: string } | undefined> {
  try {
    return await withTransaction(db, audit, async (tx) => {
      const record = await findPatientTarget(tx, ownTargets(key));
      if (record === undefined) return undefined;
      const other = await findPatientTarget(tx, link.targets);
      if (other === undefined) return { reason: `link ${link.type}: the other record is not here` };
      return settleLink(tx, toSourceLink(link.type, record, other), "fhir", scorePair);
    });
  } catch (error) {
    if (!(error instanceof MpiError) || (error.code !== "conflict" && error.code !== "usage")) throw error;
    return { reason: `link ${link.type}: ${error.message.replace(/\.$/, "")}` };
  }
}

const toSourceLink = (type: WaitingLink["type"], record: string, other: string): SourceLink =>
  type === "replaces" ? { record: other, other: record, type: "replaced-by" } : { record, other, type };

/** Sets a reference to an organization that came in after what refers to it, or counts it as content not kept. */
async function settleOrganization(
  { db, audit, file }: Settling,
  { key, type }: WaitingReferences,
  targets: readonly ReferenceTarget[],
): Promise<void> {
  const isSet = await withTransaction(db, audit, async (tx) => {
    const organization = await findOrganizationTarget(tx, targets);
    if (organization === undefined) return false;
    if (type === "Organization") return setParent(tx, organizationKeyOf(key), organization);
    const record = await findPatientTarget(tx, ownTargets(key));
    if (record === undefined) return true;
    const before = await getPatientRecord(tx, record);
    if (before.managingOrganizationId === organization || before.deletedAt !== null || !before.active)
      return true;
    await applyUpdate(tx, before, {
      scalars: { managingOrganizationId: organization },
      names: nothing,
      identifiers: nothing,
      addresses: nothing,
      contacts: nothing,
    });
    return true;
  });
  if (!isSet) {
    file.countUnmapped([
      type === "Patient" ? "Patient.managingOrganization(not here)" : "Organization.partOf(not here)",
    ]);
  }
}

const nothing = { add: [], retire: [], correct: [] } as const;
