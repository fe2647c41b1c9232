import type { Transaction } from "../../../db/client.ts";
import { selectNameCandidates, type NameCandidate, type NameReading } from "../../../db/queries/search.ts";
import { jaroWinkler } from "../../../matching/comparators/jaro-winkler.ts";
import { listNicknames } from "../../../matching/reference/nicknames.ts";

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

/** A word of the search, folded, and what it may stand for in the index: the nearest first. */
export interface SearchWord {
  /** As it was given. */
  readonly asked: string;
  readonly folded: string;
  readonly family: ReadonlyMap<string, NameAgreement>;
  readonly given: ReadonlyMap<string, NameAgreement>;
}

/** The words of a search as they were read. */
export interface SearchWords {
  readonly words: readonly SearchWord[];
  /** Whether row-level security narrows what may be found. */
  readonly isRestricted: boolean;
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

const reasons: Readonly<Record<NameCandidate["how"], NameReason>> = {
  exact: "same",
  prefix: "begins so",
  part: "one part same",
  similar: "spelt alike",
  phonetic: "sounds alike",
};

/**
 * Looks the words of a search up in the dictionary. Words without a letter or digit are left out.
 *
 * @param reach `far` finds names that share no more than some letters, and takes longer; default `near`.
 */
export async function readSearchWords(
  tx: Transaction,
  words: readonly string[],
  options: ReadingOptions,
  reach: "near" | "far" = "near",
): Promise<SearchWords> {
  const {
    words: folded,
    candidates,
    isRestricted,
  } = await selectNameCandidates(tx, words, {
    reach: options.exact ? "exact" : reach,
    prefix: options.prefix,
    limit: nearestNames,
  });
  const read = folded.flatMap((word, index) => {
    if (word === null) return [];
    const found = {
      family: new Map<string, NameAgreement>(),
      given: new Map<string, NameAgreement>(),
    };
    for (const { word: position, kind, value, how } of candidates) {
      if (position === index) offer(found[kind], word, value, reasons[how]);
    }
    if (!options.exact) {
      for (const nickname of listNicknames(word)) offer(found.given, word, nickname, "nickname");
    }
    return [
      {
        asked: words[index]!,
        folded: word,
        family: nearestFirst(found.family),
        given: nearestFirst(found.given),
      },
    ];
  });
  return { words: read, isRestricted };
}

/** Notes how a name of the index agrees with a word, unless it agrees better in another way. */
function offer(found: Map<string, NameAgreement>, word: string, value: string, how: NameReason): void {
  // "garcia lopez" may sound like "garcia", and is no other spelling of it.
  const isPart = how !== "same" && value.split(" ").includes(word);
  const reason = isPart ? "one part same" : how;
  const jw = jaroWinkler(word, value);
  if (reason === "spelt alike" && jw < spellingFloor) return;
  const similarity = Math.min(ceilings[reason], Math.max(floors[reason], jw));
  const known = found.get(value);
  if (
    known === undefined ||
    similarity > known.similarity ||
    (similarity === known.similarity && reasonRank.indexOf(reason) < reasonRank.indexOf(known.reason))
  ) {
    found.set(value, { similarity, reason });
  }
}

const nearestFirst = (found: ReadonlyMap<string, NameAgreement>): ReadonlyMap<string, NameAgreement> =>
  new Map([...found].sort(([a, x], [b, y]) => y.similarity - x.similarity || (a < b ? -1 : 1)));

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
