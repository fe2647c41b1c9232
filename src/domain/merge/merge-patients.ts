import type { Transaction } from "../../db/client.ts";
import { makeIds } from "../../db/queries/merges.ts";
import { MpiError } from "../../lib/errors.ts";
import { lockPersons } from "../person/lock-persons.ts";
import { alreadyMergedInto, checkMerge, requireVersions } from "./check-merge.ts";
import { mergeOne, type MergeRequest, type MergeStep } from "./merge-one.ts";

export interface MergeResult {
  readonly groupId: string;
  readonly merges: readonly (MergeStep & { readonly mergeId: string })[];
  /** Sources that were merged into the survivor before, with `ifNeeded`. */
  readonly alreadyMerged: readonly string[];
  /** Version of each record before. */
  readonly versions: ReadonlyMap<string, number>;
}

/**
 * Merges records into a survivor: each source is retired, what the survivor lacks moves to it, and everything that
 * is needed to take it back is kept (laws M2 to M16). One transaction, one group id; the caller's transaction makes
 * it whole or absent.
 *
 * @throws {MpiError} `not-found`; `usage` for a record merged into itself; `conflict` where a rule or a decision
 *   refuses, or a record changed since `versions`.
 */
export async function mergePatients(tx: Transaction, request: MergeRequest): Promise<MergeResult> {
  const { survivor } = request;
  const sources = [...new Set(request.sources)];
  if (sources.length !== request.sources.length) {
    throw new MpiError("usage", "One record is named twice.", { details: { reason: "same-record" } });
  }
  const everyone = [...sources, survivor];
  const persons = await lockPersons(tx, everyone);
  for (const source of sources) if (source === survivor) checkMerge(persons, source, survivor);
  if (request.versions !== undefined) requireVersions(persons, request.versions);

  const [groupId, ...mergeIds] = await makeIds(tx, sources.length + 1);
  const alreadyMerged: string[] = [];
  const merges: (MergeStep & { readonly mergeId: string })[] = [];
  for (const [index, source] of sources.entries()) {
    if (checkMerge(persons, source, survivor, request.isDone) === "already-merged") {
      if (request.ifNeeded !== true) throw alreadyMergedInto(source, survivor);
      alreadyMerged.push(source);
      continue;
    }
    const mergeId = mergeIds[index]!;
    // What was merged before has changed the survivor's person.
    const now = merges.length === 0 ? persons : await lockPersons(tx, [source, survivor]);
    merges.push({ mergeId, ...(await mergeOne(tx, now, request, { source, mergeId, groupId: groupId! })) });
  }
  const versions = new Map(
    everyone.flatMap((id) => {
      const member = persons.members.get(id);
      return member === undefined ? [] : [[id, member.version] as const];
    }),
  );
  return { groupId: groupId!, merges, alreadyMerged, versions };
}
