import { MpiError } from "../../lib/errors.ts";
import type { LockedPersons } from "../person/lock-persons.ts";
import { findInCharge, findNextInCharge, requireMember } from "../person/require-usable.ts";

/**
 * Whether a merge may be made (laws M2, M3, M8 and M12), as far as the two records themselves tell.
 *
 * @param isDone see MergeRequest: the survivor may itself come retired, its own merge still to be written down.
 */
export function checkMerge(
  persons: LockedPersons,
  source: string,
  survivor: string,
  isDone = false,
): "mergeable" | "already-merged" {
  if (source === survivor) {
    throw new MpiError("usage", "A record cannot be merged into itself.", {
      details: { reason: "same-record", record: source },
    });
  }
  const a = requireMember(persons, source);
  const b = requireMember(persons, survivor);
  if (leadsTo(persons, source, survivor)) return "already-merged";
  if (a.deleted || b.deleted) {
    const deleted = a.deleted ? source : survivor;
    throw new MpiError("conflict", `Record ${deleted} is deleted.`, {
      hint: "mpi patient restore brings it back.",
      details: { reason: "deleted", record: deleted },
    });
  }
  for (const record of [source, survivor]) {
    const next = findNextInCharge(persons, record);
    if (next === undefined) continue;
    const inCharge = findInCharge(persons, record);
    throw new MpiError("conflict", `Record ${record} is retired: it was merged into ${next}.`, {
      hint: `Use ${inCharge}, which is in charge of it.`,
      details: { reason: "retired", record, inCharge },
    });
  }
  if (!b.active && !isDone) {
    throw new MpiError("conflict", `Record ${survivor} is not active; it cannot be the survivor.`, {
      details: { reason: "inactive", record: survivor },
    });
  }
  return "mergeable";
}

function leadsTo(persons: LockedPersons, from: string, to: string): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = from; at !== undefined && !seen.has(at);) {
    if (at === to) return true;
    seen.add(at);
    at = findNextInCharge(persons, at);
  }
  return false;
}

/** The answer to repeating a merge (M8). */
export const alreadyMergedInto = (source: string, survivor: string): MpiError =>
  new MpiError("conflict", `${source} is already merged into ${survivor}.`, {
    hint: "--if-needed makes that a success.",
    details: { reason: "already-merged", source, survivor },
  });

/**
 * @param expected version of each record that a plan or a preview was made from.
 * @throws {MpiError} `conflict` where a record has changed since.
 */
export function requireVersions(persons: LockedPersons, expected: ReadonlyMap<string, number>): void {
  const changed = [...expected].filter(([id, version]) => persons.members.get(id)?.version !== version);
  if (changed.length === 0) return;
  throw new MpiError(
    "conflict",
    `Refused, because ${changed.map(([id]) => id).join(" and ")} changed since the plan was made.`,
    {
      hint: "Make the plan anew and look at it.",
      details: {
        reason: "stale",
        records: changed.map(([id, version]) => ({
          record: id,
          expected: version,
          found: persons.members.get(id)?.version ?? null,
        })),
      },
    },
  );
}
