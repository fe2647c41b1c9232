import { isWithinOneEdit } from "../comparators/osa.ts";
import {
  joinedStreetTypes,
  letteredDesignators,
  oftenMisspeltTypes,
  streetWords,
  unitDesignators,
} from "../reference/street-words.ts";
import { rememberResults } from "./bounded-memo.ts";
import { foldText } from "./text.ts";

/** One address line taken apart. */
export interface StreetLine {
  /** House number and name: "12 n main st"; null where the line has neither. */
  readonly street: string | null;
  readonly houseNumber: string | null;
  /** The street without its number, abbreviated. */
  readonly name: string | null;
  readonly unit: string | null;
  readonly poBox: string | null;
}

const nothing: StreetLine = { street: null, houseNumber: null, name: null, unit: null, poBox: null };

const poBoxPattern =
  /(?:^|\s)(?:(?:g ?)?p ?o ?(?:box|b)?|post(?:al)?(?: office)? box|post office|pob|box|postfach|postbus|apartado|casella postale|boite postale|locked bag|private bag)(?: no| number| nr)? ([a-z]?[0-9]+[a-z]?)$/u;

/** RR 2 Box 15, HC 1 Box 2, PSC 3 Box 44: a route, of which the box is a part. */
const routeWithBox = /(?:^|\s)(?:rr|hc|hcr|psc|rural route|star route|unit|cmr) [0-9]+/u;

/** "No. 12": the word before the number. */
const numberWords: ReadonlySet<string> = new Set(["no", "nr", "number", "num"]);

const houseNumberWord = /^[0-9]+[a-z]?$|^[0-9]+half$/u;

/** Names after which a number is the road's, not the house's: Highway 12, County Road 5, Avenue 3. */
const numberedRoad =
  /(?:^|\s)(?:hwy|rte|interstate|us|cr|sr|fm|rr|hc)$|^(?:(?:co|state|farm|ranch|forest|township|twp) )?(?:rd|ave|st)$/u;

/** Texts without any of these letters name no post office box. */
const mayHaveBox = /box|post|bag|apartado|casella|p ?o ?b\b/u;

