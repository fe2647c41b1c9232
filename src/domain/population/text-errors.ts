import type { Random } from "./random.ts";
import { readTable } from "./table-files.ts";

/** A way of getting a text wrong; the same text back where it has nothing to get wrong. */
export type TextError = (random: Random, text: string) => string;

export interface TextErrors {
  /** A key beside the right one, a key missed, a key too many. */
  readonly typing: TextError;
  /** Like `typing`, but a digit stays a digit and none is added or lost. */
  readonly digit: TextError;
  /** Letters that a scanner takes for others. */
  readonly ocr: TextError;
  /** Written as it was heard. */
  readonly phonetic: TextError;
  /** Two neighbouring characters change places. */
  readonly transposition: TextError;
}

interface Replacement {
  readonly from: string;
  readonly to: string;
}

export function readTextErrors(): TextErrors {
  const neighbours = new Map<string, string>();
  for (const row of readTable("keyboard.csv", ["key", "neighbours"])) neighbours.set(row.key, row.neighbours);
  const ocr = readTable("ocr.csv", ["from", "to"]);
  const phonetic = readTable("phonetic.csv", ["from", "to"]);
  return {
    typing: (random, text) => mistype(random, text, neighbours),
    digit: (random, text) => mistypeDigit(random, text, neighbours),
    ocr: (random, text) => replaceOne(random, text, ocr),
    phonetic: (random, text) => replaceOne(random, text, phonetic),
    transposition: transpose,
  };
}

/** People seldom get the first letter wrong: in 1 to 15 % of the misspellings of the studies in Kukich 1992. */
function errorPosition(random: Random, text: string): number {
  return text.length > 1 && !random.chance(0.08) ? 1 + random.below(text.length - 1) : 0;
}

function mistype(random: Random, text: string, neighbours: ReadonlyMap<string, string>): string {
  if (text === "") return text;
  const at = errorPosition(random, text);
  const letter = text[at]!;
  const near = neighbours.get(letter.toLowerCase());
  const style = random.below(100);
  // Damerau 1964: four of five misspellings are one wrong, missing or extra letter, or two exchanged.
  if (style < 50 && near !== undefined)
    return splice(text, at, 1, sameCase(near[random.below(near.length)]!, letter));
  if (style < 75 && text.length > 2) return splice(text, at, 1, "");
  return splice(
    text,
    at + 1,
    0,
    near === undefined || random.chance(0.5) ? letter.toLowerCase() : near[random.below(near.length)]!,
  );
}

function mistypeDigit(random: Random, text: string, neighbours: ReadonlyMap<string, string>): string {
  if (text === "") return text;
  const at = random.below(text.length);
  const digit = text[at]!;
  const near = (neighbours.get(digit) ?? "").replace(/\D/g, "");
  if (near === "") return text;
  // Half of them one key off, half any digit misread.
  const wrong = random.chance(0.5)
    ? near[random.below(near.length)]!
    : String((Number(digit) + random.between(1, 9)) % 10);
  return splice(text, at, 1, wrong);
}

function transpose(random: Random, text: string): string {
  if (text.length < 2) return text;
  const at = text.length > 2 && !random.chance(0.08) ? 1 + random.below(text.length - 2) : 0;
  const [first, second] = [text[at]!, text[at + 1]!];
  return splice(text, at, 2, sameCase(second, first) + sameCase(first, second));
}

function replaceOne(random: Random, text: string, rules: readonly Replacement[]): string {
  const lower = text.toLowerCase();
  const first = random.below(rules.length);
  for (let i = 0; i < rules.length; i++) {
    const { from, to } = rules[(first + i) % rules.length]!;
    const at = lower.indexOf(from, random.chance(0.1) ? 0 : 1);
    // A few letters change their length in lower case; the positions then do not fit.
    if (at >= 0 && lower.length === text.length)
      return splice(text, at, from.length, sameCase(to, text[at]!));
  }
  return text;
}

function splice(text: string, at: number, remove: number, insert: string): string {
  return text.slice(0, at) + insert + text.slice(at + remove);
}

function sameCase(insert: string, like: string): string {
  return like !== like.toLowerCase()
    ? insert.charAt(0).toUpperCase() + insert.slice(1)
    : insert.toLowerCase();
}
