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
  const folded = isFolded(text) ? text : foldCharacters(text);
  return folded === "" ? null : folded;
}

/** The folded text without its spaces: "de la cruz" and "Delacruz" are both "delacruz". */
export function compactText(folded: string): string {
  return folded.includes(" ") ? folded.replaceAll(" ", "") : folded;
}

function foldCharacters(text: string): string {
  const words = text
    // Before NFKC, which would turn the acute accent used as an apostrophe into a space.
    .normalize("NFC")
    .replace(apostrophes, "")
    .normalize("NFKC")
    .replace(apostrophes, "")
    .replace(middleDotBetweenLetters, "")
    // Lower-case first, so that letters with a case of their own romanise alike in both.
    .toLowerCase();
  return anyAscii(words).toLowerCase().replace(apostrophes, "").replace(notLetterOrDigit, " ").trim();
}

/** True for text that folding would leave as it is; the common case once a value has been folded. */
function isFolded(text: string): boolean {
  let previousIsSpace = true;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isSpace = code === 32;
    if (isSpace ? previousIsSpace : !isLetterOrDigit(code)) return false;
    previousIsSpace = isSpace;
  }
  return !previousIsSpace;
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
}
