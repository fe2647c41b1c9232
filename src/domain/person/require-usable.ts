import type { MemberRow } from "../../db/queries/persons.ts";
import { MpiError } from "../../lib/errors.ts";
import type { LockedPersons } from "./lock-persons.ts";

/** @throws {MpiError} `not-found` */
export function requireMember(persons: LockedPersons, id: string): MemberRow {
  const member = persons.members.get(id);
  if (member === undefined) throw new MpiError("not-found", `There is no patient record ${id}.`);
  return member;
}

/** The record that this one was merged into, if any: the next step on the way to the one in charge. */
export const findNextInCharge = (persons: LockedPersons, id: string): string | undefined =>
  persons.links.find((link) => link.patientId === id && link.linkType === "replaced_by")?.otherPatientId;

/** The record in charge of this one: itself, or the end of the chain of merges that leads on from it. */
export function findInCharge(persons: LockedPersons, id: string): string {
  let current = id;
  // A chain has at most as many steps as there are records; more would be a cycle.
  for (let step = 0; step <= persons.members.size; step += 1) {
    const next = findNextInCharge(persons, current);
    if (next === undefined) return current;
    current = next;
  }
  throw new MpiError("check-failed", `The merges of record ${id} form a circle.`, {
    hint: "Run mpi verify.",
  });
}

/**
 * @throws {MpiError} `not-found`, or `conflict` for a record that was deleted or merged into another, which the hint
 *   names.
 */
export function requireUsable(persons: LockedPersons, id: string): MemberRow {
  const member = requireMember(persons, id);
  if (member.deleted) {
    throw new MpiError("conflict", `Record ${id} is deleted.`, {
      hint: "mpi patient restore brings it back.",
      details: { reason: "deleted", record: id },
    });
  }
  const inCharge = findInCharge(persons, id);
  if (inCharge !== id) {
    throw new MpiError("conflict", `Record ${id} is retired: it was merged.`, {
      hint: `Use ${inCharge}, which is in charge of it.`,
      details: { reason: "retired", record: id, inCharge },
    });
  }
  return member;
}

/** @throws {MpiError} `usage` where both are one record. */
export function requireTwo(a: string, b: string): void {
  if (a === b) {
    throw new MpiError("usage", "Both name the same record.", {
      details: { reason: "same-record", record: a },
    });
  }
}
