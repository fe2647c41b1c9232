import type { MatchName } from "../record.ts";
import { builtInPlaceholders, type PlaceholderList } from "../reference/placeholders.ts";
import { rememberResults } from "./bounded-memo.ts";
import { findGeneration, splitFamilyName, splitFirstGivenName, splitFurtherGivenName } from "./name-parts.ts";
import { isPlaceholderFamilyName, isPlaceholderFullName, isPlaceholderGivenName } from "./placeholders.ts";
import { foldText } from "./text.ts";

/** A name in the form that is compared. What is absent or a placeholder is null. */
export interface NormalisedName {
  /**
   * The parts of the family name in alphabetical order, separated by single spaces, particles joined to
   * their part: "garcia lopez" for GARCIA-LOPEZ and for Lopez y Garcia, "vanderberg" for van der Berg.
   */
  readonly family: string | null;
  /** The first given name as received; a double one keeps its space: "anne marie". */
  readonly given: string | null;
  /** The other given names, separated by single spaces. */
  readonly middle: string | null;
  /** 1 senior, 2 junior or second, 3 third…; null where none is known. */
  readonly generation: number | null;
  /** True where a family name was received and is a placeholder. */
  readonly familyIsPlaceholder: boolean;
  /** True where a given name was received and is a placeholder: a newborn's, most often. */
  readonly givenIsPlaceholder: boolean;
}

/** Every part of a name, normalised; titles and degrees dropped, generations recognised wherever they stand. */
export function normaliseName(
  name: MatchName,
  placeholders: PlaceholderList = builtInPlaceholders,
): NormalisedName {
  const read = readerFor(placeholders);
  const family = name.family === null ? nothing : read.family(name.family);
  const firstRaw = name.given[0];
  const first = firstRaw === undefined ? nothing : read.firstGiven(firstRaw);
  const further = name.given.length < 2 ? noFurtherNames : name.given.slice(1).map(read.furtherGiven);

  const isNobody = family.mayBeNobodys && isPlaceholderFullName(first.folded, family.folded, placeholders);
  const familyIsPlaceholder = isNobody || family.isPlaceholder;
  const givenIsPlaceholder =
    isNobody || first.isPlaceholder || isPlaceholderTogether(first, further, placeholders);
  const names =
    further.length === 0 ? [] : [first, ...further].filter((part) => part.name !== "" && !part.isPlaceholder);
  const given = further.length === 0 ? first.name : (names[0]?.name ?? "");
  return {
    family: familyIsPlaceholder || family.name === "" ? null : family.name,
    given: givenIsPlaceholder || given === "" ? null : given,
    middle:
      givenIsPlaceholder || names.length < 2
        ? null
        : names
            .slice(1)
            .map((part) => part.name)
            .join(" "),
    generation:
      (name.suffix.length === 0 ? null : findGeneration(name.suffix)) ??
      family.generation ??
      first.generation ??
      further.find((part) => part.generation !== null)?.generation ??
      null,
    familyIsPlaceholder,
    givenIsPlaceholder,
  };
}

/** ["No", "Name"]: neither field says it alone. */
function isPlaceholderTogether(
  first: NameReading,
  further: readonly NameReading[],
  placeholders: PlaceholderList,
): boolean {
  if (further.length === 0) return false;
  return isPlaceholderGivenName([first, ...further].map((part) => part.folded).join(" "), placeholders);
}

/**
 * A family name as the set that is compared: parts sorted, particles joined. Null where nothing is left.
 * Placeholders are not looked at: see normaliseName.
 */
export function normaliseFamilyName(raw: string): string | null {
  const folded = foldText(raw);
  return folded === null ? null : joinSorted(splitFamilyName(folded).parts);
}

/** The parts of a family name in the order received, particles joined: ["delacruz", "garcia"]. */
export function listFamilyNameParts(raw: string): readonly string[] {
  const folded = foldText(raw);
  return folded === null ? [] : splitFamilyName(folded).parts;
}

/** What one field of a name says by itself. */
export interface NameReading {
  readonly folded: string;
  /** "" where nothing is left. */
  readonly name: string;
  readonly generation: number | null;
  readonly isPlaceholder: boolean;
  /** Of a family name: there is a given name with which it is nobody's, as Doe is with John. */
  readonly mayBeNobodys: boolean;
}

/** How each field of a name is read, whatever stands in the others. */
export interface NameReader {
  readonly family: (raw: string) => NameReading;
  readonly firstGiven: (raw: string) => NameReading;
  readonly furtherGiven: (raw: string) => NameReading;
}

const nothing: NameReading = {
  folded: "",
  name: "",
  generation: null,
  isPlaceholder: false,
  mayBeNobodys: false,
};

const noFurtherNames: readonly NameReading[] = [];

/** "." and "-" fold to nothing, and are placeholders all the same. */
const sign: NameReading = { ...nothing, isPlaceholder: true };

const readers = new WeakMap<PlaceholderList, NameReader>();

/** Readings of one field do not depend on the record, so the few thousand names that most people bear are read once. */
function readerFor(placeholders: PlaceholderList): NameReader {
  let reader = readers.get(placeholders);
  if (reader === undefined) {
    const { family, firstGiven, furtherGiven } = createNameReader(placeholders);
    reader = {
      family: rememberResults(family),
      firstGiven: rememberResults(firstGiven),
      furtherGiven: rememberResults(furtherGiven),
    };
    readers.set(placeholders, reader);
  }
  return reader;
}

/** A reader that remembers nothing. */
export function createNameReader(placeholders: PlaceholderList): NameReader {
  const endsOfFullNames = listEnds(placeholders.fullNames);
  return {
    family: (raw) => readFamilyName(raw, placeholders, endsOfFullNames),
    firstGiven: (raw) => readGivenName(raw, placeholders, splitFirstGivenName),
    furtherGiven: (raw) => readGivenName(raw, placeholders, splitFurtherGivenName),
  };
}

/** Whatever may follow a given name: "q public" and "public" of "john q public". */
function listEnds(fullNames: ReadonlySet<string>): ReadonlySet<string> {
  const ends = new Set<string>();
  for (const name of fullNames) {
    for (let at = name.indexOf(" "); at >= 0; at = name.indexOf(" ", at + 1)) ends.add(name.slice(at + 1));
  }
  return ends;
}

function readFamilyName(
  raw: string,
  placeholders: PlaceholderList,
  endsOfFullNames: ReadonlySet<string>,
): NameReading {
  const folded = foldText(raw);
  if (folded === null) return raw.trim() === "" ? nothing : sign;
  const { parts, generation } = splitFamilyName(folded);
  const isPlaceholder = isPlaceholderFamilyName(folded, placeholders);
  const mayBeNobodys = endsOfFullNames.has(folded);
  return { folded, name: joinSorted(parts), generation, isPlaceholder, mayBeNobodys };
}

function readGivenName(
  raw: string,
  placeholders: PlaceholderList,
  split: typeof splitFirstGivenName,
): NameReading {
  const folded = foldText(raw);
  if (folded === null) return raw.trim() === "" ? nothing : sign;
  return {
    folded,
    ...split(folded),
    isPlaceholder: isPlaceholderGivenName(folded, placeholders),
    mayBeNobodys: false,
  };
}

function joinSorted(parts: readonly string[]): string {
  return [...parts].sort().join(" ");
}