/** What only shows before folding: 3/45, 12 1/2, #5, 12-14, C/ Mayor. */
const hasSigns = /[/#\u00bd\-\u2010-\u2015]/u;

/**
 * Takes one line apart, wherever the number stands: "12 Main Street Apt 5", "Flat 3, 12 High St",
 * "3/45 Smith St", "Hauptstraße 12a", "PO Box 123".
 */
export function parseStreetLine(raw: string | null): StreetLine {
  if (raw === null) return nothing;
  if (!hasSigns.test(raw)) return parseFoldedLine(foldText(raw), null, false);

  const slash = /^\s*(?:unit|flat|apt|villa)?\s*(\d+[a-z]?)\s*\/\s*(\d+[a-z]?)\b(?=\s+\S)/iu.exec(raw);
  const unitBeforeSlash =
    slash === null || (slash[1] === "1" && slash[2] === "2") ? null : (slash[1] ?? "").toLowerCase();
  const text =
    unitBeforeSlash === null || slash === null ? raw : raw.slice(slash[0].length - (slash[2] ?? "").length);
  const prepared = text
    .replace(/(\d)\s*(?:\u00bd|\s1\/2)(?=\s)/gu, "$1half")
    .replace(/^\s*c\//iu, "calle ")
    .replace(/#/gu, " unit ");
  const isRange = /^\s*\d+[a-z]?\s*[-\u2010-\u2015]\s*\d+/iu.test(text);
  return parseFoldedLine(foldText(prepared), unitBeforeSlash, isRange);
}

function parseFoldedLine(
  folded: string | null,
  unitBeforeSlash: string | null,
  isRange: boolean,
): StreetLine {
  if (folded === null) return nothing;
  const space = folded.indexOf(" ");
  const leading = !isRange && space > 0 && startsWithDigit(folded) ? folded.slice(0, space) : "";
  if (leading !== "" && houseNumberWord.test(leading)) {
    const { words, unit, poBox } = parseWords(folded.slice(space + 1));
    return joinLine(leading, words, unitBeforeSlash ?? unit, poBox);
  }
  const { words, unit, poBox } = parseWords(folded);
  const { houseNumber, name } = takeHouseNumber(words === null ? [] : words.split(" "), isRange);
  return joinLine(houseNumber, name, unitBeforeSlash ?? unit, poBox);
}

function joinLine(
  houseNumber: string | null,
  name: string | null,
  unit: string | null,
  poBox: string | null,
): StreetLine {
  const street = houseNumber === null ? name : name === null ? houseNumber : `${houseNumber} ${name}`;
  return { street, houseNumber, name, unit, poBox };
}

/** What the words of a folded line say, the house number in front of them taken off. */
export interface StreetWords {
  /** Abbreviated. */
  readonly words: string | null;
  readonly unit: string | null;
  readonly poBox: string | null;
}

/** Everything but the house number. */
export function readStreetWords(folded: string): StreetWords {
  const box = mayHaveBox.test(folded) && !routeWithBox.test(folded) ? poBoxPattern.exec(folded) : null;
  const withoutBox = box === null ? folded : folded.slice(0, box.index).trim();
  const { words, unit } = takeUnit(withoutBox === "" ? [] : withoutBox.split(" "));
  return { words: joinWords(abbreviate(words)), unit, poBox: box?.[1] ?? null };
}

/** Streets repeat far more often than addresses, so each is read once. */
const parseWords = rememberResults(readStreetWords);

/** A designator and the word after it, anywhere in the line: "apt 5b", "suite 200". The last one counts. */
function takeUnit(words: readonly string[]): { words: readonly string[]; unit: string | null } {
  let rest = words;
  let unit: string | null = null;
  for (let at = words.length - 2; at >= 0; at--) {
    if (!unitDesignators.has(words[at] ?? "")) continue;
    const value = words[at + 1] ?? "";
    if (!isUnitNumber(value, words[at] ?? "")) continue;
    // "apt unit 5" says it twice.
    const start = at > 0 && unitDesignators.has(words[at - 1] ?? "") ? at - 1 : at;
    rest = rest.toSpliced(start, at + 2 - start);
    unit ??= value;
    at = start;
  }
  return { words: rest, unit };
}

function isUnitNumber(value: string, designator: string): boolean {
  if (/^[a-z]$/u.test(value)) return letteredDesignators.has(designator);
  return /^[a-z]{0,2}[0-9]+[a-z]{0,2}$/u.test(value);
}

function abbreviate(words: readonly string[]): readonly string[] {
  const short: string[] = [];
  for (const word of findStreetType(words)) {
    const form = streetWords.get(word) ?? word;
    const previous = short.at(-1);
    if ((form === "e" || form === "w") && (previous === "n" || previous === "s")) {
      short[short.length - 1] = previous + form;
    } else {
      short.push(form);
    }
  }
  return short;
}

/**
 * The type in the last word that is not a number: joined to the name ("hauptstrasse 12" is "haupt", "strasse",
 * "12"), or misspelt ("duffy ytreet"). Both records are read alike, so a street that only looks misspelt loses
 * little.
 */
function findStreetType(words: readonly string[]): readonly string[] {
  let at = words.length - 1;
  while (at > 0 && !isNameWord(words[at] ?? "")) at--;
  const word = words[at] ?? "";
  if (word.length < 5 || streetWords.has(word)) return words;
  const joined = joinedStreetTypes.find((type) => word.endsWith(type) && word.length >= type.length + 3);
  if (joined !== undefined) return words.toSpliced(at, 1, word.slice(0, -joined.length), joined);
  const hasName = at > 1 || (at === 1 && !startsWithDigit(words[0] ?? ""));
  const misspelt = hasName ? oftenMisspeltTypes.find((type) => isWithinOneEdit(word, type)) : undefined;
  return misspelt === undefined ? words : words.with(at, misspelt);
}

function isNameWord(word: string): boolean {
  return word.length > 1 && !startsWithDigit(word);
}

function startsWithDigit(word: string): boolean {
  const code = word.charCodeAt(0);
  return code >= 48 && code <= 57;
}

function takeHouseNumber(
  words: readonly string[],
  isRange: boolean,
): { houseNumber: string | null; name: string | null } {
  const [first = "", second = ""] = words;
  if (numberWords.has(first) && houseNumberWord.test(second)) return takeHouseNumber(words.slice(1), isRange);
  if (startsWithDigit(first) && houseNumberWord.test(first)) {
    const isJoined = isRange && houseNumberWord.test(second);
    return {
      houseNumber: isJoined ? `${first}-${second}` : first,
      name: joinWords(words.slice(isJoined ? 2 : 1)),
    };
  }
  return takeTrailingNumber(words);
}

/** "haupt st 12 a": the number behind the name, its letter apart or not. */
function takeTrailingNumber(words: readonly string[]): { houseNumber: string | null; name: string | null } {
  const last = words.at(-1) ?? "";
  if (last.length > 1 && !startsWithDigit(last)) return { houseNumber: null, name: joinWords(words) };
  const hasLetterApart = /^[a-z]$/u.test(last) && /^[0-9]+$/u.test(words.at(-2) ?? "");
  const number = hasLetterApart ? (words.at(-2) ?? "") + last : last;
  const nameWords = words.slice(0, hasLetterApart ? -2 : -1);
  const name = joinWords(nameWords);
  if (name === null || !houseNumberWord.test(number) || numberedRoad.test(name)) {
    return { houseNumber: null, name: joinWords(words) };
  }
  return { houseNumber: number, name };
}

function joinWords(words: readonly string[]): string | null {
  return words.length === 0 ? null : words.join(" ");
}
