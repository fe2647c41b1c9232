import type { Transaction } from "../../../db/client.ts";
import {
  foldWords,
  selectNameCandidates,
  type NameKind,
  type NameReading,
} from "../../../db/queries/search.ts";
import { jaroWinkler } from "../../../matching/comparators/jaro-winkler.ts";
import { nicknameTable } from "../../../matching/reference/nicknames.ts";

export interface ReadingOptions {
  /** Exact names only: no other spelling, sound or nickname. */
  readonly exact: boolean;
  readonly prefix: boolean;
}

export type NameReason = "same" | "one part same" | "begins so" | "nickname" | "sounds alike" | "spelt alike";

/** How near a name of the index is to a word asked for: 1 is the same. */
export interface NameAgreement {
  readonly similarity: number;
  readonly reason: NameReason;
}

/** A word of the search, folded, and what it may stand for in the index. */
export interface SearchWord {
  readonly folded: string;
  readonly family: ReadonlyMap<string, NameAgreement>;
  readonly given: ReadonlyMap<string, NameAgreement>;
}

/** So many dictionary entries of each kind and way are looked at for one word. */
const nearestNames = 30;
/** A name that is merely spelt alike must be at least so near, by Jaro-Winkler. */
const spellingFloor = 0.8;

const reasonRank: readonly NameReason[] = [
  "same",
  "nickname",
  "one part same",
  "begins so",
  "sounds alike",
  "spelt alike",
];
const floors: Readonly<Record<NameReason, number>> = {
  same: 1,
  nickname: 0.9,
  "one part same": 0.85,
  "begins so": 0.9,
  "sounds alike": 0.7,
  "spelt alike": 0,
};
const ceilings: Readonly<Record<NameReason, number>> = {
  same: 1,
  nickname: 0.95,
  "one part same": 0.9,
  "begins so": 0.95,
  "sounds alike": 0.95,
  "spelt alike": 0.95,
};

const shortToFormal = (() => {
  const map = new Map<string, string[]>();
  for (const [formal, shorts] of nicknameTable)
    for (const short of shorts) map.set(short, [...(map.get(short) ?? []), formal]);
  return map;
})();

/** The given names that one stands for as a short form, and the short forms of it. */
const nicknamesOf = (name: string): readonly string[] => [
  ...new Set([...(nicknameTable.get(name) ?? []), ...(shortToFormal.get(name) ?? [])]),
];

/** Looks the words of a search up in the dictionary. Words without a letter or digit are left out. */
export async function readSearchWords(
  tx: Transaction,
  words: readonly string[],
  options: ReadingOptions,
): Promise<readonly SearchWord[]> {
  const asked = await foldWords(tx, words);
  const folded = asked.words.filter((word) => word !== null);
  const candidates = await selectNameCandidates(tx, folded, {
    fuzzy: !options.exact,
    prefix: options.prefix,
    isRestricted: asked.isRestricted,
    limit: nearestNames,
  });
  const found = folded.map(() => ({
    family: new Map<string, NameAgreement>(),
    given: new Map<string, NameAgreement>(),
  }));
  const offer = (word: number, kind: NameKind, value: string, how: NameReason) => {
    const looked = folded[word]!;
    // "garcia lopez" shares enough trigrams with "lopez" to be looked at, and is no other spelling of it.
    const isPart = how !== "same" && value.split(" ").includes(looked);
    const reason = isPart ? "one part same" : how;
    const jw = jaroWinkler(looked, value);
    if (reason === "spelt alike" && jw < spellingFloor) return;
    const similarity = Math.min(ceilings[reason], Math.max(floors[reason], jw));
    const known = found[word]![kind].get(value);
    if (
      known === undefined ||
      similarity > known.similarity ||
      (similarity === known.similarity && reasonRank.indexOf(reason) < reasonRank.indexOf(known.reason))
    ) {
      found[word]![kind].set(value, { similarity, reason });
    }
  };
  const reasons = {
    exact: "same",
    prefix: "begins so",
    similar: "spelt alike",
    phonetic: "sounds alike",
  } as const;
  for (const each of candidates) offer(each.word, each.kind, each.value, reasons[each.how]);
  if (!options.exact) {
    folded.forEach((word, index) => {
      for (const nickname of nicknamesOf(word)) offer(index, "given", nickname, "nickname");
    });
  }
  return folded.map((word, index) => ({ folded: word, ...found[index]! }));
}

/** Which words are meant as family names and which as given names; by position in the list of words. */
export interface Roles {
  readonly family: readonly number[];
  readonly given: readonly number[];
  /** Below 1 for a division that is less likely meant: 1 where it is absent. */
  readonly likelihood?: number;
}

/**
 * The ways a list of free names may be meant: one word is either; of two or more the first or the last may be
 * the family name (or the first or last two, or all of them, for double names).
 */
export function freeWordRoles(count: number): readonly Roles[] {
  const all = Array.from({ length: count }, (_, index) => index);
  if (count === 1) {
    return [
      { family: all, given: [] },
      // A single name is more often a family name.
      { family: [], given: all, likelihood: 0.98 },
    ];
  }
  const roles: Roles[] = [
    { family: all.slice(-1), given: all.slice(0, -1) },
    { family: all.slice(0, 1), given: all.slice(1) },
    // Two words may be one double family name.
    { family: all, given: [], likelihood: 0.98 },
  ];
  if (count > 2) {
    roles.push(
      { family: all.slice(-2), given: all.slice(0, -2) },
      { family: all.slice(0, 2), given: all.slice(2) },
    );
  }
  return roles;
}

const exactly = (map: ReadonlyMap<string, NameAgreement>) =>
  [...map].filter(([, agreement]) => agreement.reason === "same").map(([value]) => value);

/**
 * What to ask the names table for: for each division of roles the family names and the first given name.
 * `tier` "same" takes the words as they are, "near" everything they may stand for.
 */
export function toNameReadings(
  words: readonly SearchWord[],
  roles: readonly Roles[],
  tier: "same" | "near",
): readonly NameReading[] {
  const values = (map: ReadonlyMap<string, NameAgreement>) =>
    tier === "same" ? exactly(map) : [...map.keys()];
  return roles.flatMap((role) => {
    // A family name of several words is one entry of the dictionary: "garcia lopez".
    const joined = role.family.map((index) => words[index]!.folded).join(" ");
    const family =
      role.family.length === 0
        ? null
        : role.family.length === 1
          ? values(words[role.family[0]!]!.family)
          : [joined];
    const given = role.given.length === 0 ? null : values(words[role.given[0]!]!.given);
    if (family?.length === 0 || given?.length === 0) return [];
    return [{ family, given }];
  });
}
