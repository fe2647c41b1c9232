import anyAscii from "any-ascii";

/** Signs that people write inside one word: O'Brien, N’Diaye, Hawaiʻi. They vanish instead of splitting it. */
const apostrophes = /['\u0060\u00b4\u02b9-\u02bf\u2018-\u201b\u2032\u2035\uff07]/gu;

/** The middle dot inside a Catalan double l ("Gal·la"). */
const middleDotBetweenLetters = /(?<=\p{L})\u00b7(?=\p{L})/gu;

const notLetterOrDigit = /[^a-z0-9]+/gu;

/**
 * Folds any text to lower-case ASCII words: Unicode form, case, accents, ligatures and punctuation no longer
 * matter, and scripts other than Latin are transliterated. Apostrophes vanish, every other run of signs and
 * spaces becomes one space. Never cuts, whatever the length.
 *
 * @returns letters a-z, digits and single inner spaces; null where nothing is left ("." or " ").
 */
export function foldText(text: string): string | null {
  const folded = foldByNeed(text);
  return folded === "" ? null : folded;
}

/** The folded text without its spaces: "de la cruz" and "Delacruz" are both "delacruz". */
export function compactText(folded: string): string {
  return folded.includes(" ") ? folded.replaceAll(" ", "") : folded;
}

const needsNothing = 0;
const needsLowerCase = 1;
const needsCleaning = 2;
const needsUnicode = 3;

/** Most values are plain ASCII; only the rest pays for Unicode. */
function foldByNeed(text: string): string {
  switch (findNeed(text)) {
    case needsNothing:
      return text;
    case needsLowerCase:
      return text.toLowerCase();
    case needsCleaning:
      return clean(text.toLowerCase());
    default:
      return foldUnicode(text);
  }
}

function foldUnicode(text: string): string {
  const words = text
    // Before NFKC, which would turn the acute accent used as an apostrophe into a space.
    .normalize("NFC")
    .replace(apostrophes, "")
    .normalize("NFKC")
    .replace(apostrophes, "")
    .replace(middleDotBetweenLetters, "")
    // Lower-case first, so that letters with a case of their own romanise alike in both.
    .toLowerCase();
  return clean(anyAscii(words).toLowerCase());
}

function clean(lowerCaseAscii: string): string {
  return lowerCaseAscii.replace(/['`]/gu, "").replace(notLetterOrDigit, " ").trim();
}

/** The least of the four that makes the text folded. */
function findNeed(text: string): number {
  let need = needsNothing;
  let previousIsSpace = true;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 128) return needsUnicode;
    const isSpace = code === 32;
    if (code >= 65 && code <= 90) need = Math.max(need, needsLowerCase);
    else if (isSpace ? previousIsSpace : !isLowerCaseOrDigit(code)) need = needsCleaning;
    previousIsSpace = isSpace;
  }
  return previousIsSpace ? needsCleaning : need;
}

function isLowerCaseOrDigit(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
}
