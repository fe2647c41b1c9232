import type { Transaction } from "../../db/client.ts";
import { selectDecidedPairs, selectMatchableLinks, type PairScope } from "../../db/queries/match-pairs.ts";
import type { PersonDecisions } from "../../matching/decide/automatic-links.ts";
import type { RecordIds } from "../../matching/store/record-ids.ts";

/** What people have said, and what runs have linked, by row of the records. */
export interface StandingDecisions extends PersonDecisions {
  /** Pairs of ids that earlier runs linked, the smaller id first. */
  readonly runLinks: readonly (readonly [string, string])[];
}

/**
 * Reads all decisions and links. People's links hold records together also by way of a record that no longer takes
 * part: one that was merged away, or deleted.
 *
 * @param scope all, or a table of records that has every component it touches whole.
 */
export async function loadDecisions(
  tx: Transaction,
  ids: RecordIds,
  scope: PairScope,
): Promise<StandingDecisions> {
  const [decided, links] = [await selectDecidedPairs(tx, scope), await selectMatchableLinks(tx, scope)];
  const groups = new IdGroups();
  for (const link of links) if (link.origin !== "run") groups.join(link.patientId, link.otherPatientId);
  const different: (readonly [number, number])[] = [];
  for (const pair of decided) {
    if (pair.state === "confirmed") continue;
    const [a, b] = [ids.find(pair.patientId), ids.find(pair.candidateId)];
    if (a >= 0 && b >= 0) different.push([a, b]);
  }
  return {
    different,
    linked: groups.chains(ids),
    runLinks: links
      .filter((link) => link.origin === "run")
      .map((link) => [link.patientId, link.otherPatientId]),
  };
}

class IdGroups {
  readonly #parents = new Map<string, string>();

  join(a: string, b: string): void {
    const [rootA, rootB] = [this.#find(a), this.#find(b)];
    if (rootA !== rootB) this.#parents.set(rootA < rootB ? rootB : rootA, rootA < rootB ? rootA : rootB);
  }

  /** For each group its known members in order of row, as pairs of neighbours. */
  chains(ids: RecordIds): readonly (readonly [number, number])[] {
    const members = new Map<string, number[]>();
    for (const id of this.#parents.keys()) {
      const row = ids.find(id);
      if (row < 0) continue;
      const root = this.#find(id);
      members.set(root, [...(members.get(root) ?? []), row]);
    }
    return [...members.values()].flatMap((rows) => {
      rows.sort((a, b) => a - b);
      return rows.slice(1).map((row, place) => [rows[place]!, row] as const);
    });
  }

  #find(id: string): string {
    let root = id;
    for (
      let parent = this.#parents.get(root);
      parent !== undefined && parent !== root;
      parent = this.#parents.get(root)
    )
      root = parent;
    if (!this.#parents.has(id)) this.#parents.set(id, id);
    return root;
  }
}
