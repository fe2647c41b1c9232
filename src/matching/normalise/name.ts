import type { MatchName } from "../record.ts";
import {
  credentials,
  familyConjunctions,
  familyParticles,
  generations,
  generationsInsideNames,
  titles,
} from "../reference/name-affixes.ts";
import { builtInPlaceholders, type PlaceholderList } from "../reference/placeholders.ts";
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
  const foldedFamily = name.family === null ? null : foldText(name.family);
  const foldedGiven = name.given.map(foldText).filter((given) => given !== null);
  // "." and "-" fold to nothing, and are placeholders all the same.
  const isFamilySign = foldedFamily === null && isWritten(name.family ?? "");
  const isGivenSign = foldedGiven.length === 0 && name.given.some(isWritten);
  const isNobody =
    foldedFamily !== null && isPlaceholderFullName(foldedGiven[0] ?? "", foldedFamily, placeholders);

  const family = splitFamilyName(foldedFamily ?? "");
  const given = splitGivenNames(foldedGiven);
  const familyIsPlaceholder =
    isFamilySign ||
    (foldedFamily !== null && (isNobody || isPlaceholderFamilyName(foldedFamily, placeholders)));
  const givenIsPlaceholder =
    isGivenSign ||
    (foldedGiven.length > 0 &&
      (isNobody ||
        isPlaceholderGivenName(foldedGiven[0] ?? "", placeholders) ||
        isPlaceholderGivenName(foldedGiven.join(" "), placeholders)));
  const middle = given.middle.filter((part) => !isPlaceholderGivenName(part, placeholders));

  return {
    family: familyIsPlaceholder || family.parts.length === 0 ? null : [...family.parts].sort().join(" "),
    given: givenIsPlaceholder ? null : given.first,
    middle: givenIsPlaceholder || middle.length === 0 ? null : middle.join(" "),
    generation: findGeneration(name.suffix) ?? family.generation ?? given.generation,
    familyIsPlaceholder,
    givenIsPlaceholder,
  };
}

/**
 * A family name as the set that is compared: parts sorted, particles joined. Null where nothing is left.
 * Placeholders are not looked at: see normaliseName.
 */
export function normaliseFamilyName(raw: string): string | null {
  const { parts } = splitFamilyName(foldText(raw) ?? "");
  return parts.length === 0 ? null : [...parts].sort().join(" ");
}

/** The parts of a family name in the order received, particles joined: ["delacruz", "garcia"]. */
export function listFamilyNameParts(raw: string): readonly string[] {
  return splitFamilyName(foldText(raw) ?? "").parts;
}

/** The generation that a list of suffixes names (`["Jr", "MD"]` is 2), or null. */
export function findGeneration(suffixes: readonly string[]): number | null {
  for (const suffix of suffixes) {
    for (const word of (foldText(suffix) ?? "").split(" ")) {
      const generation = generations.get(word);
      if (generation !== undefined) return generation;
    }
  }
  return null;
}

function isWritten(raw: string): boolean {
  return raw.trim() !== "";
}

interface SplitFamilyName {
  readonly parts: readonly string[];
  readonly generation: number | null;
}

function splitFamilyName(folded: string): SplitFamilyName {
  const { words, generation } = takeTrailingAffixes(folded === "" ? [] : folded.split(" "));
  const parts: string[] = [];
  let particles = "";
  for (const [index, word] of words.entries()) {
    const isLast = index === words.length - 1;
    if (!isLast && familyParticles.has(word)) particles += word;
    else if (isLast || index === 0 || particles !== "" || !familyConjunctions.has(word)) {
      parts.push(particles + word);
      particles = "";
    }
  }
  return { parts, generation };
}

interface SplitGivenNames {
  readonly first: string | null;
  readonly middle: readonly string[];
  readonly generation: number | null;
}

function splitGivenNames(folded: readonly string[]): SplitGivenNames {
  let generation: number | null = null;
  const names: string[] = [];
  for (const name of folded) {
    const taken = takeTrailingAffixes(withoutTitles(name.split(" ")), names.length > 0);
    generation ??= taken.generation;
    if (taken.words.length > 0) names.push(taken.words.join(" "));
  }
  return { first: names[0] ?? null, middle: names.slice(1), generation };
}

/** Drops titles from the front, but never the last word. */
function withoutTitles(words: readonly string[]): readonly string[] {
  let start = 0;
  while (start < words.length - 1 && titles.has(words[start] ?? "")) start++;
  return words.slice(start);
}

/**
 * Takes generations and degrees off the end, but never the first word of a name: Junior and Senior alone
 * are names. `mayTakeAll` is for a further given name, where ["John", "Jr"] means the generation.
 */
function takeTrailingAffixes(
  words: readonly string[],
  mayTakeAll = false,
): { words: readonly string[]; generation: number | null } {
  let end = words.length;
  let generation: number | null = null;
  while (end > (mayTakeAll ? 0 : 1)) {
    const word = words[end - 1] ?? "";
    if (generationsInsideNames.has(word)) generation ??= generations.get(word) ?? null;
    else if (!credentials.has(word) || mayTakeAll) break;
    end--;
  }
  return { words: words.slice(0, end), generation };
}
