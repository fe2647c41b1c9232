/** Names to look for, as people ask: common and rare ones, with and without a given name, misspelt. */
import type { ConnectionTarget } from "../src/db/client.ts";
import { withCopyConnection } from "../src/db/copy.ts";

export interface NameMix {
  readonly all: readonly (readonly string[])[];
  readonly byKind: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** What is in it and how much, for the print. */
  readonly description: string;
}

interface NameRow {
  readonly family: string;
  readonly given: string;
}

/** @param count so many searches in all, the same for the same database. */
export async function drawNames(target: ConnectionTarget, count: number): Promise<NameMix> {
  const share = (part: number) => Math.round(count * part);
  return withCopyConnection(target, async (connection) => {
    const frequent = await connection.query<NameRow & { n: number }>(
      `select family_folded as family, min(given_folded[1]) as given, count(*)::int as n from patient_names
        where family_folded is not null group by 1 order by 3 desc, 1 limit ${String(share(0.2))}`,
    );
    // Weighted by how many bear them: what a registration desk asks for.
    const usual = await connection.query<NameRow>(
      `select family_folded as family, given_folded[1] as given from patient_names
        where family_folded is not null and given_folded[1] is not null and length(given_folded[1]) > 1
        order by md5(id::text) limit ${String(share(0.5))}`,
    );
    const rare = await connection.query<NameRow>(
      `select family_folded as family, min(given_folded[1]) as given from patient_names
        where length(family_folded) > 4 group by 1 having count(*) <= 3 order by md5(family_folded) limit ${String(share(0.15))}`,
    );
    const byKind = {
      [`a common family name alone (${String(frequent.at(-1)?.n ?? 0)} to ${String(frequent[0]?.n ?? 0)} bearers)`]:
        frequent.map(({ family }) => [family]),
      "family and given name as they are borne": usual.map(({ family, given }) => [given, family]),
      "a rare family name alone (1 to 3 bearers)": rare.map(({ family }) => [family]),
      "family name misspelt, with given name": usual
        .slice(0, share(0.15))
        .map(({ family, given }) => [given, misspell(family)]),
    };
    const description = Object.entries(byKind)
      .map(([kind, words]) => `${String(words.length)} × ${kind}`)
      .join(", ");
    return { all: Object.values(byKind).flat(), byKind, description };
  });
}

/** Two letters in the middle change places. */
function misspell(name: string): string {
  if (name.length < 4) return `${name}e`;
  const at = Math.floor(name.length / 2) - 1;
  return name.slice(0, at) + name[at + 1]! + name[at]! + name.slice(at + 2);
}
