import type { Transaction } from "../../db/client.ts";
import { selectLinksFrom } from "../../db/queries/links.ts";
import { lockRecords, selectConnectedMembers, type MemberRow } from "../../db/queries/persons.ts";
import type { PatientLinkRow } from "../../db/rows.ts";
import { MpiError } from "../../lib/errors.ts";
import { listComponents } from "./person-graph.ts";

/** Persons as they stand while their records are locked. */
export interface LockedPersons {
  readonly members: ReadonlyMap<string, MemberRow>;
  readonly links: readonly PatientLinkRow[];
}

/** Thrown to give up a savepoint, and with it the locks taken since; never leaves this module. */
class PersonGrew extends Error {}

const attempts = 20;

/**
 * Locks every record of the persons that `ids` belong to and reads them anew. All locks are taken by one statement
 * in order of id: where a person has grown meanwhile, the locks are given back and all are taken again, because
 * taking the rest out of order could end in a deadlock.
 *
 * @throws {MpiError} `locked` where the persons never stop changing.
 */
export async function lockPersons(tx: Transaction, ids: readonly string[]): Promise<LockedPersons> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const wanted = await selectConnectedMembers(tx, ids);
    try {
      return await tx.transaction(async (savepoint) => {
        await lockRecords(
          savepoint,
          wanted.map((member) => member.id),
        );
        const members = await selectConnectedMembers(savepoint, ids);
        const locked = new Set(wanted.map((member) => member.id));
        if (members.some((member) => !locked.has(member.id))) throw new PersonGrew();
        const links = await selectLinksFrom(
          savepoint,
          members.map((member) => member.id),
        );
        return { members: new Map(members.map((member) => [member.id, member])), links };
      });
    } catch (error) {
      if (!(error instanceof PersonGrew)) throw error;
    }
  }
  throw new MpiError("locked", "The records of this person are being changed by others all the time.", {
    hint: "Try again in a moment.",
  });
}

/** All records of the person that `id` belongs to, `id` included. */
export function listPersonOf(persons: LockedPersons, id: string): readonly string[] {
  const components = listComponents([...persons.members.keys()], persons.links);
  return components.find((component) => component.includes(id)) ?? [];
}
