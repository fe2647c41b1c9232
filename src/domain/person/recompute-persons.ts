import type { Transaction } from "../../db/client.ts";
import { selectLinksFrom } from "../../db/queries/links.ts";
import { selectConnectedMembers, updateEnterpriseIds } from "../../db/queries/persons.ts";
import { listComponents } from "./person-graph.ts";

/** The person of one record, before and after. */
export interface PersonChange {
  readonly recordId: string;
  readonly before: PersonName;
  readonly after: PersonName;
}

/** An enterprise id, and since when the record has carried it. */
export interface PersonName {
  readonly enterpriseId: string;
  readonly since: string;
}

/**
 * Sets the enterprise id of every record that `recordIds` are connected with: the oldest initial enterprise id among
 * the records of each component. The result depends on who belongs together, never on the order of events. Any
 * number of records costs three statements.
 *
 * The caller holds the locks: lockPersons before it wrote the links.
 *
 * @param restore names that records carried before the act that is being taken back; a record that gets one of them
 *   back has carried it since then.
 * @returns the records whose enterprise id changed.
 */
export async function recomputePersons(
  tx: Transaction,
  recordIds: readonly string[],
  restore: ReadonlyMap<string, PersonName> = new Map(),
): Promise<readonly PersonChange[]> {
  const members = await selectConnectedMembers(tx, recordIds);
  const byId = new Map(members.map((member) => [member.id, member]));
  const ids = members.map((member) => member.id);
  const updates = listComponents(ids, await selectLinksFrom(tx, ids)).flatMap((component) => {
    // Members come oldest initial id first, and components keep that order.
    const { initialEnterpriseId } = byId.get(component[0]!)!;
    return component
      .filter((id) => byId.get(id)!.enterpriseId !== initialEnterpriseId)
      .map((id) => {
        const restored = restore.get(id);
        const since = restored?.enterpriseId === initialEnterpriseId ? restored.since : null;
        return { id, enterpriseId: initialEnterpriseId, since };
      });
  });
  const changed = await updateEnterpriseIds(tx, updates);
  return changed
    .map((row) => {
      const before = byId.get(row.id)!;
      return {
        recordId: row.id,
        before: { enterpriseId: before.enterpriseId, since: before.enterpriseSince },
        after: { enterpriseId: row.enterpriseId, since: row.enterpriseSince },
      };
    })
    .sort((a, b) => (a.recordId < b.recordId ? -1 : 1));
}
