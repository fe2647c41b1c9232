import {
  credentials,
  familyConjunctions,
  familyParticles,
  generations,
  generationsInsideNames,
  titles,
} from "../reference/name-affixes.ts";
import { foldText } from "./text.ts";

/** A family name taken apart. */
export interface FamilyNameParts {
  /** In the order received, particles joined to the part that follows. */
  readonly parts: readonly string[];
  /** 1 senior, 2 junior or second, 3 third…; null where the name says none. */
  readonly generation: number | null;
}

/** A given name without titles and generations. */
export interface GivenNameParts {
  /** Words separated by single spaces; "" where only a generation was there. */
  readonly name: string;
  readonly generation: number | null;
}

/** @param folded a family name as foldText gives it. */
export function splitFamilyName(folded: string): FamilyNameParts {
  const { words, generation } = takeTrailingAffixes(folded.split(" "), 1, true);
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

/** @param folded the first given name as foldText gives it. Junior alone is a name. */
export function splitFirstGivenName(folded: string): GivenNameParts {
  return splitGivenName(folded, 1);
}

/** @param folded a second or later given name as foldText gives it. Junior alone is a generation. */
export function splitFurtherGivenName(folded: string): GivenNameParts {
  return splitGivenName(folded, 0);
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

function splitGivenName(folded: string, fewestWords: number): GivenNameParts {
  const { words, generation } = takeTrailingAffixes(withoutTitles(folded.split(" ")), fewestWords, false);
  return { name: words.join(" "), generation };
}

/** Drops titles from the front, but never the last word. */
function withoutTitles(words: readonly string[]): readonly string[] {
  let start = 0;
  while (start < words.length - 1 && titles.has(words[start] ?? "")) start++;
  return start === 0 ? words : words.slice(start);
}

/** Takes generations and degrees off the end, as long as more than `fewestWords` are there. */
function takeTrailingAffixes(
  words: readonly string[],
  fewestWords: number,
  hasCredentials: boolean,
): { words: readonly string[]; generation: number | null } {
  let end = words.length;
  let generation: number | null = null;
  while (end > fewestWords) {
    const word = words[end - 1] ?? "";
    if (generationsInsideNames.has(word)) generation ??= generations.get(word) ?? null;
    else if (!hasCredentials || !credentials.has(word)) break;
    end--;
  }
  return { words: end === words.length ? words : words.slice(0, end), generation };
}
