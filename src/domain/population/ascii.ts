const OTHER_LETTERS: Readonly<Record<string, string>> = {
  Đ: "D",
  đ: "d",
  Ł: "L",
  ł: "l",
  Ø: "O",
  ø: "o",
  Å: "A",
  å: "a",
  Æ: "AE",
  æ: "ae",
  ß: "ss",
};

const folded = new Map<string, string>();

/** The text without accents, as systems of the telegraph's descent keep it. Remembers what it was asked. */
export function dropAccents(text: string): string {
  if (isAscii(text)) return text;
  const known = folded.get(text);
  if (known !== undefined) return known;
  let result = "";
  for (const letter of text) {
    result += OTHER_LETTERS[letter] ?? letter.normalize("NFD").replace(/[^ -~]/g, "");
  }
  if (folded.size < 50_000) folded.set(text, result);
  return result;
}

/** True where two texts differ in accents, case and punctuation at most. */
export function hasSameLetters(a: string, b: string): boolean {
  return lettersOf(a) === lettersOf(b);
}

function lettersOf(text: string): string {
  return dropAccents(text)
    .replace(/[^A-Za-z0-9]/g, "")
    .toLowerCase();
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 126) return false;
  return true;
}
