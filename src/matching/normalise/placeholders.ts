import {
  builtInPlaceholders,
  type PlaceholderExtension,
  type PlaceholderList,
} from "../reference/placeholders.ts";
import { compactText, foldText } from "./text.ts";

/**
 * "Baby boy of Maria", "Infant male B", "Twin 2", "BB1", "Maria's girl": what a maternity ward writes before there
 * is a name.
 */
const newbornLabel =
  /^[a-z]+s (?:baby|boy|girl|twin)(?: (?:[a-f]|[1-6]))?$|^(?:(?:baby|infant|newborn|nb)(?:boy|girl|male|female)?|twin|triplet|babe|bb|bg|boy|girl)(?: (?:[a-f]|[1-6]|i{1,3}|boy|girl|male|female|of|twin|triplet)\b.*| ?[1-6])$/u;

const unknownLabel = /^(?:unknown|unk|unidentified|anonymous|anon)(?: .*| ?[0-9]+)$/u;

const testLabel = /^z{2,}test|^test ?[0-9]+$/u;

/** How the labels above, a ward's numbers for its newborns, and repeated letters may begin; see mayBeginLabel. */
const labelBeginning =
  /s$|^[a-z]+s (?:baby|boy|girl|twin)|^(?:(?:baby|infant|newborn|nb)(?:boy|girl|male|female)?|twin|triplet|babe|bb|bg|boy|girl|unknown|unk|unidentified|anonymous|anon|test|z{2,}test[a-z0-9]*)(?: |$)|^([a-z0-9])(?: |\1)*$/u;

/**
 * The list with a site's own entries added. The version names both.
 */
export function extendPlaceholders(base: PlaceholderList, extension: PlaceholderExtension): PlaceholderList {
  return {
    version: `${base.version}+${extension.version}`,
    names: union(base.names, extension.names, foldText),
    givenNames: union(base.givenNames, extension.givenNames, foldText),
    familyNames: union(base.familyNames, extension.familyNames, foldText),
    fullNames: union(base.fullNames, extension.fullNames, foldText),
    dates: new Set([
      ...base.dates,
      ...(extension.dates ?? []).map((date) => Number(date.replaceAll("-", ""))),
    ]),
    socialSecurityNumbers: union(base.socialSecurityNumbers, extension.identifiers, digitsOf),
    identifiers: union(base.identifiers, extension.identifiers, lettersAndDigitsOf),
    phones: union(base.phones, extension.phones, digitsOf),
    emails: union(base.emails, extension.emails, (email) => email.trim().toLowerCase()),
    emailLocalParts: base.emailLocalParts,
    emailDomains: base.emailDomains,
    addresses: union(base.addresses, extension.addresses, foldText),
  };
}

/** @param folded a given name as foldText gives it. */
export function isPlaceholderGivenName(folded: string, list: PlaceholderList = builtInPlaceholders): boolean {
  return list.givenNames.has(folded) || isPlaceholderName(folded, list) || newbornLabel.test(folded);
}

/** @param folded a family name as foldText gives it. */
export function isPlaceholderFamilyName(
  folded: string,
  list: PlaceholderList = builtInPlaceholders,
): boolean {
  return list.familyNames.has(folded) || isPlaceholderName(folded, list);
}

/** John Doe: two words that are real names apart and a placeholder together. Both as foldText gives them. */
export function isPlaceholderFullName(
  foldedGiven: string,
  foldedFamily: string,
  list: PlaceholderList = builtInPlaceholders,
): boolean {
  return list.fullNames.has(`${foldedGiven} ${foldedFamily}`);
}

/** One digit or letter repeated: "0000000", "XXX". */
export function isOneCharacterRepeated(text: string): boolean {
  for (let i = 1; i < text.length; i++) {
    if (text.charCodeAt(i) !== text.charCodeAt(0)) return false;
  }
  return text.length > 0;
}

/** 123456, 34567890, 987654: each digit one more, or each one less, than the one before; 0 follows 9. */
export function isDigitRun(digits: string): boolean {
  if (digits.length < 2) return false;
  const step = stepBetween(digits, 1);
  if (step !== 1 && step !== 9) return false;
  for (let i = 2; i < digits.length; i++) {
    if (stepBetween(digits, i) !== step) return false;
  }
  return true;
}

/**
 * False where no further given names make a placeholder, or the number of a newborn, of a first one: "Marias" may
 * go on as "Marias baby", and "No" as "No name".
 *
 * @param folded the first given name as foldText gives it, not empty.
 */
export function mayBeginLabel(folded: string, list: PlaceholderList = builtInPlaceholders): boolean {
  const isBeginning = (label: string) => label.startsWith(`${folded} `);
  return (
    labelBeginning.test(folded) || [...list.givenNames].some(isBeginning) || [...list.names].some(isBeginning)
  );
}

function isPlaceholderName(folded: string, list: PlaceholderList): boolean {
  if (list.names.has(folded)) return true;
  if (unknownLabel.test(folded) || testLabel.test(folded)) return true;
  const compact = compactText(folded);
  return compact.length >= 3 && isOneCharacterRepeated(compact);
}

function stepBetween(digits: string, at: number): number {
  return (digits.charCodeAt(at) - digits.charCodeAt(at - 1) + 10) % 10;
}

function union(
  base: ReadonlySet<string>,
  added: readonly string[] | undefined,
  normalise: (value: string) => string | null,
): ReadonlySet<string> {
  if (added === undefined) return base;
  const values = added.map(normalise).filter((value) => value !== null && value !== "") as string[];
  return new Set([...base, ...values]);
}

function digitsOf(value: string): string {
  return value.replace(/[^0-9]/gu, "");
}

function lettersAndDigitsOf(value: string): string {
  return value.toUpperCase().replace(/[^A-Z0-9]/gu, "");
}
